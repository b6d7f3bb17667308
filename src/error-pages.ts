import { createHash } from 'node:crypto'
import type { OpenApiDocument } from './platform/http/openapi.ts'
import type { Page, PageAnswer } from './platform/http/page.ts'
import { RouteNotFound } from './platform/http/problems.ts'

const style = `
:root { color-scheme: light dark; --ground: #f6f7f9; --card: #fff; --text: #1f2328; --quiet: #59636e; --line: #d1d9e0; --accent: #0b57d0 }
@media (prefers-color-scheme: dark) { :root { --ground: #14171a; --card: #1d2125; --text: #e6e9ec; --quiet: #9aa4ae; --line: #3a4149; --accent: #a8c7fa } }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
main { max-width: 44rem; margin: 0 auto; padding: 2rem 1rem 4rem }
h1 { margin: .25rem 0 1rem; font-size: 1.375rem; line-height: 1.3 }
h2 { margin: 2rem 0 .5rem; font-size: 1rem }
a { color: var(--accent) }
code { font-size: .95em }
.status, .quiet { color: var(--quiet) }
.card { padding: 1.25rem 1.5rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem }
.card p { margin: 0 }
ul { margin: 0; padding: 0; list-style: none }
li { padding: .5rem 0; border-top: 1px solid var(--line) }
li p { margin: 0 }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
`

/** The Content-Security-Policy of the pages about problems: their own style, and nothing else. */
export const errorPagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** `/errors` and a page per code: where the `type` of every problem answer leads. */
export function errorPages(document: () => OpenApiDocument): Page[] {
  return [
    { method: 'GET', path: '/errors', handle: () => html(renderIndex(document())) },
    {
      method: 'GET',
      path: '/errors/:code',
      handle: ({ params }) => {
        const problem = document()['x-problems'].find(({ code }) => code === params.code)
        if (!problem) throw RouteNotFound()
        return html(renderProblem(problem, document()))
      },
    },
  ]
}

function html(body: string): PageAnswer {
  const headers = { 'Content-Security-Policy': errorPagePolicy, 'Cache-Control': 'no-cache' }
  return { status: 200, type: 'text/html; charset=utf-8', body, headers }
}

type Described = OpenApiDocument['x-problems'][number]

function renderProblem({ code, status, title }: Described, document: OpenApiDocument): string {
  const operations = operationsWith(code, document).map(
    ({ operationId, tag, summary }) =>
      `<li><a href="/docs#/${encodeURIComponent(tag)}/${operationId}">${escapeHtml(summary)}</a> <code class="quiet">${operationId}</code></li>`,
  )
  return page(
    code,
    `<p class="status">Status ${status}</p>
<h1><code>${code}</code></h1>
<div class="card"><p>${marked(title)}</p></div>
<p class="quiet">The <code>detail</code> and the <code>errors</code> of the answer say what it was in your case. If you ask for help, name its <code>request_id</code>.</p>
${operations.length > 0 ? `<h2>Operations that can answer it</h2>\n<ul>${operations.join('\n')}</ul>` : ''}
<p><a href="/errors">All problems</a> · <a href="/docs">API reference</a></p>`,
  )
}

function operationsWith(code: string, { paths }: OpenApiDocument): { operationId: string; tag: string; summary: string }[] {
  return Object.values(paths)
    .flatMap((methods) => Object.values(methods))
    .filter(({ responses }) => Object.values(responses).some(({ $ref }) => String($ref).split('.').includes(code)))
    .map(({ operationId, tags, summary }) => ({ operationId, tag: tags[0] ?? '', summary }))
}

function renderIndex({ 'x-problems': problems }: OpenApiDocument): string {
  const byStatus = problems.toSorted((a, b) => a.status - b.status)
  const items = byStatus.map(
    ({ code, status, title }) =>
      `<li><p><a href="/errors/${code}"><code>${code}</code></a> <span class="status">${status}</span></p><p class="quiet">${marked(title)}</p></li>`,
  )
  return page(
    'Problems',
    `<h1>Problems</h1>
<p class="quiet">Every answer that is not a success is <code>application/problem+json</code> (RFC 9457) with one of these codes. Programs decide by the code: it never changes.</p>
<ul>${items.join('\n')}</ul>`,
  )
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`
}

/** Text with its \`words of code\` marked. */
export function marked(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>')
}

/** Text as it may stand between tags and inside a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

import { escapeHtml } from './token-page.ts'

/** A mail that was kept instead of sent; `headers` are what else stands in its head, `created_at` is RFC 3339 in UTC. */
export type OutboxMail = {
  id: string
  to: string
  subject: string
  text: string
  html: string | null
  headers: Record<string, string>
  created_at: string
}

/**
 * The Content-Security-Policy of the outbox page. The mails' own HTML inherits it: inline styles show, scripts do not run,
 * and remote pictures are not fetched.
 */
export const outboxPagePolicy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const style = `
:root { color-scheme: light dark; --ground: #f6f7f9; --card: #fff; --text: #1f2328; --quiet: #59636e; --line: #d1d9e0; --accent: #0b57d0; --hint: #fff4d6; --on-hint: #5c4300 }
@media (prefers-color-scheme: dark) { :root { --ground: #14171a; --card: #1d2125; --text: #e6e9ec; --quiet: #9aa4ae; --line: #3a4149; --accent: #a8c7fa; --hint: #3a2f10; --on-hint: #f3dfa6 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
main { max-width: 46rem; margin: 0 auto; padding: 2rem 1rem 4rem }
header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline }
h1 { margin: 0; font-size: 1.5rem }
h2 { margin: 0; font-size: 1rem; line-height: 1.35 }
a { color: var(--accent) }
header a { margin-left: auto }
.hint { margin: .75rem 0 1.5rem; padding: .6rem .9rem; border-radius: .5rem; background: var(--hint); color: var(--on-hint); font-size: .9rem }
.quiet { color: var(--quiet); font-size: .875rem }
.mail { margin-bottom: .75rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem }
.mail > summary { padding: .8rem 1.1rem; cursor: pointer; list-style: none; border-radius: .75rem }
.mail > summary::-webkit-details-marker { display: none }
.mail > summary h2::after { content: '▸' / ''; float: right; margin-left: 1rem; color: var(--quiet) }
.mail[open] > summary h2::after { content: '▾' / '' }
.mail > summary:hover h2 { text-decoration: underline }
.mail[open] > summary { border-bottom: 1px solid var(--line); border-radius: .75rem .75rem 0 0 }
.meta { display: flex; flex-wrap: wrap; gap: 0 1rem; margin: .1rem 0 0 }
@media (min-width: 40rem) { .meta time { margin-left: auto } }
.headers { display: grid; grid-template-columns: max-content 1fr; gap: 0 .75rem; margin: 0; padding: .8rem 1.1rem 0 }
.headers dd { margin: 0 }
.text { margin: 0; padding: 1.1rem; font: inherit; white-space: pre-wrap }
.html { padding: 0 1.1rem 1.1rem }
.html > summary { color: var(--quiet); font-size: .875rem; cursor: pointer }
iframe { display: block; width: 100%; height: 18rem; margin-top: .6rem; resize: vertical; border: 1px solid var(--line); border-radius: .5rem; background: #fff; color-scheme: light }
.empty { padding: 3rem 1.5rem; text-align: center; border: 1px dashed var(--line); border-radius: .75rem }
.empty p { max-width: 32rem; margin: .5rem auto 0; color: var(--quiet) }
code { font-size: .9em }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
`

/** The development outbox for people: a whole HTML page with the mails, newest first and that one open. It needs no script. */
export function renderOutboxPage(mails: OutboxMail[]): string {
  const newestFirst = mails.toSorted((a, b) => compare(b.created_at, a.created_at) || compare(b.id, a.id))

  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${mails.length === 0 ? 'Outbox' : `Outbox (${mails.length})`}</title>
<style>${style}</style>
</head>
<body>
<main>
<header>
<h1>Outbox</h1>
<span class="quiet">${countInWords(mails.length)}</span>
<a href="">Look for new mail</a>
</header>
<p class="hint">This page exists only in development: no mail transport is set, so mails are kept here and reach nobody. Set <code>BECKON_MAIL_URL</code> to send them.</p>
${mails.length === 0 ? emptyState : newestFirst.map(renderMail).join('\n')}
</main>
</body>
</html>
`
}

const emptyState = `<section class="empty">
<h2>No mail yet</h2>
<p>Whatever Beckon would send lands here: register with <code>POST /v1/auth/register</code>, ask for a new password, or answer a ticket, then look again.</p>
</section>`

function renderMail(mail: OutboxMail, index: number): string {
  return `<details class="mail" id="${escapeHtml(mail.id)}"${index === 0 ? ' open' : ''}>
<summary>
<h2 dir="auto">${escapeHtml(mail.subject) || '(no subject)'}</h2>
<p class="meta quiet"><span>To <bdi>${escapeHtml(mail.to)}</bdi></span><time datetime="${escapeHtml(mail.created_at)}">${escapeHtml(timeInWords(mail.created_at))}</time></p>
</summary>
${renderHeaders(mail.headers)}<pre class="text" dir="auto">${linked(mail.text)}</pre>
${mail.html === null ? '' : renderHtmlVersion(mail.html)}
</details>`
}

function renderHeaders(headers: OutboxMail['headers']): string {
  const rows = Object.entries(headers).map(
    ([name, value]) => `<dt>${escapeHtml(name)}</dt><dd dir="auto">${escapeHtml(value)}</dd>`,
  )
  return rows.length === 0 ? '' : `<dl class="headers quiet">${rows.join('')}</dl>\n`
}

// The frame may open links in new tabs, which are then ordinary pages; it may not run scripts, send forms or see this page.
function renderHtmlVersion(html: string): string {
  const whole = `<!doctype html><base target="_blank">${html}`
  return `<details class="html">
<summary>HTML version</summary>
<iframe title="HTML version" loading="lazy" referrerpolicy="no-referrer" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="${escapeHtml(whole)}"></iframe>
</details>`
}

function linked(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>"'`]+)/i)
    .map((part, index) => (index % 2 === 1 ? linkedUrl(part) : escapeHtml(part)))
    .join('')
}

// A full stop or a bracket after an address belongs to the sentence, unless the address has an opening bracket itself.
function linkedUrl(found: string): string {
  const url = found.replace(found.includes('(') ? /[.,;:!?\]}]+$/ : /[.,;:!?\]})]+$/, '')
  if (!URL.canParse(url)) return escapeHtml(found)
  const link = `<a href="${escapeHtml(url)}" target="_blank" rel="noopener noreferrer">${escapeHtml(url)}</a>`
  return link + escapeHtml(found.slice(url.length))
}

function timeInWords(time: string): string {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) return time
  return `${date.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' })} UTC`
}

function countInWords(count: number): string {
  return count === 1 ? '1 mail' : `${count} mails`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

import { createHash } from 'node:crypto'

/** An input on the page; `name` is its key in the JSON that is sent. */
type TokenField = {
  name: string
  label: string
  type: 'password' | 'email' | 'text'
  autocomplete?: 'new-password' | 'current-password' | 'username' | 'email' | 'name' | 'off'
  hint?: string
}

/** What one such page says and does; `action` is a path of this server, `doneText` is what a person reads after success. */
export type TokenPage = {
  title: string
  intro: string
  action: string
  token: string
  fields: TokenField[]
  submitLabel: string
  doneText?: string
}

const style = `
:root { color-scheme: light dark; --ground: #f6f7f9; --card: #fff; --text: #1f2328; --quiet: #59636e; --line: #d1d9e0; --accent: #0b57d0; --on-accent: #fff; --bad: #b3261e; --good: #146c2e }
@media (prefers-color-scheme: dark) { :root { --ground: #14171a; --card: #1d2125; --text: #e6e9ec; --quiet: #9aa4ae; --line: #3a4149; --accent: #a8c7fa; --on-accent: #062e6f; --bad: #ffb4ab; --good: #7fd99a } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; min-height: 100dvh; display: grid; place-items: center; padding: 1rem; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 26rem; padding: 2rem 1.75rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; overflow-wrap: anywhere }
h1 { margin: 0 0 .5rem; font-size: 1.375rem; line-height: 1.25 }
p { margin: 0 }
.intro, .hint, #trace { color: var(--quiet) }
.hint, #trace, .error { font-size: .875rem }
.field { margin-top: 1.25rem }
label { display: block; margin-bottom: .25rem; font-weight: 600 }
input { width: 100%; padding: .6rem .75rem; font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--line); border-radius: .5rem }
input[aria-invalid="true"] { border-color: var(--bad) }
input[aria-invalid="true"] ~ .hint { display: none }
button { width: 100%; margin-top: 1.5rem; padding: .7rem 1rem; font: inherit; font-weight: 600; color: var(--on-accent); background: var(--accent); border: 0; border-radius: .5rem; cursor: pointer }
button[aria-disabled="true"] { opacity: .6; cursor: progress }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
#message { white-space: pre-line }
#message:not(:empty) { margin-top: 1.25rem; font-weight: 600 }
#message.bad, .error { color: var(--bad) }
#message.good { color: var(--good) }
[hidden] { display: none }
`

// Constant, so that the policy can name its hash; whatever differs from page to page it reads from the document.
// It writes text only, and never reads the body of a success: that body holds a session.
const script = `
const form = document.querySelector('form')
const message = document.getElementById('message')
const trace = document.getElementById('trace')
const button = form.querySelector('button')
const inputs = [...form.querySelectorAll('.field input')]

const say = (kind, text) => {
  message.className = kind
  message.textContent = text
}

const clear = () => {
  say('', '')
  trace.textContent = ''
  for (const input of inputs) {
    input.removeAttribute('aria-invalid')
    document.getElementById(input.name + '-error').textContent = ''
  }
}

const reveal = (name) => {
  const input = inputs.find((candidate) => candidate.name === name)
  if (!input || !input.disabled) return
  input.disabled = false
  input.closest('.field').hidden = false
}

const explain = (problem) => {
  const lines = [problem.title, problem.detail].filter((line, at, all) => typeof line === 'string' && line && all.indexOf(line) === at)
  for (const error of Array.isArray(problem.errors) ? problem.errors : []) {
    const input = inputs.find((candidate) => !candidate.disabled && '/' + candidate.name === error.pointer)
    if (!input) {
      if (typeof error.detail === 'string') lines.push(error.detail)
      continue
    }
    input.setAttribute('aria-invalid', 'true')
    document.getElementById(input.name + '-error').textContent = error.detail || 'This does not fit.'
  }
  say('bad', lines.join('\\n') || 'That did not work. Try again later.')
  if (typeof problem.request_id === 'string') trace.textContent = 'If you ask for help, name ' + problem.request_id + '.'
  const wrong = inputs.find((input) => input.getAttribute('aria-invalid') === 'true')
  if (wrong) wrong.focus()
}

const send = async () => {
  const what = { token: form.elements.token.value }
  for (const input of inputs) if (!input.disabled) what[input.name] = input.value
  const answer = await fetch(form.dataset.action, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(what),
    credentials: 'omit',
    redirect: 'error',
    cache: 'no-store',
  }).catch(() => null)
  if (!answer) return say('bad', 'The server could not be reached. Check your connection and try again.')
  if (answer.ok) {
    form.hidden = true
    document.querySelector('.intro').hidden = true
    history.replaceState(null, '', location.pathname)
    return say('good', form.dataset.done)
  }
  const problem = await answer.json().catch(() => null)
  if (!problem || typeof problem !== 'object') return say('bad', 'The server gave no usable answer (' + answer.status + '). Try again later.')
  if (answer.status === 422 && problem.code === 'password_required') {
    reveal('password')
    say('', problem.detail || problem.title || 'Choose a password to go on.')
    return inputs.find((input) => input.name === 'password').focus()
  }
  explain(problem)
}

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  if (button.getAttribute('aria-disabled') === 'true') return
  clear()
  button.setAttribute('aria-disabled', 'true')
  button.setAttribute('aria-busy', 'true')
  await send().catch(() => say('bad', 'That did not work. Try again later.'))
  button.removeAttribute('aria-disabled')
  button.removeAttribute('aria-busy')
})
`

/** The Content-Security-Policy of a token page: its own style and script, by their hashes, and requests to this origin. */
export const tokenPagePolicy = [
  "default-src 'none'",
  `script-src '${sha256(script)}'`,
  `style-src '${sha256(style)}'`,
  'img-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * The page behind a link in a mail. Opening it spends nothing: only its button POSTs `{token, …fields}` as JSON to `action`,
 * and tells how that went in the words of the answer. Where the answer is 422 `password_required` it asks for a password.
 * Throws a TypeError if `action` is not a path of this server.
 */
export function renderTokenPage({ title, intro, action, token, fields, submitLabel, doneText }: TokenPage): string {
  if (!isOwnPath(action)) throw new TypeError(`Not a path of this server: ${action}`)
  const done = doneText ?? 'Done. You can close this page now.'
  const asksPassword = fields.some((field) => field.name === 'password')

  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p class="intro">${escapeHtml(intro)}</p>
<form data-action="${escapeHtml(action)}" data-done="${escapeHtml(done)}">
<input type="hidden" name="token" value="${escapeHtml(token)}" autocomplete="off">
${fields.map((field) => renderField(field, { isHidden: false })).join('\n')}
${asksPassword ? '' : renderField(passwordOnDemand, { isHidden: true })}
<button>${escapeHtml(submitLabel)}</button>
</form>
<p id="message" role="status"></p>
<p id="trace"></p>
<noscript><p class="error">This page needs JavaScript to go on.</p></noscript>
</main>
<script>${script}</script>
</body>
</html>
`
}

const passwordOnDemand: TokenField = {
  name: 'password',
  label: 'Password',
  type: 'password',
  autocomplete: 'new-password',
  hint: 'At least 10 characters.',
}

function renderField({ name, label, type, autocomplete, hint }: TokenField, { isHidden }: { isHidden: boolean }): string {
  const id = escapeHtml(name)
  return `<div class="field"${isHidden ? ' hidden' : ''}>
<label for="${id}">${escapeHtml(label)}</label>
<input id="${id}" name="${id}" type="${escapeHtml(type)}" autocomplete="${escapeHtml(autocomplete ?? 'off')}" aria-describedby="${id}-hint ${id}-error" required${isHidden ? ' disabled' : ''}>
<p class="hint" id="${id}-hint">${escapeHtml(hint ?? '')}</p>
<p class="error" id="${id}-error"></p>
</div>`
}

/** Text as it may stand between tags and inside a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

function isOwnPath(path: string): boolean {
  const origin = 'http://this.invalid'
  return path.startsWith('/') && URL.parse(path, origin)?.origin === origin
}

// A source of a policy (CSP Level 3 §2.3.1).
function sha256(source: string): string {
  return `sha256-${createHash('sha256').update(source).digest('base64')}`
}

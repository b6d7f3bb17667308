// One conversation in a page. Serve the folder `examples`, and let its origin in at Beckon:
//   BECKON_CORS_ORIGINS=http://127.0.0.1:8080 npm start
//   npx http-server examples -p 8080        then http://127.0.0.1:8080/browser/
import { follow } from '../follow.js'

const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id))
const signingIn = /** @type {HTMLFormElement} */ (byId('signing-in'))
const writing = /** @type {HTMLFormElement} */ (byId('writing'))
const body = /** @type {HTMLTextAreaElement} */ (byId('body'))
const tell = (/** @type {string} */ text) => {
  byId('state').textContent = text
}

/** What was sent and is not in the conversation yet, by client_id. @type {Map<string, string>} */
const pending = new Map()
/** Who is writing, by id, and the timer that forgets it. @type {Map<string, { name: string, timer: number }>} */
const writers = new Map()

/** @param {string} name @param {string} className @param {(item: HTMLElement) => void} fill */
function bubble(name, className, fill) {
  const item = Object.assign(document.createElement('li'), { className })
  const content = document.createElement('div')
  item.append(Object.assign(document.createElement('p'), { className: 'who', textContent: name }), content)
  fill(content)
  return item
}

/** @param {import('../apply.js').Held} held */
function show({ messages, tickets }) {
  const all = [...messages.values()].sort((a, b) => (a.created_at < b.created_at ? -1 : 1))
  for (const { client_id } of all) pending.delete(client_id)
  byId('subject').textContent = [...tickets.values()][0]?.subject ?? 'A conversation'
  byId('messages').replaceChildren(
    ...all.map(({ author, visibility, body_html, retracted_at }) =>
      bubble(author.name, visibility === 'internal' ? 'note' : '', (content) => {
        // Beckon promises that it is safe in any page.
        content.innerHTML = retracted_at ? '<em>Taken back.</em>' : body_html
      }),
    ),
    ...[...pending.values()].map((text) =>
      bubble('You', 'pending', (content) => {
        content.textContent = text
      }),
    ),
  )
}

/** @param {any} frame */
function showWriter({ user, active, expires_at }) {
  clearTimeout(writers.get(user.id)?.timer)
  writers.delete(user.id)
  // It ends by itself where the news of its end is lost.
  const timer = () =>
    window.setTimeout(() => showWriter({ user, active: false }), Math.max(0, Date.parse(expires_at) - Date.now()))
  if (active) writers.set(user.id, { name: user.name, timer: timer() })
  byId('passing').textContent = writers.size > 0 ? `${[...writers.values()].map(({ name }) => name).join(', ')} …` : ''
}

/** @param {string} url @param {object} credentials */
async function signIn(url, credentials) {
  const headers = { 'Content-Type': 'application/json' }
  const answer = await fetch(`${url}/v1/auth/login`, { method: 'POST', headers, body: JSON.stringify(credentials) })
  const content = await answer.json()
  if (!answer.ok) throw new Error(content.title)
  return content
}

signingIn.addEventListener('submit', async (event) => {
  event.preventDefault()
  const given = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(signingIn)))
  const { url = '', email, password, ticket = '' } = given
  tell('Signing in …')
  try {
    open(url.replace(/\/$/, ''), ticket, await signIn(url.replace(/\/$/, ''), { email, password }))
  } catch (error) {
    tell(error instanceof TypeError ? 'Beckon cannot be reached, or does not know the origin of this page.' : String(error))
  }
})

/** @param {string} url @param {string} ticket @param {import('../call.js').Session} session */
function open(url, ticket, session) {
  const talk = follow({
    url,
    ticket,
    session,
    listener: {
      changed: show,
      moved: (state) => tell(state === 'connected' ? 'Connected.' : 'Away. What you write is sent as soon as it can be.'),
      ended: (problem) => tell(problem.title ?? 'This ticket is not yours to see any more.'),
      heard(frame) {
        if (frame.type === 'typing') showWriter(frame)
        if (frame.type !== 'error') return
        pending.delete(frame.client_id)
        tell(frame.problem.detail ?? frame.problem.title)
      },
    },
  })
  let told = 0
  signingIn.hidden = true
  writing.hidden = false
  body.addEventListener('input', () => {
    if (Date.now() - told < 3000) return
    told = Date.now()
    talk.type()
  })
  writing.addEventListener('submit', (event) => {
    event.preventDefault()
    pending.set(talk.send(body.value), body.value)
    writing.reset()
    told = 0
    show(talk.held)
  })
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && talk.read())
}

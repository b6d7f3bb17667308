// Runs in the browser, on /docs/realtime. It writes text only, and keeps the credential in this variable alone.
const SHOWN = 300
const CALM = new Set(['ping', 'pong'])
const byId = (id) => document.getElementById(id)
const fields = { credential: byId('credential'), topics: byId('topics'), after: byId('after'), frame: byId('frame') }

/** The connection that is wanted, or null: who, of what, by what, from where; and how often it failed since it last heard something. */
let wanted = null
/** What is open for it now: a WebSocket or an EventSource. */
let line = null
let retry = 0

const tell = (state, text) => {
  byId('lamp').dataset.state = state
  byId('state').textContent = text
}

const mark = (field, isWrong) => {
  if (isWrong) field.setAttribute('aria-invalid', 'true')
  else field.removeAttribute('aria-invalid')
}

const showWhatCanBeDone = () => {
  const canSend = line instanceof WebSocket && line.readyState === WebSocket.OPEN
  byId('connect').textContent = wanted ? 'Connect anew' : 'Connect'
  byId('disconnect').disabled = !wanted
  byId('send').disabled = !canSend
  byId('frame-hint').textContent = canSend
    ? 'Topics that you subscribe to here are kept when the connection is.'
    : wanted?.transport === 'stream'
      ? 'An event stream is for reading alone.'
      : 'Connect by WebSocket first.'
}

// What is heard.

const summaryOf = (frame) => {
  const { type, event, position, topics, reason, problem, user, ticket_id, active, ticket, body } = frame
  const place = position === undefined ? '' : `#${position} `
  if (type === 'event')
    return `#${event.position} ${event.type} ${event.object?.body ?? event.object?.subject ?? event.subject.id}`
  if (type === 'closed') return `${frame.code} ${reason}`
  if (problem) return `${problem.status} ${problem.code}: ${problem.detail ?? problem.title}`
  if (user) return `${user.name}${active === false ? ', no longer' : ''} ${frame.visibility ?? ''} ${ticket_id}`
  return `${place}${[reason, ticket_id ?? ticket, body ?? frame.message?.body, topics?.join(', ')].filter(Boolean).join(' · ')}`
}

let shown = 0
const show = (frame, { said = false } = {}) => {
  const part = (tag, name, text) => Object.assign(document.createElement(tag), { className: name, textContent: text })
  const item = part('li', said ? 'said' : '', '')
  const details = document.createElement('details')
  const summary = document.createElement('summary')
  const type = part('span', 'type', `${said ? '↑' : '↓'} ${frame.type}`)
  type.dataset.type = frame.type
  summary.append(part('time', '', new Date().toLocaleTimeString('en-GB')), type, part('span', 'what', summaryOf(frame)))
  details.append(summary)
  // Most are never opened.
  details.addEventListener('toggle', () => details.append(part('pre', '', JSON.stringify(frame, null, 2))), { once: true })
  item.append(details)
  item.toggleAttribute('data-calm', CALM.has(frame.type))
  byId('frames').prepend(item)
  if (byId('frames').childElementCount > SHOWN) byId('frames').lastElementChild.remove()
  if (CALM.has(frame.type)) return
  shown++
  byId('count').textContent = String(shown)
  announce(`${said ? 'Sent' : 'Heard'} ${frame.type}. ${summaryOf(frame).slice(0, 120)}`)
}

// A busy stream must not talk without end: at most every four seconds, how many there were and the last of them.
let unspoken = 0
let speaking = false
const announce = (text) => {
  unspoken++
  if (speaking) return
  speaking = true
  byId('news').textContent = unspoken > 1 ? `${unspoken} frames. ${text}` : text
  unspoken = 0
  setTimeout(() => {
    speaking = false
    if (unspoken > 0) announce(text)
  }, 4000)
}

const hear = (frame) => {
  show(frame)
  const position = frame.event?.position ?? frame.position
  // Where it has got to, for the next connection. `ready` comes before anything was asked for.
  if (Number.isInteger(position) && frame.type !== 'ready' && frame.type !== 'pong') wanted.after = position
  if (frame.type === 'subscribed') wanted.topics = frame.topics
  if (frame.type === 'error' && frame.ref === 'topics') {
    tell('bad', `These topics cannot be heard: ${frame.problem.detail ?? frame.problem.title}`)
    mark(fields.topics, true)
  }
  if (frame.type === 'subscribed' || (frame.type === 'ready' && wanted.transport === 'stream')) {
    wanted.after ??= frame.position
    wanted.failures = 0
    tell('on', `Connected by ${wanted.transport === 'socket' ? 'WebSocket' : 'event stream'}.`)
  }
}

// How it is opened, and opened again.

const ask = async (path, init = {}) => {
  const headers = { Authorization: `Bearer ${wanted.credential}`, ...init.headers }
  return fetch(path, { ...init, headers, credentials: 'omit', cache: 'no-store' })
}

/** A realtime token; or undefined where none was given, which was told then. */
const getToken = async () => {
  const answer = await ask('/v1/realtime/tokens', { method: 'POST' })
  if (answer.ok) return (await answer.json()).token
  const problem = await answer.json().catch(() => null)
  const why = problem ? `${problem.title}${problem.detail ? ` ${problem.detail}` : ''}` : `The server answered ${answer.status}.`
  if (answer.status >= 500 || answer.status === 429) throw new Error(why)
  stop()
  tell('bad', why)
  mark(fields.credential, true)
  fields.credential.focus()
}

const open = async () => {
  const mine = wanted
  tell('wait', 'Connecting …')
  showWhatCanBeDone()
  try {
    const token = await getToken()
    if (token === undefined || mine !== wanted) return
    if (mine.transport === 'socket') openSocket(mine, token)
    else openStream(mine, token)
  } catch (error) {
    if (mine === wanted) comeBack(error instanceof TypeError ? 'The server could not be reached.' : error.message)
  }
}

const openSocket = (mine, token) => {
  const address = new URL(`/v1/ws?token=${encodeURIComponent(token)}`, location.href)
  address.protocol = address.protocol.replace('http', 'ws')
  const socket = new WebSocket(address, 'beckon.v1+json')
  line = socket
  socket.onmessage = ({ data }) => {
    if (line !== socket) return
    const frame = JSON.parse(data)
    hear(frame)
    if (frame.type !== 'ready') return
    mine.hasHadSocket = true
    say({ type: 'subscribe', ref: 'topics', topics: mine.topics, ...(mine.after === undefined ? {} : { after: mine.after }) })
    showWhatCanBeDone()
  }
  socket.onclose = ({ code, reason }) => {
    if (line !== socket) return
    line = null
    if (mine.hasHadSocket) {
      const row = document.querySelector(`[data-close="${code}"]`)?.closest('tr')
      show({ type: 'closed', code, reason })
      return comeBack(`The WebSocket was closed: ${code} ${reason}. ${row?.cells[2].textContent ?? ''}`)
    }
    // A proxy that knows no WebSocket, or an origin that may not: the event stream is plain HTTP.
    mine.transport = 'stream'
    byId('connection').elements.transport.value = 'stream'
    comeBack('The WebSocket could not be opened, so this goes on by event stream.', 0)
  }
}

const openStream = (mine, token) => {
  const query = new URLSearchParams({ token, topics: mine.topics.join(',') })
  if (mine.after !== undefined) query.set('after', mine.after)
  const source = new EventSource(`/v1/stream?${query}`)
  let hasHeard = false
  line = source
  const read = (type) => (event) => {
    if (line !== source || typeof event.data !== 'string') return
    hasHeard = true
    const data = JSON.parse(event.data)
    hear(type === 'message' ? { type: 'event', event: data } : { ...data, type })
  }
  for (const type of ['message', 'ready', 'left', 'reset', 'unsubscribed', 'typing', 'presence', 'read', 'error'])
    source.addEventListener(type, read(type))
  source.addEventListener('error', async (event) => {
    if (line !== source || typeof event.data === 'string') return
    // By itself it would come back with its spent token.
    source.close()
    line = null
    if (hasHeard) return comeBack('The event stream ended.')
    const refusal = await whyNoStream(mine).catch(() => undefined)
    if (mine !== wanted) return
    if (refusal === undefined) return comeBack('The event stream could not be opened.')
    stop()
    tell('bad', refusal)
    mark(fields.topics, true)
    fields.topics.focus()
  })
}

/** An EventSource does not say why it was refused; the same request does. Undefined where it would be let in, or later. */
const whyNoStream = async (mine) => {
  const aborting = new AbortController()
  const query = new URLSearchParams({ topics: mine.topics.join(',') })
  const answer = await ask(`/v1/stream?${query}`, { signal: aborting.signal })
  const problem = answer.ok || answer.status >= 500 || answer.status === 429 ? null : await answer.json()
  aborting.abort()
  return problem ? `${problem.title}${problem.detail ? ` ${problem.detail}` : ''}` : undefined
}

/** Waits, longer each time and by chance, so that not all come back at once after a restart. */
const comeBack = (why, seconds = Math.min(30, 2 ** wanted.failures) * (0.5 + Math.random() / 2)) => {
  wanted.failures++
  const place = wanted.after === undefined ? '' : ` with after=${wanted.after}`
  tell('wait', seconds > 0 ? `${why} Coming back in ${Math.ceil(seconds)} s${place}.` : why)
  showWhatCanBeDone()
  clearTimeout(retry)
  retry = setTimeout(open, seconds * 1000)
}

const stop = () => {
  clearTimeout(retry)
  const old = line
  line = null
  wanted = null
  old?.close()
  showWhatCanBeDone()
}

const say = (frame) => {
  line.send(JSON.stringify(frame))
  show(frame, { said: true })
}

// What a person does.

byId('connection').addEventListener('submit', (event) => {
  event.preventDefault()
  stop()
  const topics = fields.topics.value.split(',').flatMap((topic) => topic.trim() || [])
  const after = fields.after.value.trim()
  for (const field of Object.values(fields)) mark(field, false)
  wanted = {
    credential: fields.credential.value.trim(),
    topics,
    after: after === '' ? undefined : Number(after),
    transport: event.target.elements.transport.value,
    failures: 0,
  }
  open()
})

byId('disconnect').addEventListener('click', () => {
  stop()
  tell('off', 'Not connected.')
  byId('connect').focus()
})

byId('saying').addEventListener('submit', (event) => {
  event.preventDefault()
  let frame
  try {
    frame = JSON.parse(fields.frame.value)
  } catch (error) {
    mark(fields.frame, true)
    byId('frame-hint').textContent = `This is not JSON: ${error.message}`
    return fields.frame.focus()
  }
  mark(fields.frame, false)
  showWhatCanBeDone()
  say(frame)
  // A message is made once for each client_id: the next one is another.
  if (typeof frame?.client_id === 'string') fields.frame.value = JSON.stringify({ ...frame, client_id: newClientId() }, null, 1)
})

// randomUUID is there on https alone.
const newClientId = () => crypto.getRandomValues(new Uint32Array(2)).join('-')

const fillIn = () => {
  const frame = JSON.parse(byId('template').value)
  if (frame.client_id) frame.client_id = newClientId()
  const ticket = /(?:^|,)\s*ticket:([^,\s]+)/.exec(fields.topics.value)?.[1]
  if (frame.ticket && ticket) frame.ticket = ticket
  fields.frame.value = JSON.stringify(frame, null, 1)
  mark(fields.frame, false)
}
byId('template').addEventListener('change', fillIn)
byId('heartbeats').addEventListener('change', ({ target }) => byId('frames').classList.toggle('calm', !target.checked))
byId('clear').addEventListener('click', () => {
  byId('frames').replaceChildren()
  shown = 0
  byId('count').textContent = ''
})
// Somebody who leaves the page is gone; one who comes back to it by "back" finds it as it was.
addEventListener('pagehide', stop)

byId('frames').classList.add('calm')
fillIn()
showWhatCanBeDone()

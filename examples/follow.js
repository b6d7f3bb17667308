// Follows one ticket and talks in it, whatever happens to the connection. It needs `fetch` and `WebSocket`: a browser, or Node 22 and newer.
import { apply, forget, load, nothing, reset } from './apply.js'
import { createCall } from './call.js'

const SILENT_MS = 45_000 // Beckon says something every 20 seconds

/**
 * @typedef {object} Listener
 * @property {(held: import('./apply.js').Held) => void} changed what is held has changed: show it
 * @property {(frame: any) => void} [heard] who types, looks and reads; what was kept (`ack`) or refused (`error`)
 * @property {(state: 'connected' | 'away') => void} [moved] the connection came or went
 * @property {(session: import('./call.js').Session) => void} [refreshed] as in call.js
 * @property {(problem: any) => void} [ended] signed out, or the ticket is gone: nothing comes any more
 */

/** @param {{ url: string, ticket: string, session: import('./call.js').Session, listener: Listener }} options */
export function follow({ url, ticket, session, listener }) {
  const call = createCall({ url, session, refreshed: listener.refreshed })
  const held = nothing()
  held.stale.add(ticket)
  /** What was sent and not kept yet, by client_id: it is sent again until it is. @type {Map<string, object>} */
  const outbox = new Map()
  const topics = new Set([`ticket:${ticket}`])
  /** @type {WebSocket | undefined} */
  let socket
  let failures = 0
  let isListening = false
  let isOver = false
  // One frame after the other: what one of them has to read is read before the next one changes anything.
  let turn = Promise.resolve()
  /** @type {Record<string, ReturnType<typeof setTimeout> | undefined>} */
  const timers = {}

  async function readAnew() {
    for (const name of held.stale) {
      const snapshot = await call('GET', `/v1/tickets/${encodeURIComponent(name)}?include=messages,position`)
      load(held, snapshot)
      held.stale.delete(name)
      // Where it was merged into another ticket, the conversation goes on there.
      const [{ ticket_id } = snapshot] = snapshot.messages
      if (ticket_id && ticket_id !== snapshot.id && !topics.has(`ticket:${ticket_id}`)) subscribe(`ticket:${ticket_id}`)
    }
  }

  async function connect() {
    await turn
    await readAnew()
    // A browser cannot send a header with a WebSocket, and a lasting credential does not belong into an address.
    const { token } = await call('POST', '/v1/realtime/tokens')
    if (isOver) return
    const mine = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/ws?token=${token}`, 'beckon.v1+json')
    socket = mine
    isListening = false
    watch()
    mine.onmessage = ({ data }) => {
      watch()
      turn = turn.then(() => (socket === mine ? take(JSON.parse(data)) : undefined)).catch((error) => lose(error, mine))
    }
    mine.onclose = () => lose(undefined, mine)
  }

  /** All topics from where we are: what one of them had meanwhile comes, too. @param {string[]} more */
  function subscribe(...more) {
    for (const topic of more) topics.add(topic)
    say({ type: 'subscribe', ref: 'subscribe', topics: [...topics], after: held.position })
  }

  /** @param {any} frame */
  async function take(frame) {
    const { type } = frame
    if (type === 'ready') return subscribe()
    if (type === 'subscribed') {
      failures = 0
      isListening = true
      listener.moved?.('connected')
    }
    if (type === 'event') apply(held, frame.event)
    if (type === 'left') forget(held, frame.ticket_id)
    if (type === 'left' && frame.again) held.stale.add(frame.ticket_id)
    if (type === 'reset') reset(held, frame.position)
    if (type === 'ping' && isListening) held.position = frame.position
    // Gone, or only what it was merged into: reading it anew tells.
    if (type === 'unsubscribed') held.stale.add(ticket)
    if (type === 'error' && frame.ref === 'subscribe') throw Object.assign(new Error('refused'), frame)
    if (type === 'ack' || (type === 'error' && !isPassing(frame.problem))) outbox.delete(frame.client_id)
    // What is owed is said at the beginning and then every 20 seconds: twice is as good as once.
    if (type === 'subscribed' || type === 'ping') outbox.forEach(say)
    await readAnew()
    if (['typing', 'presence', 'read', 'ack', 'error'].includes(type)) listener.heard?.(frame)
    if (!['event', 'left', 'reset', 'subscribed'].includes(type)) return
    listener.changed(held)
    clearTimeout(timers.ack)
    timers.ack = setTimeout(() => say({ type: 'ack', position: held.position }), 1000)
  }

  /** @param {object} frame */
  function say(frame) {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame))
  }

  function watch() {
    clearTimeout(timers.silence)
    timers.silence = setTimeout(lose, SILENT_MS) // a cable that is pulled closes nothing
  }

  /** Comes back, after a wait that grows and that chance spreads; or not at all. @param {any} [error] @param {WebSocket} [which] */
  function lose(error, which = socket) {
    if (which !== socket) return
    socket = undefined
    which?.close()
    if (isOver) return
    if (error?.problem && !isPassing(error.problem)) return end(error.problem)
    listener.moved?.('away')
    const seconds = Math.min(30, 0.5 * 2 ** failures++) * (0.5 + Math.random() / 2)
    clearTimeout(timers.silence)
    timers.retry = setTimeout(() => connect().catch(lose), seconds * 1000)
  }

  /** @param {any} [problem] */
  function end(problem) {
    isOver = true
    for (const timer of Object.values(timers)) clearTimeout(timer)
    lose()
    if (problem) listener.ended?.(problem)
  }

  connect().catch(lose)
  return {
    held,
    /** Says something, now or as soon as it can be said; once, however often it is sent. @param {string} body @param {'public' | 'internal'} [visibility] */
    send(body, visibility = 'public') {
      const client_id = crypto.getRandomValues(new Uint32Array(4)).join('-')
      const frame = { type: 'send', ticket, body, visibility, client_id }
      outbox.set(client_id, frame)
      say(frame)
      return client_id
    },
    // For the first, while somebody writes, every three seconds is enough.
    type: (active = true) => say({ type: 'typing', ticket, active }),
    read: () => say({ type: 'read', ticket }),
    stop: () => end(),
  }
}

/** @param {{ status: number }} problem */
const isPassing = ({ status }) => status === 429 || status >= 500

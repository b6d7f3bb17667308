// Somebody who listens, comes back whenever the line breaks, and keeps what he was told.
import { setTimeout as wait } from 'node:timers/promises'
import { apply, forget, type Held, load, nothing, reset } from '../../../examples/apply.js'
import { type Frame, type Kind, openStream, type Stream } from './stream.ts'
import { type Ask, CANARY, type Json, type Person, readList } from './world.ts'

export interface SubscriberOptions {
  person: Person
  kind: Kind
  topics: readonly string[]
  ask: Ask
  /** Where he connects the next time. */
  urlOf(): string
  /** How long he waits before he comes back. */
  pauseMs(tries: number): number
}

/** What is found out at the end. */
export interface Heard {
  /** Where he began; after a reset, where he began anew. */
  since: number
  /** How far he knows that he was told everything. */
  cursor: number
  /** Of the events, repeats left out, in the order in which they came. */
  positions: number[]
  /** `id type` by position. */
  names: Map<number, string>
  /** The last events, whole. */
  newest: Json[]
  /** Topics that are closed to him now. */
  closed: Set<string>
  /** Ids of messages that were named to him anywhere. */
  named: Set<string>
  /** Texts that he sent over the line, and the message of each that was acknowledged. */
  said: Map<string, string | undefined>
  counts: { connections: number; repeats: number; resets: number; passing: number }
  /** What must not happen whatever else does. */
  wrong: string[]
  /** Why the line ended, and how often. */
  ends: Map<string, number>
  /** Set when he does not come back. */
  over: string | undefined
}

export interface Subscriber {
  readonly name: string
  readonly person: Person
  readonly kind: Kind
  readonly topics: readonly string[]
  readonly heard: Heard
  readonly held: Held
  /** Resolves when he listens and holds his first snapshot. */
  start(): Promise<void>
  cut(): void
  /** Posts a message over the line, again after each break until it is acknowledged. Only over WebSockets. */
  say(ticket: string, text: string): void
  /** What passes by and is kept nowhere. */
  pass(frame: Frame): void
  /** Resolves when everything that has come was applied. */
  settled(): Promise<void>
  stop(): void
}

const NEWEST = 40
const MESSAGE_ID = /msg_[0-9a-hjkmnp-tv-z]{26}/g
const TRIES = 200

type Task = { event: Json } | { left: Frame } | { reset: number } | { closed: readonly string[] } | 'read anew'

export function createSubscriber({ person, kind, topics, ask, urlOf, pauseMs }: SubscriberOptions): Subscriber {
  const name = `${person.name} on ${topics.join()} by ${kind}`
  const isPublic = person.role === 'requester'
  const held = nothing()
  const heard: Heard = {
    ...{ since: -1, cursor: -1, positions: [], names: new Map(), newest: [], closed: new Set(), named: new Set() },
    ...{ said: new Map(), counts: { connections: 0, repeats: 0, resets: 0, passing: 0 }, wrong: [], ends: new Map() },
    over: undefined,
  }
  const open = (): string[] => topics.filter((topic) => !heard.closed.has(topic))
  const ticketsOf = (): string[] =>
    open()
      .filter((topic) => topic.startsWith('ticket:'))
      .map((topic) => topic.slice(7))
  const begun = Promise.withResolvers<void>()
  const tasks: Task[] = []
  let working: Promise<void> | undefined
  let stream: Stream | undefined
  let last = -1
  let tries = 0

  const complain = (what: string): void => {
    if (heard.wrong.length < 5) heard.wrong.push(`${name}: ${what}`)
  }

  const work = async (): Promise<void> => {
    await undefined
    for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
      if (task === 'read anew') await readAnew()
      else if ('event' in task) await take(task.event)
      else if ('reset' in task) {
        reset(held, task.reset)
        await readAnew()
      } else if ('left' in task) await leave(task.left)
      else for (const topic of task.closed) drop(topic)
    }
    working = undefined
  }
  const todo = (task: Task): void => {
    tasks.push(task)
    working ??= work()
    working.catch((error) => complain(`cannot go on: ${error}`))
  }

  const take = async (event: Json): Promise<void> => {
    // Its shape is that of the log.
    apply(held, event as Parameters<typeof apply>[1])
    const followed = ticketsOf()
    for (const id of [...held.stale])
      if (followed.includes(id)) await readConversation(id)
      else held.stale.delete(id)
    // Of tickets in a list a client shows no messages.
    const message = held.messages.get(event.subject.id)
    if (message && !followed.includes(message.ticket_id)) held.messages.delete(message.id)
  }
  const drop = (topic: string): void => {
    if (topic.startsWith('ticket:')) forget(held, topic.slice(7))
    else for (const id of held.tickets.keys()) if (!ticketsOf().includes(id)) forget(held, id)
  }
  const leave = async ({ ticket_id, topics: left, again }: Frame): Promise<void> => {
    const own = `ticket:${ticket_id}`
    if (left.includes(own) || !open().includes(own)) forget(held, ticket_id)
    if (again) await readConversation(ticket_id)
    if (!ticketsOf().includes(ticket_id))
      for (const { id, ticket_id: of } of held.messages.values()) if (of === ticket_id) held.messages.delete(id)
  }
  /** Resolves with the position of the snapshot; undefined where it is not his to see any more. */
  const readConversation = async (id: string): Promise<number | undefined> => {
    const { status, body } = await ask(person, 'GET', `/v1/tickets/${id}?include=messages,position`)
    if (status !== 200) {
      forget(held, id)
      return undefined
    }
    const newest: Json[] = body.messages
    const all = newest.length < 100 ? newest : await readList(ask, person, `/v1/tickets/${id}/messages`)
    // What is read under the name of a merged ticket is another one's.
    const messages = all.filter(({ ticket_id }) => ticket_id === id)
    load(held, { ...body, messages } as Parameters<typeof load>[1]) // as above
    return body.position
  }
  const readAnew = async (): Promise<void> => {
    for (const topic of open()) {
      if (topic.startsWith('ticket:')) await readConversation(topic.slice(7))
      const path = listOf(topic)
      for (const ticket of path === undefined ? [] : await readList(ask, person, path))
        load(held, ticket as Parameters<typeof load>[1]) // as above
    }
    held.stale.clear()
    begun.resolve()
  }

  const receive = (frame: Frame): void => {
    switch (frame.type) {
      case 'ready':
        heard.counts.connections++
        tries = 0
        // Where he begins from now on, the line is there before the snapshot; else the snapshot was.
        if (heard.since === -1) {
          heard.since = frame.position
          heard.cursor = frame.position
          todo('read anew')
        }
        for (const [text, id] of heard.said) if (id === undefined) say(text)
        break
      case 'event':
        receiveEvent(frame)
        break
      case 'left':
        moveTo(frame.position)
        todo({ left: frame })
        break
      case 'unsubscribed':
        close(frame.topics)
        break
      case 'reset':
        heard.counts.resets++
        heard.since = Math.max(heard.since, frame.position)
        heard.cursor = frame.position
        last = Math.min(last, frame.position)
        todo({ reset: frame.position })
        break
      case 'ping':
      case 'pong':
        moveTo(frame.position)
        break
      case 'ack':
        heard.said.set(frame.client_id, frame.message.id)
        break
      case 'typing':
      case 'presence':
      case 'read':
        heard.counts.passing++
        if (isPublic && frame.visibility === 'internal')
          complain(`learns of typing that is not his to know: ${JSON.stringify(frame)}`)
        if (isPublic && frame.type === 'presence' && !/^requester/.test(frame.user.name))
          complain(`learns that staff is looking: ${frame.user.name}`)
        break
      case 'error':
        // A message to a ticket that is merged, closed or hidden by now is refused for good.
        if (frame.client_id === undefined) break
        if (frame.problem.status < 500 && frame.problem.status !== 429) heard.said.delete(frame.client_id)
        else setTimeout(() => say(frame.client_id), 200).unref()
        break
      case 'subscribed':
        break
      default:
        complain(`a frame of an unknown type: ${frame.type}`)
    }
  }
  const moveTo = (position: number): void => {
    heard.cursor = Math.max(heard.cursor, position)
  }
  const receiveEvent = ({ event, id }: Frame): void => {
    const { position } = event
    if (id !== undefined && id !== position) complain(`an event at ${position} has the id ${id}`)
    if (position <= last) {
      heard.counts.repeats++
      return
    }
    last = position
    moveTo(position)
    heard.positions.push(position)
    heard.names.set(position, `${event.id} ${event.type}`)
    heard.newest.push(event)
    if (heard.newest.length > NEWEST) heard.newest.shift()
    if (isPublic) for (const [message] of JSON.stringify(event).matchAll(MESSAGE_ID)) heard.named.add(message)
    if (event.object === 'event') complain(`an event without its subject: ${event.type}`)
    todo({ event })
  }
  const close = (names: readonly string[]): void => {
    for (const topic of names) heard.closed.add(topic)
    todo({ closed: names })
    if (open().length === 0) end('no topic is left')
  }

  // A canary may come in two pieces.
  let tail: Buffer = Buffer.alloc(0)
  const search = (bytes: Buffer): void => {
    const seen = Buffer.concat([tail, bytes])
    if (seen.includes(CANARY)) complain(`a note is in what came: ${around(seen)}`)
    tail = seen.subarray(Math.max(0, seen.length - CANARY.length))
  }

  const connect = (): void => {
    if (heard.over !== undefined) return
    tail = Buffer.alloc(0)
    stream = openStream({
      ...{ kind, url: urlOf(), token: person.token, topics: open() },
      after: heard.cursor === -1 ? undefined : heard.cursor,
      ...(isPublic ? { onBytes: search } : {}),
      onFrame: (frame) => {
        if (heard.over === undefined) receive(frame)
      },
      onEnd: (why) => void comeBack(why).catch((error) => complain(`cannot come back: ${error}`)),
    })
  }
  const comeBack = async (why: string): Promise<void> => {
    if (heard.over !== undefined) return
    const reason = why.slice(0, 60)
    heard.ends.set(reason, (heard.ends.get(reason) ?? 0) + 1)
    if (/^(4401|401)/.test(why)) return end(why)
    if (++tries > TRIES) {
      complain(`does not come in any more: ${why}`)
      return end(why)
    }
    if (why.startsWith('404')) close(await hiddenAmong(open()))
    await wait(pauseMs(tries))
    connect()
  }
  const hiddenAmong = async (names: readonly string[]): Promise<string[]> => {
    const found: string[] = []
    for (const topic of names) {
      const [noun, id] = topic.split(':')
      if (id !== undefined && (await ask(person, 'GET', `/v1/${noun}s/${id}`)).status === 404) found.push(topic)
    }
    return found
  }
  const end = (why: string): void => {
    heard.over = why
    stream?.cut()
    begun.resolve()
  }
  const say = (text: string): void => {
    const [ticket = ''] = text.split(' ')
    stream?.send({ type: 'send', ticket, body: text, client_id: text })
  }

  return {
    ...{ name, person, kind, topics, heard, held },
    start: async () => {
      const tickets = ticketsOf()
      if (tickets.length === topics.length) {
        // As a client does that shows a ticket: the snapshot says where the line is to begin.
        const positions: number[] = []
        for (const id of tickets) positions.push((await readConversation(id)) ?? Number.NaN)
        heard.since = Math.min(...positions)
        if (!Number.isInteger(heard.since)) throw new Error(`${name} has no snapshot to begin with`)
        heard.cursor = heard.since
        begun.resolve()
      }
      connect()
      await begun.promise
    },
    cut: () => stream?.cut(),
    say: (ticket, text) => {
      if (heard.over !== undefined) return
      const whole = `${ticket} ${text}`
      heard.said.set(whole, undefined)
      say(whole)
    },
    pass: (frame) => stream?.send(frame),
    settled: async () => {
      while (working) await working
    },
    stop: () => end('stopped'),
  }
}

/** Where the tickets of a topic are listed; undefined for a topic that no list has. */
export function listOf(topic: string): string | undefined {
  if (topic === 'all') return '/v1/tickets'
  if (topic.startsWith('queue:')) return `/v1/tickets?queue_id=${topic.slice(6)}`
  return topic.startsWith('view:') ? `/v1/views/${topic.slice(5)}/tickets` : undefined
}

function around(bytes: Buffer): string {
  const at = bytes.indexOf(CANARY)
  return bytes.subarray(Math.max(0, at - 200), at + 60).toString('utf8')
}

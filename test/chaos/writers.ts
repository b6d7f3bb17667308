// People who raise tickets and write in them, and who remember what was acknowledged.
import { setTimeout as wait } from 'node:timers/promises'
import { type Answer, admin, between, type Json, logIn, mustSend, send } from './node.ts'

/** One write as its author remembers it. Its text is found in no other write. */
export interface Write {
  kind: 'ticket' | 'reply'
  text: string
  path: string
  body: Json
  token: string
  /** Undefined where `client_id` alone makes a retry safe. */
  key: string | undefined
  /** What became of it; what was given up after no answer may be there or not, but not twice. */
  state: 'open' | 'acknowledged' | 'given up' | 'refused'
  tries: number
  /** Whether the acknowledged answer said that an earlier try had done it. */
  was_there: boolean
  /** The ticket or message that it made. */
  id: string
  ticket_id: string
  acknowledgedAt: number
}

export interface Person {
  token: string
  isStaff: boolean
}

export interface Load {
  writes: Write[]
  /** Statuses that nobody should see, with the text of the first answer of each. */
  unexpected: Map<string, number>
  /** No more begins; resolves when everything that has begun has ended. */
  stop(): Promise<void>
}

const PATIENCE_MS = 60_000
const HOT = 120

/** Four agents and four requesters, signed in. */
export async function people(url: string): Promise<Person[]> {
  const token = await logIn(url, admin)
  const found: Person[] = []
  for (const role of ['agent', 'requester'] as const)
    for (let i = 1; i <= 4; i++) {
      const person = { email: `${role}${i}@chaos.example`, password: `a-long-pass-phrase-${i}` }
      const body = { ...person, name: `${role} ${i}`, role }
      await mustSend(url, { method: 'POST', path: '/v1/users', token, body })
      found.push({ token: await logIn(url, person), isStaff: role === 'agent' })
    }
  return found
}

/**
 * Starts writers that never rest longer than `pauseMs`. `urlOf` says where each sends its next try; `givesUp` is the share of
 * unanswered writes that are not tried again.
 */
export function startWriters({
  persons,
  urlOf,
  count = 16,
  pauseMs = 0,
  givesUp = 0.1,
  timeoutMs = 30_000,
}: {
  persons: Person[]
  urlOf: (writer: number) => string
  count?: number
  pauseMs?: number
  givesUp?: number
  timeoutMs?: number
}): Load {
  const load = { writes: [] as Write[], unexpected: new Map<string, number>() }
  const hot: string[] = []
  let stopped = false

  const write = async (writer: number): Promise<void> => {
    const person = persons[writer % persons.length]
    if (!person) throw new Error('there is nobody to write')
    const own: string[] = []
    for (let n = 0; !stopped; n++) {
      const where = person.isStaff ? hot : own
      const ticket_id = Math.random() < 0.6 ? where[Math.floor(Math.random() * where.length)] : undefined
      const made = newWrite({ person, text: `w${writer} n${n} ${Math.random().toString(36).slice(2, 10)}`, ticket_id })
      load.writes.push(made)
      await tryUntilDone(made, { urlOf: () => urlOf(writer), load, givesUp, timeoutMs })
      if (made.kind === 'ticket' && made.state === 'acknowledged')
        for (const list of [own, hot]) {
          list.push(made.id)
          if (list.length > HOT) list.shift()
        }
      if (pauseMs > 0) await wait(between(0, pauseMs))
    }
  }
  const running = Promise.all(Array.from({ length: count }, (_, writer) => write(writer)))
  running.catch(() => {})
  return {
    ...load,
    stop: async () => {
      stopped = true
      await running
    },
  }
}

function newWrite({ person, text, ticket_id }: { person: Person; text: string; ticket_id: string | undefined }): Write {
  const key = `key ${text}`
  const common = { text, token: person.token, state: 'open' as const, tries: 0, was_there: false, id: '', acknowledgedAt: 0 }
  if (ticket_id === undefined) {
    const body: Json = { subject: `About ${text}`, body: text }
    if (person.isStaff) body.tags = ['chaos', 'late', 'lost', 'printer'].filter(() => Math.random() < 0.4)
    if (person.isStaff && Math.random() < 0.3) body.requester = { email: `guest${Math.floor(Math.random() * 300)}@chaos.example` }
    return { ...common, kind: 'ticket', path: '/v1/tickets', body, key, ticket_id: '' }
  }
  const byClientId = Math.random() < 0.4
  const body: Json = { body: text, ...(byClientId ? { client_id: `client ${text}` } : {}) }
  if (person.isStaff && Math.random() < 0.2) body.visibility = 'internal'
  const path = `/v1/tickets/${ticket_id}/messages`
  return { ...common, kind: 'reply', path, body, key: byClientId && Math.random() < 0.7 ? undefined : key, ticket_id }
}

async function tryUntilDone(
  made: Write,
  {
    urlOf,
    load,
    givesUp,
    timeoutMs,
  }: { urlOf: () => string; load: Pick<Load, 'unexpected'>; givesUp: number; timeoutMs: number },
): Promise<void> {
  const givenUp = performance.now() + PATIENCE_MS
  const { path, body, token, key } = made
  while (performance.now() < givenUp) {
    made.tries++
    const answer = await send(urlOf(), { method: 'POST', path, token, key, body, timeoutMs }).catch(() => undefined)
    if (answer && (answer.status === 201 || answer.status === 200)) return acknowledge(made, answer)
    if (answer && answer.status !== 503 && answer.body.code !== 'idempotency_in_progress') {
      const what = `${answer.status} ${answer.text.replace(/"request_id":"[^"]*"/, '').slice(0, 300)}`
      load.unexpected.set(what, (load.unexpected.get(what) ?? 0) + 1)
      made.state = 'refused'
      return
    }
    if (made.tries === 1 && Math.random() < givesUp) break
    await wait(between(20, 120))
  }
  made.state = 'given up'
}

function acknowledge(made: Write, answer: Answer): void {
  made.state = 'acknowledged'
  made.acknowledgedAt = performance.now()
  made.was_there = answer.status === 200 || answer.headers['idempotent-replayed'] === 'true'
  made.id = String(answer.body.id)
  made.ticket_id = made.kind === 'ticket' ? made.id : String(answer.body.ticket_id)
}

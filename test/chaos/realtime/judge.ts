// Whether everybody was told exactly what the log says that he sees, and holds what a fresh snapshot gives.
import { setTimeout as wait } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Held } from '../../../examples/apply.js'
import { listOf, type Subscriber } from './subscriber.ts'
import { type Ask, everybody, type Json, type Person, readList, readLog, type World } from './world.ts'

export interface Verdict {
  /** What is not as it must be, in words. */
  findings: string[]
  /** How much was compared. */
  counts: {
    subscribers: number
    events: number
    pairs: number
    envelopes: number
    tickets: number
    messages: number
    said: number
  }
}

/** What is true of the desk in the end. */
interface Facts {
  log: Map<number, Json>
  /** Positions by ticket; those outside tickets under null. */
  byTicket: Map<string | null, Json[]>
  tickets: Map<string, Json & { people: string[] }>
  messages: Map<string, Json[]>
  notes: ReadonlySet<string>
}

interface Reader {
  person: Person
  /** His own log, with subjects and tickets, by position. */
  log: Map<number, Json>
  byTicket: Map<string | null, Json[]>
}

/** Of topics that a list shows, the ids of the tickets in it now. */
type Views = ReadonlyMap<string, ReadonlySet<string>>

const SHOWN = 60
const SHOWN_OF_EACH = 4
const LOOKS_EVERY_MS = 20
/** Outside the promise of `version`, or the reader's own. */
const PERSONAL = ['allowed_transitions', 'unread_count', 'messages', 'position']

/** Compares when nobody writes any more and everybody was told everything. */
export async function judge({
  world,
  ask: askAnew,
  subscribers,
  patienceMs,
}: {
  world: World
  ask: Ask
  subscribers: readonly Subscriber[]
  /** How long what is still on its way may take, in all. */
  patienceMs: number
}): Promise<Verdict> {
  const ask = remembering(askAnew)
  const findings: string[] = []
  const counts = { subscribers: subscribers.length, events: 0, pairs: 0, envelopes: 0, tickets: 0, messages: 0, said: 0 }
  const facts = await readFacts(world, ask)
  const givenUp = performance.now() + patienceMs
  for (const person of everybody(world)) {
    const own = subscribers.filter((one) => one.person.id === person.id)
    if (own.length === 0) continue
    const reader = await readAs(ask, person)
    for (const subscriber of own) {
      const wrong = await judgeOne(subscriber, { ask, facts, reader, counts, givenUp })
      findings.push(...wrong.slice(0, SHOWN_OF_EACH))
      if (wrong.length > SHOWN_OF_EACH) findings.push(`${subscriber.name}: ${wrong.length - SHOWN_OF_EACH} more`)
    }
  }
  return {
    findings: findings.length > SHOWN ? [...findings.slice(0, SHOWN), `${findings.length - SHOWN} more`] : findings,
    counts,
  }
}

/** What was read once is not read again: nobody writes any more. */
function remembering(ask: Ask): Ask {
  const known = new Map<string, ReturnType<Ask>>()
  return (who, method, path, body) => {
    const name = `${who.id} ${path}`
    const answer = known.get(name) ?? ask(who, method, path, body)
    known.set(name, answer)
    return answer
  }
}

async function judgeOne(
  subscriber: Subscriber,
  { ask, facts, reader, counts, givenUp }: { ask: Ask; facts: Facts; reader: Reader; counts: Verdict['counts']; givenUp: number },
): Promise<string[]> {
  const { name, person, heard } = subscriber
  const views = await listedNow(ask, subscriber)
  const expected = expectedOf(subscriber, { facts, reader, views })
  const last = lastOf(expected)
  await until(() => (heard.positions.at(-1) ?? 0) >= last, givenUp)
  await subscriber.settled()
  await until(() => heard.over !== undefined || !heard.said.values().some((id) => id === undefined), givenUp)
  const told = [
    ...compareEvents(subscriber, { facts, expected, counts }),
    ...compareEnvelopes(subscriber, { reader, counts }),
    ...compareSaid(subscriber, { facts, counts }),
  ]
  // What has left is told after the last event.
  let held = await compareHeld(subscriber, { ask, facts, views })
  await until(async () => {
    if (held.findings.length > 0) held = await compareHeld(subscriber, { ask, facts, views })
    return held.findings.length === 0
  }, givenUp)
  counts.tickets += held.tickets
  counts.messages += held.messages
  const notes = person.role === 'requester' ? [...heard.named].filter((id) => facts.notes.has(id)) : []
  return [...heard.wrong, ...told, ...held.findings, ...notes.map((id) => `${name}: ${id}, a note, was named to him`)]
}

async function readFacts(world: World, ask: Ask): Promise<Facts> {
  const [admin] = world.admins
  if (!admin) throw new Error('a desk needs an admin')
  const events = await readLog(ask, admin)
  const tickets: Facts['tickets'] = new Map()
  const messages: Facts['messages'] = new Map()
  for (const ticket of await readList(ask, admin, '/v1/tickets')) {
    const people = await readList(ask, admin, `/v1/tickets/${ticket.id}/participants`)
    tickets.set(ticket.id, { ...ticket, people: people.map(({ user_id }) => user_id) })
    const all = await readList(ask, admin, `/v1/tickets/${ticket.id}/messages`)
    messages.set(
      ticket.id,
      all.filter(({ ticket_id }) => ticket_id === ticket.id),
    )
  }
  const log = new Map(events.map((event) => [event.position, event]))
  return { log, byTicket: Map.groupBy(events, ({ ticket_id }) => ticket_id), tickets, messages, notes: world.notes }
}

async function readAs(ask: Ask, person: Person): Promise<Reader> {
  const events = await readLog(ask, person, { include: 'object,ticket' })
  const log = new Map(events.map((event) => [event.position, event]))
  return { person, log, byTicket: Map.groupBy(events, ({ ticket_id }) => ticket_id) }
}

/** Of each view that he listens to, the ids of the tickets that it lists now. */
async function listedNow(ask: Ask, { person, topics, heard }: Subscriber): Promise<Views> {
  const listed = new Map<string, Set<string>>()
  for (const topic of topics) {
    const path = heard.closed.has(topic) ? undefined : listOf(topic)
    if (path !== undefined) listed.set(topic, new Set((await readList(ask, person, path)).map(({ id }) => id)))
  }
  return listed
}

/** What he must have been told of one ticket, or outside all, and from where on that is certain. */
interface Expected {
  ticket_id: string | null
  from: number
  positions: number[]
}

/** Behind the last event that may have moved a ticket in or out for him he is told exactly its events. Nothing is certain once a topic was closed to him. */
function expectedOf(
  { person, topics, heard }: Subscriber,
  { facts, reader, views }: { facts: Facts; reader: Reader; views: Views },
): Expected[] {
  if (heard.closed.size > 0) return []
  const movedAt = person.moves ? lastMove(facts, person) : 0
  return [...facts.byTicket].map(([ticket_id, all]) => {
    const moved = ticket_id === null ? 0 : lastChange(all, { person, topics })
    const from = Math.max(heard.since, movedAt, moved)
    const isIn = ticket_id === null ? topics.includes('all') : isAmong(ticket_id, { person, open: topics, facts, views })
    const known = isIn ? (reader.byTicket.get(ticket_id) ?? []) : []
    return { ticket_id, from, positions: known.map(({ position }) => position).filter((at) => at > from) }
  })
}

function lastOf(expected: readonly Expected[]): number {
  return Math.max(0, ...expected.map(({ positions }) => positions.at(-1) ?? 0))
}

/** In order, nothing invented, nothing missed; of a requester's nothing internal. */
function compareEvents(
  { name, person, heard }: Subscriber,
  { facts, expected, counts }: { facts: Facts; expected: readonly Expected[]; counts: Verdict['counts'] },
): string[] {
  const findings: string[] = []
  const told = new Map<string | null, number[]>()
  for (const [i, position] of heard.positions.entries()) {
    const event = facts.log.get(position)
    const before = heard.positions[i - 1]
    if (before !== undefined && before >= position && heard.counts.resets === 0)
      findings.push(`${name}: ${position} came after ${before}`)
    if (!event) {
      findings.push(`${name}: ${position} is not in the log`)
      continue
    }
    if (heard.names.get(position) !== `${event.id} ${event.type}`)
      findings.push(`${name}: ${position} was told as ${heard.names.get(position)}, not ${event.id} ${event.type}`)
    if (person.role === 'requester' && event.visibility === 'internal')
      findings.push(`${name}: ${position}, ${event.type}, is internal`)
    const of = told.get(event.ticket_id)
    if (of) of.push(position)
    else told.set(event.ticket_id, [position])
  }
  for (const { ticket_id, from, positions } of expected) {
    const got = (told.get(ticket_id) ?? []).filter((at) => at > from)
    counts.pairs++
    counts.events += got.length
    if (isDeepStrictEqual(positions, got)) continue
    const [there, wanted] = [new Set(got), new Set(positions)]
    const missed = positions.filter((at) => !there.has(at))
    const extra = got.filter((at) => !wanted.has(at))
    const example = facts.log.get(missed[0] ?? extra[0] ?? -1)?.type
    const where = `of ${ticket_id} behind ${from}, his cursor at ${heard.cursor}, ${heard.over ?? 'on line'}`
    findings.push(`${name}: missed ${listed(missed)}, should not have ${listed(extra)}, such as ${example}: ${where}`)
  }
  return findings
}

function listed(positions: readonly number[]): string {
  return positions.length > 5 ? `${positions.slice(0, 5)} and ${positions.length - 5} more` : `[${positions}]`
}

/** Whether a ticket is among what he listens to, as it stands now. */
function isAmong(
  id: string,
  { person, open, facts, views }: { person: Person; open: readonly string[]; facts: Facts; views: Views },
): boolean {
  const ticket = facts.tickets.get(id)
  if (!ticket) return open.includes('all')
  return open.some((topic) => {
    if (topic === 'all' || topic === `ticket:${id}` || topic === `queue:${ticket.queue_id}`) return true
    if (topic === 'me') return [ticket.requester_id, ticket.assignee_id, ...ticket.people].includes(person.id)
    return topic.startsWith('view:') && views.get(topic)?.has(id)
  })
}

/** The last event of a ticket that may have moved it in or out of what he listens to. */
function lastChange(events: readonly Json[], { person, topics }: { person: Person; topics: readonly string[] }): number {
  const hasView = topics.some((topic) => topic.startsWith('view:'))
  const moves = (event: Json): boolean => {
    const { type, data, previous } = event
    if (hasView && type.startsWith('ticket.')) return true
    if (/^ticket\.(merged|unmerged|absorbed|parted|deleted)$/.test(type)) return true
    if (/participant_|mentioned/.test(type)) return data.user_id === person.id
    if (type === 'ticket.assigned') return data.assignee_id === person.id || previous?.assignee_id === person.id
    return (
      type === 'ticket.updated' &&
      data.changed.some((key: string) => /^(queue_id|requester_id|organization_id|assignee_id)$/.test(key))
    )
  }
  return events.findLast(moves)?.position ?? 0
}

/** When his teams changed the last time. */
function lastMove({ byTicket }: Facts, { id }: Person): number {
  return (
    (byTicket.get(null) ?? []).findLast(({ type, data }) => /^team\.member_/.test(type) && data.user_id === id)?.position ?? 0
  )
}

/** What he was told last says the same as the log, where nothing has changed since. */
function compareEnvelopes(
  { name, heard }: Subscriber,
  { reader, counts }: { reader: Reader; counts: Verdict['counts'] },
): string[] {
  const findings: string[] = []
  for (const event of heard.newest) {
    const now = reader.log.get(event.position)
    if (!now || event.object?.version !== now.object?.version || event.ticket?.version !== now.ticket?.version) continue
    counts.envelopes++
    const difference = differenceOf(withoutPersonal(event), withoutPersonal(now))
    if (difference !== undefined) findings.push(`${name}: ${event.type} at ${event.position} is told otherwise: ${difference}`)
  }
  return findings
}

function withoutPersonal(event: Json): Json {
  const { object, ticket, ...rest } = event
  return {
    ...rest,
    object: object?.object === 'ticket' ? bare(object) : object,
    ...('ticket' in event ? { ticket: ticket && bare(ticket) } : {}),
  }
}

function bare(ticket: Json): Json {
  return Object.fromEntries(Object.entries(ticket).filter(([key]) => !PERSONAL.includes(key)))
}

/** What he made of the events is what a fresh snapshot gives. */
async function compareHeld(
  { name, person, topics, heard, held }: Subscriber,
  { ask, facts, views }: { ask: Ask; facts: Facts; views: Views },
): Promise<{ findings: string[]; tickets: number; messages: number }> {
  const found = { findings: [] as string[], tickets: 0, messages: 0 }
  const complain = (what: string): void => void found.findings.push(`${name}: ${what}`)
  for (const topic of topics.filter((one) => one.startsWith('ticket:') && !heard.closed.has(one))) {
    const id = topic.slice(7)
    found.tickets++
    if ((await ask(person, 'GET', `/v1/tickets/${id}`)).status === 404) {
      if (held.tickets.has(id)) complain(`holds ${id}, which he does not see any more`)
      continue
    }
    const difference = await differsNow(ask, person, { id, mine: held.tickets.get(id) })
    if (difference !== undefined) complain(`holds ${id} otherwise: ${difference}`)
    // What was taken out of his sight has left: he holds nothing of it, and its topic stays open.
    const { status } = await ask(person, 'GET', `/v1/tickets/${id}`)
    const read = status === 404 ? [] : await readList(ask, person, `/v1/tickets/${id}/messages`)
    const all = read.filter(({ ticket_id }) => ticket_id === id)
    found.messages += all.length
    for (const what of compareMessages(held, { id, all })) complain(what)
  }
  const [topic = ''] = topics
  if (topics.length > 1 || topic.startsWith('ticket:') || heard.closed.has(topic)) return found
  const there = views.get(topic)
  for (const [id, mine] of held.tickets) {
    const isIn = there ? there.has(id) : isAmong(id, { person, open: [topic], facts, views })
    const difference = isIn ? await differsNow(ask, person, { id, mine }) : 'it has left, and nobody said so'
    found.tickets++
    if (difference !== undefined) complain(`holds ${id} otherwise: ${difference}`)
  }
  for (const id of there ?? []) if (!held.tickets.has(id)) complain(`${id} came, and nobody said so`)
  return found
}

async function differsNow(
  ask: Ask,
  person: Person,
  { id, mine }: { id: string; mine: Json | undefined },
): Promise<string | undefined> {
  const { status, body } = await ask(person, 'GET', `/v1/tickets/${id}`)
  if (status === 404 && !mine) return undefined
  if (status !== 200) return `it answers ${status}`
  return mine ? differenceOf(bare(mine), bare(body)) : 'it is missing'
}

function compareMessages({ messages }: Held, { id, all }: { id: string; all: readonly Json[] }): string[] {
  const findings: string[] = []
  const own = new Map([...messages].filter(([, { ticket_id }]) => ticket_id === id))
  const fresh = new Map(all.map((message) => [message.id, message]))
  for (const message of own.keys()) if (!fresh.has(message)) findings.push(`holds ${message} in ${id}, which is not there`)
  for (const [message_id, message] of fresh) {
    const mine = own.get(message_id)
    const difference = mine ? differenceOf(mine, message) : 'it is missing'
    if (difference !== undefined) findings.push(`holds ${message_id} in ${id} otherwise: ${difference}`)
  }
  return findings
}

/** What he sent over the line and was acknowledged is there, once. */
function compareSaid({ name, heard }: Subscriber, { facts, counts }: { facts: Facts; counts: Verdict['counts'] }): string[] {
  const findings: string[] = []
  const all = [...facts.messages.values()].flat()
  for (const [text, id] of heard.said) {
    counts.said++
    // Who wrote it may have changed it since.
    const there = all.filter((message) => message.id === id || message.body === text)
    // Whose topics were all closed has no line any more over which he could be told.
    if (id === undefined && heard.over !== undefined) continue
    if (id === undefined) findings.push(`${name}: “${text}” was never acknowledged`)
    else if (there.length !== 1) findings.push(`${name}: “${text}” is there ${there.length} times`)
  }
  return findings
}

/** The first key in which two objects differ, with both values. */
function differenceOf(mine: Json, fresh: Json): string | undefined {
  if (isDeepStrictEqual(mine, fresh)) return undefined
  const key = [...new Set([...Object.keys(mine), ...Object.keys(fresh)])].find((one) => !isDeepStrictEqual(mine[one], fresh[one]))
  if (key === undefined) return 'the order of its keys'
  return `${key} is ${JSON.stringify(mine[key])?.slice(0, 200)}, not ${JSON.stringify(fresh[key])?.slice(0, 200)}`
}

/** Resolves when something holds, or at a time of `performance.now()`. */
async function until(holds: () => boolean | Promise<boolean>, givenUp: number): Promise<void> {
  while (!(await holds()) && performance.now() < givenUp) await wait(LOOKS_EVERY_MS)
}

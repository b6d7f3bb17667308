// Compares what writers remember with what the database holds, and looks for anything half-written.
import { sql } from 'kysely'
import { placeOf } from '../../src/modules/messages/place.ts'
import { connectionOf } from '../../src/platform/database/connection.ts'
import type { Database } from '../../src/platform/database/database.ts'
import { stampEvents } from '../../src/platform/sequencer.ts'
import type { Write } from './writers.ts'

/** What was found; every number but the first two must be 0. */
export interface Findings {
  acknowledged: number
  events: number
  /** Acknowledged, and not there. */
  lost: number
  /** There more than once. */
  doubled: number
  /** Positions that are missing, taken twice, or still not given. */
  gaps: number
  /** Tickets whose counts, numbers, tags or first message are not those of their rows; messages without their one event. */
  halfWritten: number
  /** What the engine itself says of its file. */
  broken: number
}

/** Reads everything and compares. Tells up to twenty complaints. */
export async function audit(database: Database, writes: readonly Write[]): Promise<Findings & { complaints: string[] }> {
  const db = database.reader
  await everythingStamped(database)
  const messages = await db.selectFrom('messages').select(['id', 'ticket_id', 'place', 'visibility', 'body']).execute()
  const tickets = await db.selectFrom('tickets').selectAll().execute()
  const tags = await db.selectFrom('ticket_tags').selectAll().orderBy('tag').execute()
  const events = await db.selectFrom('events').selectAll().orderBy('position').execute()
  const head = await db.selectFrom('log_head').select('position').executeTakeFirstOrThrow()
  const documents = database.engine === 'sqlite' ? 'ticket_search_documents' : 'ticket_search'
  const { rows: indexed } = await connectionOf(db).query(`select document_id as id from ${documents}`, [])
  const keys = await db.selectFrom('idempotency_keys').select(['idempotency_key', 'status']).execute()

  const complaints: string[] = []
  const found = { acknowledged: 0, events: events.length, lost: 0, doubled: 0, gaps: 0, halfWritten: 0, broken: 0 }
  const complain = (about: 'lost' | 'doubled' | 'gaps' | 'halfWritten' | 'broken', words: string): void => {
    found[about]++
    if (complaints.length < 20) complaints.push(`${about}: ${words}`)
  }

  const byBody = groupBy(messages, ({ body }) => body)
  const ticketById = new Map(tickets.map((ticket) => [ticket.id, ticket]))
  for (const { state, kind, text, id } of writes) {
    const held = byBody.get(text) ?? []
    if (held.length > 1) complain('doubled', `${text} is there ${held.length} times`)
    if (state !== 'acknowledged') continue
    found.acknowledged++
    const isThere = kind === 'reply' ? held.some((message) => message.id === id) : held.some(({ ticket_id }) => ticket_id === id)
    if (!isThere) complain('lost', `${text}, answered as ${id}, is not there`)
    else if (kind === 'ticket' && ticketById.get(id)?.subject !== `About ${text}`) complain('lost', `ticket ${id} says otherwise`)
  }

  for (const [i, { position }] of events.entries()) if (position !== i + 1) complain('gaps', `event ${i + 1} is at ${position}`)
  if (head.position !== events.length) complain('gaps', `the head is at ${head.position}, and there are ${events.length} events`)

  const created = groupBy(
    events.filter(({ type }) => type === 'message.created'),
    ({ subject_id }) => subject_id,
  )
  for (const { id } of messages)
    if (created.get(id)?.length !== 1) complain('halfWritten', `message ${id} has ${created.get(id)?.length ?? 0} events`)
  if (created.size !== messages.length) complain('halfWritten', 'there are events of messages that are not there')

  const byTicket = {
    messages: groupBy(messages, ({ ticket_id }) => ticket_id),
    tags: groupBy(tags, ({ ticket_id }) => ticket_id),
  }
  const eventsByTicket = groupBy(events, ({ ticket_id }) => ticket_id ?? '')
  for (const id of byTicket.messages.keys()) if (!ticketById.has(id)) complain('halfWritten', `messages without ticket ${id}`)
  for (const id of eventsByTicket.keys())
    if (id !== '' && !ticketById.has(id)) complain('halfWritten', `events without ticket ${id}`)
  for (const ticket of tickets) {
    const own = byTicket.messages.get(ticket.id) ?? []
    const isPublic = own.filter(({ visibility }) => visibility === 'public').length
    if (own.length !== ticket.message_count || isPublic !== ticket.public_message_count)
      complain('halfWritten', `ticket ${ticket.id} counts ${ticket.message_count} messages and has ${own.length}`)
    if (!own.some(({ place }) => place === placeOf(2))) complain('halfWritten', `ticket ${ticket.id} has no first message`)
    const itsTags = JSON.stringify((byTicket.tags.get(ticket.id) ?? []).map(({ tag }) => tag))
    if (itsTags !== ticket.tags) complain('halfWritten', `ticket ${ticket.id} has tags ${ticket.tags} and ${itsTags}`)
    const seqs = (eventsByTicket.get(ticket.id) ?? []).map(({ ticket_seq }) => ticket_seq)
    if (seqs.length !== ticket.last_seq || seqs.some((seq, i) => seq !== i + 1))
      complain('halfWritten', `ticket ${ticket.id} counts to ${ticket.last_seq}, and its events are ${seqs.join()}`)
  }
  const isIndexed = new Set(indexed.map(({ id }) => String(id)))
  for (const { id } of [...messages, ...tickets]) if (!isIndexed.has(id)) complain('halfWritten', `${id} is not in the index`)
  if (isIndexed.size !== messages.length + tickets.length) complain('halfWritten', 'the index holds what is not there')
  for (const { idempotency_key, status } of keys)
    if (status === 0) complain('halfWritten', `key ${idempotency_key} has no answer`)

  for (const words of await engineComplaints(database)) complain('broken', words)
  return { ...found, complaints }
}

/** On MySQL the last events may still wait for their position; where no node runs any more, they get it here. */
async function everythingStamped(database: Database): Promise<void> {
  if (database.engine === 'sqlite') return
  for (let tries = 0; tries < 200 && (await stampEvents(database)) > 0; tries++);
}

async function engineComplaints({ engine, reader }: Database): Promise<string[]> {
  if (engine === 'mysql') return []
  const whole = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(reader)
  const keys = await sql<Record<string, unknown>>`pragma foreign_key_check`.execute(reader)
  return [
    ...whole.rows.map(({ integrity_check }) => integrity_check).filter((words) => words !== 'ok'),
    ...keys.rows.map((row) => `foreign key: ${JSON.stringify(row)}`),
  ]
}

function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  return Map.groupBy(rows, keyOf)
}

/** Whether anything is wrong. */
export function isClean({ lost, doubled, gaps, halfWritten, broken }: Findings): boolean {
  return lost + doubled + gaps + halfWritten + broken === 0
}

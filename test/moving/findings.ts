// Reads everything that a desk holds, once it has come to rest, and says what is not as it must be.
import { keysOf } from '../../src/modules/fields/field.ts'
import type { TicketRow } from '../../src/modules/tickets/tables.ts'
import { isAsleep, rankInLine, waits } from '../../src/modules/tickets/ticket.ts'
import { closingTime } from '../../src/modules/tickets/timers.ts'
import { type Definition, publicStatus } from '../../src/modules/workflow/lifecycle.ts'
import { fromJson } from '../../src/platform/codecs.ts'
import type { Database } from '../../src/platform/database/database.ts'

type Complain = (words: string) => void

/** What is wrong; nothing is ever right to be here. */
export async function findings(database: Database, now: number): Promise<string[]> {
  const complaints: string[] = []
  const complain: Complain = (words) => void complaints.push(words)
  const { reader: db } = database
  const tickets = await db.selectFrom('tickets').selectAll().execute()
  const living = tickets.filter(({ deleted_at }) => deleted_at === null)
  await standing(database, { living, complain })
  await lines(database, { tickets, complain })
  await timers(database, { tickets, now, complain })
  await contents(database, { tickets, complain })
  await values(database, { tickets, complain })
  await people(database, { tickets, complain })
  await history(database, { tickets, complain })
  await leftOvers(database, complain)
  return complaints
}

/** Each ticket stands in a status of its lifecycle, under its names, and its lifecycle is its queue's. */
async function standing({ reader: db }: Database, { living, complain }: { living: TicketRow[]; complain: Complain }) {
  const lifecycles = new Map((await db.selectFrom('lifecycles').selectAll().execute()).map((row) => [row.id, row]))
  const queues = new Map((await db.selectFrom('queues').selectAll().execute()).map((row) => [row.id, row]))
  const users = new Map((await db.selectFrom('users').selectAll().execute()).map((row) => [row.id, row]))
  for (const ticket of living) {
    const { id, lifecycle_id, status, status_category, public_status, queue_id, assignee_id } = ticket
    const definition = lifecycles.get(lifecycle_id)?.definition
    const found = definition && fromJson<Definition>(definition).statuses.find(({ key }) => key === status)
    if (!found) complain(`${id} stands in ${status}, which its lifecycle ${lifecycle_id} has not`)
    else if (found.category !== status_category) complain(`${id} is ${status} and counts as ${status_category}`)
    else if (publicStatus(found) !== (public_status ?? status)) complain(`${id} is ${status} and shows ${public_status}`)
    const queue = queues.get(queue_id)
    if (!queue) complain(`${id} is in a queue that is gone`)
    else if (queue.lifecycle_id !== lifecycle_id)
      complain(`${id} is ${status} in ${lifecycle_id}, its queue in ${queue.lifecycle_id}`)
    const assignee = assignee_id === null ? undefined : users.get(assignee_id)
    if (assignee_id !== null && status_category !== 'closed' && (assignee?.active !== 1 || assignee.role === 'requester'))
      complain(`${id}, which is ${status}, is ${assignee?.name}’s, who works here no more`)
    const [isSolved, isClosed] = [ticket.solved_at !== null, ticket.closed_at !== null]
    if (isSolved !== ['solved', 'closed'].includes(status_category) || isClosed !== (status_category === 'closed'))
      complain(`${id} is ${status_category}, solved ${ticket.solved_at}, closed ${ticket.closed_at}`)
    if (ticket.pending_until !== null && !isAsleep(status_category)) complain(`${id} is ${status} and sleeps`)
  }
}

/** Whose a ticket is takes part in it once, and who takes part is there. */
async function people({ reader: db }: Database, { tickets, complain }: { tickets: TicketRow[]; complain: Complain }) {
  const owners = new Map(tickets.map(({ id, requester_id }) => [id, requester_id]))
  const users = new Map((await db.selectFrom('users').selectAll().execute()).map((row) => [row.id, row]))
  for (const { ticket_id, user_id, role } of await db.selectFrom('ticket_participants').selectAll().execute()) {
    if (role === 'cc' && owners.get(ticket_id) === user_id) complain(`${ticket_id} has its requester as cc`)
    if (!users.has(user_id) || !owners.has(ticket_id)) complain(`${user_id} takes part in ${ticket_id}, which cannot be`)
  }
}

/** Who waits, and nobody else, has a place in the line, by the order of the queue. */
async function lines({ reader: db }: Database, { tickets, complain }: { tickets: TicketRow[]; complain: Complain }) {
  const queues = new Map((await db.selectFrom('queues').selectAll().execute()).map((row) => [row.id, row]))
  for (const ticket of tickets) {
    const { id, queue_id, waiting_rank } = ticket
    const order = queues.get(queue_id)?.assignment_order ?? 'due'
    const rank = waits(ticket) ? rankInLine(ticket, order) : null
    if (waiting_rank !== rank) complain(`${id} stands at ${waiting_rank} instead of ${rank} in a line by ${order}`)
  }
}

/** What sleeps wakes once, what is solved closes once, and nothing else is waited for. */
async function timers(
  { reader: db }: Database,
  { tickets, now, complain }: { tickets: TicketRow[]; now: number; complain: Complain },
) {
  const settings = await db.selectFrom('settings').selectAll().executeTakeFirstOrThrow()
  const rows = await db.selectFrom('timers').selectAll().execute()
  const dueAt = new Map(rows.map(({ kind, subject_id, due_at }) => [`${kind} ${subject_id}`, due_at]))
  for (const ticket of tickets) {
    const { id, deleted_at, status_category, pending_until } = ticket
    const wakes = deleted_at === null && pending_until !== null && pending_until > now ? pending_until : undefined
    if (dueAt.get(`tickets.wake ${id}`) !== wakes)
      complain(`${id}, ${status_category} until ${pending_until}, wakes at ${dueAt.get(`tickets.wake ${id}`)}; it is ${now}`)
    const closes = deleted_at === null && status_category === 'solved' ? (closingTime(ticket, settings) ?? undefined) : undefined
    const closing = dueAt.get(`tickets.close ${id}`)
    // What was said since then is looked at when it is due.
    if ((closing === undefined) !== (closes === undefined) || (closing ?? 0) > (closes ?? 0))
      complain(`${id}, ${status_category}, closes at ${closing} instead of ${closes}`)
    if (dueAt.has(`assignment.push ${id}`) && !waits(ticket)) complain(`${id} calls for an agent and does not wait`)
  }
  for (const { kind, subject_id, state, due_at, last_error } of rows)
    if (state !== 'due' || due_at <= now) complain(`${kind} of ${subject_id} is ${state}, was due at ${due_at}: ${last_error}`)
}

/** Tags and messages are those of the rows. */
async function contents({ reader: db }: Database, { tickets, complain }: { tickets: TicketRow[]; complain: Complain }) {
  const tags = Map.groupBy(await db.selectFrom('ticket_tags').selectAll().execute(), ({ ticket_id }) => ticket_id)
  const messages = Map.groupBy(
    await db.selectFrom('messages').select(['id', 'ticket_id', 'visibility']).execute(),
    ({ ticket_id }) => ticket_id,
  )
  for (const { id, ...ticket } of tickets) {
    const own = JSON.stringify((tags.get(id) ?? []).map(({ tag }) => tag).sort())
    if (own !== ticket.tags) complain(`${id} has the tags ${ticket.tags} and ${own}`)
    if (ticket.deleted_at !== null) continue
    const said = messages.get(id) ?? []
    const isPublic = said.filter(({ visibility }) => visibility === 'public')
    if (said.length !== ticket.message_count || isPublic.length !== ticket.public_message_count)
      complain(`${id} counts ${ticket.message_count} messages, ${ticket.public_message_count} public, and has ${said.length}`)
  }
}

/** Values of fields are the same in the ticket and beside it, and none is of a field that is gone, or an option that is gone. */
async function values({ reader: db }: Database, { tickets, complain }: { tickets: TicketRow[]; complain: Complain }) {
  const fields = await db.selectFrom('fields').selectAll().execute()
  const byKey = new Map(fields.map((field) => [field.key, field]))
  const rows = Map.groupBy(await db.selectFrom('ticket_field_values').selectAll().execute(), ({ ticket_id }) => ticket_id)
  for (const { id, fields: text } of tickets) {
    const expected: string[] = []
    for (const [key, value] of Object.entries(fromJson<Record<string, string | number | string[]>>(text))) {
      const field = byKey.get(key)
      if (!field) {
        complain(`${id} has ${key}, which is no field`)
        continue
      }
      expected.push(...keysOf(field.type, value).map((one) => `${field.id} ${one}`))
      const options = fromJson<{ value: string }[]>(field.options).map((option) => option.value)
      if (options.length > 0 && ![value].flat().every((one) => options.includes(String(one))))
        complain(`${id} has ${value} in ${key}, which has ${options}`)
    }
    const found = (rows.get(id) ?? []).map((row) => `${row.field_id} ${row.text_value ?? row.number_value}`)
    if (found.sort().join() !== expected.sort().join()) complain(`${id} has the values ${expected}, and beside it ${found}`)
  }
  const ids = new Set(tickets.map(({ id }) => id))
  for (const ticket_id of rows.keys()) if (!ids.has(ticket_id)) complain(`values of ${ticket_id}, which is no ticket`)
}

/** What happened in a ticket has no gap, and tells how it came to stand where it stands. */
async function history({ reader: db }: Database, { tickets, complain }: { tickets: TicketRow[]; complain: Complain }) {
  const events = await db.selectFrom('events').selectAll().orderBy('position').execute()
  for (const [i, { position, id }] of events.entries()) if (position !== i + 1) complain(`${id} is at ${position}, not ${i + 1}`)
  const told = Map.groupBy(events, ({ ticket_id }) => ticket_id ?? '')
  for (const ticket of tickets) {
    const own = told.get(ticket.id) ?? []
    const seqs = own.map(({ ticket_seq }) => ticket_seq)
    if (seqs.length !== ticket.last_seq || seqs.some((seq, i) => seq !== i + 1))
      complain(`${ticket.id} counts to ${ticket.last_seq}, and its events are ${seqs}`)
    let status: unknown
    for (const { type, data } of own)
      if (type === 'ticket.created' || type === 'ticket.status_changed') status = fromJson<{ status: string }>(data).status
    if (status !== ticket.status) complain(`${ticket.id} is ${ticket.status}, and by its events ${status}`)
  }
}

/** Nothing failed for good, and nothing is still owed. */
async function leftOvers({ reader: db }: Database, complain: Complain) {
  for (const { kind, state, error } of await db.selectFrom('jobs').selectAll().where('state', '!=', 'done').execute())
    complain(`the job ${kind} is ${state}: ${error}`)
  for (const { reaction, state, last_error } of await db
    .selectFrom('deliveries')
    .selectAll()
    .where('state', '!=', 'done')
    .execute())
    complain(`the delivery to ${reaction} is ${state}: ${last_error}`)
}

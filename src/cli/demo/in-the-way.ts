import type { Reader } from '../../platform/database/schema.ts'
import { CommandFailed } from '../exit.ts'
import type { Demo } from './remove.ts'

/**
 * Refuses to take the demo out while something that is not of it hangs on it: a ticket of somebody else in one of its queues, say. It
 * says what, and how to loosen it; nothing has been changed by then.
 */
export async function requireNothingInTheWay(db: Reader, demo: Demo): Promise<void> {
  if (demo.users.length === 0) return
  const found = [...(await ticketsInTheWay(db, demo)), ...(await othersInTheWay(db, demo))]
  if (found.length === 0) return
  throw new CommandFailed(
    `Something of yours hangs on the demo, so nothing was removed:\n${found.map((line) => `  ${line}`).join('\n')}`,
  )
}

async function ticketsInTheWay(db: Reader, demo: Demo): Promise<string[]> {
  const user_ids = demo.users.map(({ id }) => id)
  const queue_ids = demo.queues.map(({ id }) => id)
  const category_ids = demo.categories.map(({ id }) => id)
  const own = new Set(demo.tickets.map(({ id }) => id))
  const tickets = await db
    .selectFrom('tickets')
    .select(['id', 'number', 'queue_id', 'category_id', 'assignee_id', 'organization_id', 'merged_into_id'])
    .where('requester_id', 'not in', user_ids)
    .where((eb) =>
      eb.or([
        ...(queue_ids.length > 0 ? [eb('queue_id', 'in', queue_ids)] : []),
        ...(category_ids.length > 0 ? [eb('category_id', 'in', category_ids)] : []),
        ...(demo.organizations.length > 0 ? [eb('organization_id', 'in', demo.organizations)] : []),
        eb('assignee_id', 'in', user_ids),
        eb('merged_into_id', 'is not', null),
      ]),
    )
    .execute()
  const lines: string[] = []
  for (const { number, queue_id, category_id, assignee_id, organization_id, merged_into_id } of tickets) {
    const name = `ticket #${number}`
    if (queue_ids.includes(queue_id)) lines.push(`${name} is in a queue of the demo: move it to another one.`)
    if (category_id !== null && category_ids.includes(category_id))
      lines.push(`${name} has a category of the demo: give it another one.`)
    if (assignee_id !== null && user_ids.includes(assignee_id))
      lines.push(`${name} is an agent's of the demo: assign it to somebody else.`)
    if (organization_id !== null && demo.organizations.includes(organization_id))
      lines.push(`${name} belongs to a company of the demo: give it to another requester.`)
    if (merged_into_id !== null && own.has(merged_into_id))
      lines.push(`${name} was merged into a ticket of the demo: undo the merge.`)
  }
  return [...lines, ...(await raisedByOthers(db, demo)), ...(await peopleInTickets(db, user_ids))]
}

/** Tickets of the demo's requesters that nobody of the demo raised: they were given to them, or raised for them. */
async function raisedByOthers(db: Reader, { users, tickets }: Demo): Promise<string[]> {
  const user_ids = users.map(({ id }) => id)
  const living = tickets.filter(({ deleted_at }) => deleted_at === null).map(({ id }) => id)
  const lines: string[] = []
  for (let from = 0; from < living.length; from += 500) {
    const found = await db
      .selectFrom('events')
      .innerJoin('tickets', 'tickets.id', 'events.ticket_id')
      .select('tickets.number')
      .where('events.ticket_id', 'in', living.slice(from, from + 500))
      .where('events.type', '=', 'ticket.created')
      .where('events.actor_id', 'not in', user_ids)
      .execute()
    for (const { number } of found)
      lines.push(`ticket #${number} was not raised by the demo: give it to another requester, or delete it.`)
  }
  return lines
}

/** Where people of the demo wrote, or take part, in tickets of others. */
async function peopleInTickets(db: Reader, user_ids: string[]): Promise<string[]> {
  const written = await db
    .selectFrom('messages')
    .innerJoin('tickets', 'tickets.id', 'messages.ticket_id')
    .select('tickets.number')
    .distinct()
    .where('messages.author_id', 'in', user_ids)
    .where('tickets.requester_id', 'not in', user_ids)
    .execute()
  const joined = await db
    .selectFrom('ticket_participants')
    .innerJoin('tickets', 'tickets.id', 'ticket_participants.ticket_id')
    .select('tickets.number')
    .distinct()
    .where('ticket_participants.user_id', 'in', user_ids)
    .where('tickets.requester_id', 'not in', user_ids)
    .where('tickets.deleted_at', 'is', null)
    .execute()
  return [
    ...written.map(
      ({ number }) => `somebody of the demo wrote in ticket #${number}: delete it, or give it to a requester of the demo.`,
    ),
    ...joined.map(({ number }) => `somebody of the demo takes part in ticket #${number}: take him out of it.`),
  ]
}

async function othersInTheWay(db: Reader, demo: Demo): Promise<string[]> {
  const user_ids = demo.users.map(({ id }) => id)
  const queue_ids = demo.queues.map(({ id }) => id)
  const lines: string[] = []
  if (demo.organizations.length > 0) {
    const members = await db
      .selectFrom('users')
      .select('email')
      .where('organization_id', 'in', demo.organizations)
      .where('id', 'not in', user_ids)
      .execute()
    for (const { email } of members) lines.push(`${email} belongs to a company of the demo: take him out of it.`)
  }
  if (queue_ids.length > 0) {
    const mailboxes = await db.selectFrom('mailboxes').select('address').where('queue_id', 'in', queue_ids).execute()
    for (const { address } of mailboxes) lines.push(`the mailbox ${address} is for a queue of the demo: give it another one.`)
    const settings = await db.selectFrom('settings').select('default_queue_id').executeTakeFirst()
    if (settings && queue_ids.includes(settings.default_queue_id))
      lines.push('the default queue is one of the demo: choose another one (PATCH /v1/settings).')
    const falling = await db
      .selectFrom('queues')
      .select('name')
      .where('fallback_queue_id', 'in', queue_ids)
      .where('id', 'not in', queue_ids)
      .execute()
    for (const { name } of falling) lines.push(`the queue ${name} falls back to one of the demo: choose another one.`)
  }
  const rules = await db.selectFrom('routing_rules').selectAll().execute()
  const named = [...queue_ids, ...demo.categories.map(({ id }) => id), ...demo.organizations, ...user_ids]
  for (const rule of rules)
    if (named.some((id) => JSON.stringify(rule).includes(id)))
      lines.push(`the routing rule ${rule.name} names something of the demo: change or delete it.`)
  return lines
}

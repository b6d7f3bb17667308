import { type Actor, isStaff } from '../../../platform/actor.ts'
import { type News, news } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findUser, findUserByEmail } from '../../directory/index.ts'
import { linksBetween, linkTickets } from '../../links/index.ts'
import type { MessageRow } from '../../messages/index.ts'
import {
  canWork,
  changeTicket,
  findVisibleTicket,
  getVisibleTicket,
  lockInOrder,
  type SeenTicket,
  type TicketReference,
  takeInFollowers,
} from '../../tickets/index.ts'
import { messageMentioned } from '../events.ts'
import { type Mentions, mentionsIn } from '../mentions.ts'

interface Written {
  /** Its row is locked, and it is as it stands after the message. */
  ticket: SeenTicket
  message: Pick<MessageRow, 'id' | 'body' | 'visibility' | 'version'>
  /** What the message said before: whom that mentioned has heard of it. */
  before?: string
}

/**
 * Locks a ticket together with those that a message to it mentions, in the order in which everybody locks several. Whoever will heed
 * mentions calls it before he locks the ticket.
 */
export async function lockMentioned(
  tx: Tx,
  actor: Actor,
  { ticket, body }: { ticket: TicketReference; body: string },
): Promise<void> {
  if (!isStaff(actor)) return
  const { tickets } = mentionsIn(body)
  if (tickets.length > 0) await lockInOrder(tx, actor, [ticket, ...tickets])
}

/**
 * Does what a message of the staff asks for by its mentions. The agents whom a note mentions follow the ticket from then on, and are
 * told; in a public message a name is text, for a requester must not be able to call anybody, nor to learn who is an agent. The
 * tickets that it mentions are linked.
 */
export async function heedMentions(tx: Tx, actor: Actor, { ticket, message, before = '' }: Written): Promise<SeenTicket> {
  if (!canWork(ticket)) return ticket
  const [said, now] = [mentionsIn(before), mentionsIn(message.body)]
  const called = message.visibility === 'internal' ? await callAgents(tx, actor, { ticket, message, said, now }) : ticket
  const tickets = now.tickets.filter((one) => !said.tickets.includes(one))
  return tickets.length === 0 ? called : linkMentioned(tx, actor, { ticket: called, tickets })
}

async function callAgents(
  tx: Tx,
  actor: Actor,
  { ticket, message, said, now }: Omit<Written, 'before'> & { said: Mentions; now: Mentions },
): Promise<SeenTicket> {
  const known = new Set(await agentsOf(tx, said.people))
  const agents = (await agentsOf(tx, now.people)).filter((id) => id !== actor.id && !known.has(id))
  if (agents.length === 0) return ticket
  const announce: News[] = await takeInFollowers(tx, ticket, agents)
  const subject = { type: 'message', id: message.id, version: message.version }
  for (const user_id of agents)
    announce.push(news(messageMentioned, { visibility: 'internal', data: { message_id: message.id, user_id }, subject }))
  return changeTicket(tx, actor, ticket, { set: {}, announce })
}

/** The active agents among those who are mentioned, each once; all others are text. */
async function agentsOf(tx: Tx, people: readonly string[]): Promise<string[]> {
  const ids = new Set<string>()
  for (const name of people) {
    const user = name.includes('@') ? await findUserByEmail(tx.db, name) : await findUser(tx.db, name)
    if (user?.active === 1 && user.role !== 'requester') ids.add(user.id)
  }
  return [...ids]
}

/** Relates the ticket to those that its message mentions and that the author works on. One that it has to do with already stays so. */
async function linkMentioned(
  tx: Tx,
  actor: Actor,
  { ticket, tickets }: { ticket: SeenTicket; tickets: readonly TicketReference[] },
): Promise<SeenTicket> {
  for (const reference of tickets) {
    const other = await findVisibleTicket(tx.db, actor, reference)
    if (!other || !canWork(other) || other.id === ticket.id) continue
    if ((await linksBetween(tx.db, { ticket_id: ticket.id, other_id: other.id })).length > 0) continue
    await linkTickets(tx, actor, { ticket: ticket.id, other: other.id, kind: 'related' })
  }
  // Each link moved its version.
  return getVisibleTicket(tx.db, actor, ticket.id)
}

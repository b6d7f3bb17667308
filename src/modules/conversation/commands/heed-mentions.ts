import type { Actor } from '../../../platform/actor.ts'
import { type News, news } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findUser, findUserByEmail } from '../../directory/index.ts'
import type { MessageRow } from '../../messages/index.ts'
import { canWork, changeTicket, type SeenTicket, takeInFollowers } from '../../tickets/index.ts'
import { messageMentioned } from '../events.ts'
import { mentionsIn } from '../mentions.ts'
import { linkMentioned } from './link-mentioned.ts'

interface Written {
  /** Its row is locked, and it is as it stands after the message. */
  ticket: SeenTicket
  message: Pick<MessageRow, 'id' | 'body' | 'visibility' | 'version'>
  /** What the message said before: whom and what that mentioned is nothing new. */
  before?: string
}

/** Does what a message of the staff asks for by its mentions: its note calls agents, and tickets are linked. */
export async function heedMentions(tx: Tx, actor: Actor, { ticket, message, before = '' }: Written): Promise<SeenTicket> {
  const called = await callAgents(tx, actor, { ticket, message, before })
  return linkMentioned(tx, actor, { ticket: called, body: message.body, before })
}

/**
 * The agents whom a note mentions follow its ticket from then on, and are told. In a public message a name is text: a requester must
 * not be able to call anybody, nor learn who is an agent.
 */
async function callAgents(tx: Tx, actor: Actor, { ticket, message, before = '' }: Written): Promise<SeenTicket> {
  if (!canWork(ticket) || message.visibility !== 'internal') return ticket
  const known = new Set(await agentsOf(tx, mentionsIn(before).people))
  const agents = (await agentsOf(tx, mentionsIn(message.body).people)).filter((id) => id !== actor.id && !known.has(id))
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

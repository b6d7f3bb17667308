import { sql } from 'kysely'
import { limitTo } from '../../platform/database/dialect.ts'
import { prepare } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { NotFound } from '../../platform/problems.ts'
import type { View } from './message.ts'
import type { SignedMessage } from './present.ts'
import type { MessageRevisionRow } from './tables.ts'

// Who sees a conversation is decided where tickets are seen: these take a ticket that somebody sees, and his side of it.

/** A ticket that somebody sees, and from which side. */
export interface SeenConversation {
  id: string
  view: View
}

function signedMessages(db: Reader) {
  return db
    .selectFrom('messages')
    .leftJoin('users', 'users.id', 'messages.author_id')
    .leftJoin('api_keys', 'api_keys.id', 'messages.author_id')
    .selectAll('messages')
    .select([sql<string | null>`coalesce(users.name, api_keys.name)`.as('author_name'), 'users.role as author_role'])
}

const messagesOf = prepare<{ ticket_id: string; place: number; limit: number }, ReturnType<typeof conversation>>(conversation)

function conversation(db: Reader, slots: { ticket_id: string; place: number; limit: number }, shape: string) {
  const [side, order] = shape.split(' ')
  const after = order === 'asc' ? '>' : '<'
  return signedMessages(db)
    .where('messages.ticket_id', '=', slots.ticket_id)
    .where('messages.place', after, slots.place)
    .$if(side === 'public', (query) => query.where('messages.visibility', '=', 'public'))
    .orderBy('messages.place', order === 'asc' ? 'asc' : 'desc')
    .limit(limitTo(db, slots.limit))
}

/** A part of a conversation, as far as the side of `ticket` shows it: behind a place. */
export function listMessages(
  db: Reader,
  ticket: SeenConversation,
  { order, place, limit }: { order: 'asc' | 'desc'; place?: number | undefined; limit: number },
): Promise<SignedMessage[]> {
  const from = place ?? (order === 'asc' ? 0 : Number.MAX_SAFE_INTEGER)
  return messagesOf(db, { ticket_id: ticket.id, place: from, limit }, `${ticket.view === 'staff' ? 'all' : 'public'} ${order}`)
}

/** One message of a ticket, as far as the side of `ticket` shows it; hidden and missing are the same. */
export async function findMessage(db: Reader, ticket: SeenConversation, message_id: string): Promise<SignedMessage | undefined> {
  return signedMessages(db)
    .where('messages.id', '=', message_id)
    .where('messages.ticket_id', '=', ticket.id)
    .$if(ticket.view !== 'staff', (query) => query.where('messages.visibility', '=', 'public'))
    .executeTakeFirst()
}

export async function getMessage(db: Reader, ticket: SeenConversation, message_id: string): Promise<SignedMessage> {
  const message = await findMessage(db, ticket, message_id)
  if (!message) throw NotFound()
  return message
}

/** The message that this author already posted to this ticket under this id of his own. */
export async function findByClientId(
  db: Reader,
  { author_id, ticket_id, client_id }: { author_id: string; ticket_id: string; client_id: string },
): Promise<SignedMessage | undefined> {
  return signedMessages(db)
    .where('messages.author_id', '=', author_id)
    .where('messages.addressed_ticket_id', '=', ticket_id)
    .where('messages.client_id', '=', client_id)
    .executeTakeFirst()
}

const newestPlace = prepare<{ ticket_id: string }, ReturnType<typeof newestOf>>(newestOf)

function newestOf(db: Reader, { ticket_id }: { ticket_id: string }, shape: string) {
  return db
    .selectFrom('messages')
    .select(['id', 'place'])
    .where('ticket_id', '=', ticket_id)
    .$if(shape === 'public', (query) => query.where('visibility', '=', 'public'))
    .orderBy('place', 'desc')
    .limit(limitTo(db, 1))
}

/**
 * Where a message stands in a conversation, as far as the side of `ticket` shows it; without `message_id` the newest. A message that
 * was written to this ticket and stands in another one by now has no place here.
 */
export async function findPlace(
  db: Reader,
  ticket: SeenConversation,
  message_id?: string,
): Promise<{ id: string; place: number | null } | undefined> {
  if (message_id === undefined)
    return (await newestPlace(db, { ticket_id: ticket.id }, ticket.view === 'staff' ? 'all' : 'public'))[0]
  const message = await db
    .selectFrom('messages')
    .select(['id', 'place', 'ticket_id'])
    .where('id', '=', message_id)
    .where((eb) => eb.or([eb('ticket_id', '=', ticket.id), eb('addressed_ticket_id', '=', ticket.id)]))
    .$if(ticket.view !== 'staff', (query) => query.where('visibility', '=', 'public'))
    .executeTakeFirst()
  return message && { id: message.id, place: message.ticket_id === ticket.id ? message.place : null }
}

/** When the newest public message of a ticket was written; null where there is none. */
export async function lastPublicMessageAt(db: Reader, ticket_id: string): Promise<number | null> {
  const row = await db
    .selectFrom('messages')
    .select((eb) => eb.fn.max('created_at').as('at'))
    .where('ticket_id', '=', ticket_id)
    .where('visibility', '=', 'public')
    .executeTakeFirst()
  return row?.at ?? null
}

/** A ticket, and those to which the messages of its conversation were written. */
export async function conversationSources(db: Reader, ticket_id: string): Promise<string[]> {
  const rows = await db
    .selectFrom('messages')
    .select('addressed_ticket_id')
    .distinct()
    .where('ticket_id', '=', ticket_id)
    .execute()
  return [...new Set([ticket_id, ...rows.map(({ addressed_ticket_id }) => addressed_ticket_id)])]
}

/** What a message said before, oldest first: behind a version. For who sees its staff side. */
export function listRevisions(
  db: Reader,
  { message_id, after, limit }: { message_id: string; after: number; limit: number },
): Promise<MessageRevisionRow[]> {
  return db
    .selectFrom('message_revisions')
    .selectAll()
    .where('message_id', '=', message_id)
    .where('version', '>', after)
    .orderBy('version')
    .limit(limit)
    .execute()
}

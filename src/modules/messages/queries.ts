import { sql } from 'kysely'
import { limitTo } from '../../platform/database/dialect.ts'
import { prepare } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { NotFound } from '../../platform/problems.ts'
import type { View } from './message.ts'
import type { SignedMessage } from './present.ts'
import type { MessageRow } from './tables.ts'

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

/** What of a message's row says where it is and who sees it; no text. */
export type MessageOutline = Pick<
  MessageRow,
  'id' | 'place' | 'visibility' | 'author_type' | 'author_id' | 'addressed_ticket_id' | 'created_at'
>

/** All messages of a ticket in their order, without their texts; for moving them about. At most `limit`. */
export async function outlineOf(db: Reader, ticket_id: string, limit: number): Promise<MessageOutline[]> {
  return db
    .selectFrom('messages')
    .select(['id', 'place', 'visibility', 'author_type', 'author_id', 'addressed_ticket_id', 'created_at'])
    .where('ticket_id', '=', ticket_id)
    .orderBy('place')
    .limit(limit)
    .execute()
}

/** How many messages a ticket has and when the last was written, on either side: counted, not remembered. */
export async function tallyOf(db: Reader, ticket_id: string) {
  const ofTicket = db
    .selectFrom('messages')
    .select(['visibility', sql<number>`count(*)`.as('count'), sql<number>`max(created_at)`.as('last')])
    .where('ticket_id', '=', ticket_id)
    .groupBy('visibility')
  const sides = (await ofTicket.execute()).map((side) => ({ ...side, count: Number(side.count), last: Number(side.last) }))
  const open = sides.find(({ visibility }) => visibility === 'public')
  return {
    message_count: sides.reduce((sum, { count }) => sum + count, 0),
    public_message_count: open?.count ?? 0,
    last_message_at: sides.length === 0 ? null : Math.max(...sides.map(({ last }) => last)),
    public_last_message_at: open?.last ?? null,
  }
}

/** The tickets in which messages are now, whoever sees them. */
export async function ticketsOfMessages(db: Reader, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const found = db
    .selectFrom('messages')
    .select(['id', 'ticket_id'])
    .where('id', 'in', [...ids])
  return new Map((await found.execute()).map(({ id, ticket_id }) => [id, ticket_id]))
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

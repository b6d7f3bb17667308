import { sql } from 'kysely'
import { limitTo } from '../../platform/database/dialect.ts'
import { prepare } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { NotFound } from '../../platform/problems.ts'
import { attachmentsOf } from '../attachments/index.ts'
import type { View } from './message.ts'
import type { SignedMessage } from './present.ts'

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
export async function listMessages(
  db: Reader,
  ticket: SeenConversation,
  { order, place, limit }: { order: 'asc' | 'desc'; place?: number | undefined; limit: number },
): Promise<SignedMessage[]> {
  const from = place ?? (order === 'asc' ? 0 : Number.MAX_SAFE_INTEGER)
  const shape = `${ticket.view === 'staff' ? 'all' : 'public'} ${order}`
  return withAttachments(db, ticket.view, await messagesOf(db, { ticket_id: ticket.id, place: from, limit }, shape))
}

type Unattached = Omit<SignedMessage, 'attachments'>

/** Messages with the attachments that this side may see: of a retracted one only staff does. One query for all, none where there are none. */
async function withAttachments(db: Reader, view: View, messages: readonly Unattached[]): Promise<SignedMessage[]> {
  const shown = messages.filter(
    ({ attachment_count, retracted_at }) => attachment_count > 0 && (retracted_at === null || view === 'staff'),
  )
  const found = await attachmentsOf(
    db,
    shown.map(({ id }) => id),
  )
  const byMessage = Map.groupBy(found, ({ message_id }) => message_id)
  return messages.map((message) => ({ ...message, attachments: byMessage.get(message.id) ?? [] }))
}

/** Which ticket a message lies in, and who may read it there. */
export async function locateMessage(db: Reader, id: string) {
  return db
    .selectFrom('messages')
    .select(['id', 'ticket_id', 'visibility', 'retracted_at'])
    .where('id', '=', id)
    .executeTakeFirst()
}

/** One message of a ticket, as far as the side of `ticket` shows it; hidden and missing are the same. */
export async function findMessage(db: Reader, ticket: SeenConversation, message_id: string): Promise<SignedMessage | undefined> {
  const message = await signedMessages(db)
    .where('messages.id', '=', message_id)
    .where('messages.ticket_id', '=', ticket.id)
    .$if(ticket.view !== 'staff', (query) => query.where('messages.visibility', '=', 'public'))
    .execute()
  return (await withAttachments(db, ticket.view, message))[0]
}

export async function getMessage(db: Reader, ticket: SeenConversation, message_id: string): Promise<SignedMessage> {
  const message = await findMessage(db, ticket, message_id)
  if (!message) throw NotFound()
  return message
}

/** The message that this author already posted to this ticket under this id of his own. */
export async function findByClientId(
  db: Reader,
  { author_id, ticket, client_id }: { author_id: string; ticket: SeenConversation; client_id: string },
): Promise<SignedMessage | undefined> {
  const found = await signedMessages(db)
    .where('messages.author_id', '=', author_id)
    .where('messages.addressed_ticket_id', '=', ticket.id)
    .where('messages.client_id', '=', client_id)
    .execute()
  return (await withAttachments(db, ticket.view, found))[0]
}

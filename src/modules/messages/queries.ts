import { sql } from 'kysely'
import { limitTo } from '../../platform/database/dialect.ts'
import { prepare } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { NotFound } from '../../platform/problems.ts'
import { attachmentsOf } from '../attachments/index.ts'
import type { View } from './message.ts'
import type { SignedMessage } from './present.ts'
import { columnsBesideText, type MessageRevisionRow, type MessageRow } from './tables.ts'

// Who sees a conversation is decided where tickets are seen: these take a ticket that somebody sees, and his side of it.

/** A ticket that somebody sees, and from which side. */
interface SeenConversation {
  id: string
  view: View
}

function signedMessages(db: Reader) {
  return authoredMessages(db).selectAll('messages')
}

function authoredMessages(db: Reader) {
  return db
    .selectFrom('messages')
    .leftJoin('users', 'users.id', 'messages.author_id')
    .leftJoin('api_keys', 'api_keys.id', 'messages.author_id')
    .select([sql<string | null>`coalesce(users.name, api_keys.name)`.as('author_name'), 'users.role as author_role'])
}

// What is longer is read on its own, and only where it fits: the texts of a page could fill the memory.
const LONG_BYTES = 32_768

/** How much text one answer holds, where there is more than one message in it. */
export const PAGE_BYTES = 4_000_000

/** How many rows one page takes: the wanted number, or as many as are not too long together, at the least one. */
export function fittingCount(rows: readonly { bytes: number }[], limit: number): number {
  let total = 0
  for (const [i, { bytes }] of rows.entries()) {
    total += bytes
    if (i > 0 && total > PAGE_BYTES) return Math.min(limit, i)
  }
  return Math.min(limit, rows.length)
}

const bytesOfText = sql<number>`octet_length(messages.body) + octet_length(messages.body_html)`

type Slots = { ticket_id: string; place: number; limit: number; long: number }
const messagesOf = prepare<Slots, ReturnType<typeof conversation>>(conversation)

function conversation(db: Reader, slots: Slots, shape: string) {
  const [side, order] = shape.split(' ')
  const after = order === 'asc' ? '>' : '<'
  const ifShort = (column: 'body' | 'body_html') =>
    sql<string | null>`case when ${bytesOfText} <= ${slots.long} then ${sql.ref(`messages.${column}`)} end`.as(column)
  return authoredMessages(db)
    .select(columnsBesideText.map((column) => `messages.${column}` as const))
    .select([bytesOfText.as('bytes'), ifShort('body'), ifShort('body_html')])
    .where('messages.ticket_id', '=', slots.ticket_id)
    .where('messages.place', after, slots.place)
    .$if(side === 'public', (query) => query.where('messages.visibility', '=', 'public'))
    .orderBy('messages.place', order === 'asc' ? 'asc' : 'desc')
    .limit(limitTo(db, slots.limit))
}

/** A part of a conversation, and whether there is more of it in the same direction. */
export interface Conversation {
  messages: SignedMessage[]
  has_more: boolean
}

/**
 * A part of a conversation, as far as the side of `ticket` shows it: behind a place, at most `limit` messages, and no more than
 * are not too long together, at the least one.
 */
export async function listMessages(
  db: Reader,
  ticket: SeenConversation,
  { order, place, limit }: { order: 'asc' | 'desc'; place?: number | undefined; limit: number },
): Promise<Conversation> {
  const from = place ?? (order === 'asc' ? 0 : Number.MAX_SAFE_INTEGER)
  const shape = `${ticket.view === 'staff' ? 'all' : 'public'} ${order}`
  const rows = await messagesOf(db, { ticket_id: ticket.id, place: from, limit: limit + 1, long: LONG_BYTES }, shape)
  const fitting = rows.slice(0, fittingCount(rows, limit))
  for (const row of fitting) if (row.body === null) Object.assign(row, await textOf(db, row.id))
  // Each has its text now. The rows are nobody else's: to copy them would cost more than to read them.
  const messages = await withAttachments(db, ticket.view, fitting as unknown as Unattached[])
  return { messages, has_more: rows.length > fitting.length }
}

/** How long messages are; of those that are gone nothing is said. */
export async function bytesOfMessages(db: Reader, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('messages')
    .select(['id', bytesOfText.as('bytes')])
    .where('id', 'in', [...ids])
    .execute()
  return new Map(rows.map(({ id, bytes }) => [id, bytes]))
}

function textOf(db: Reader, id: string): Promise<Pick<MessageRow, 'body' | 'body_html'>> {
  return db.selectFrom('messages').select(['body', 'body_html']).where('id', '=', id).executeTakeFirstOrThrow()
}

type Unattached = Omit<SignedMessage, 'attachments'>

const NONE: SignedMessage['attachments'] = []

/** These very messages, with the attachments that this side may see: of a retracted one only staff does. One query for all, none where there are none. */
async function withAttachments(db: Reader, view: View, messages: readonly Unattached[]): Promise<SignedMessage[]> {
  const shown = messages.filter((message) => message.attachment_count > 0 && showsAttachments(message, view))
  const ids = shown.map(({ id }) => id)
  const byMessage = Map.groupBy(await attachmentsOf(db, ids), ({ message_id }) => message_id)
  const signed = messages as SignedMessage[] // once the next line has run
  for (const message of signed) message.attachments = byMessage.get(message.id) ?? NONE
  return signed
}

function showsAttachments({ retracted_at }: Pick<MessageRow, 'retracted_at'>, view: View): boolean {
  return retracted_at === null || view === 'staff'
}

/** What one side shows of a message that was read for staff; undefined where it shows nothing. */
export function asSeenFrom(view: View, message: SignedMessage): SignedMessage | undefined {
  if (view === 'staff') return message
  if (message.visibility !== 'public') return undefined
  return showsAttachments(message, view) ? message : { ...message, attachments: NONE }
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

/** Those of these messages that lie in some tickets which somebody sees from the same side, as far as it shows them; in any order. */
export async function findMessages(
  db: Reader,
  { ticket_ids, view }: { ticket_ids: readonly string[]; view: View },
  message_ids: readonly string[],
): Promise<SignedMessage[]> {
  if (ticket_ids.length === 0 || message_ids.length === 0) return []
  const messages = await signedMessages(db)
    .where('messages.id', 'in', [...message_ids])
    .where('messages.ticket_id', 'in', [...ticket_ids])
    .$if(view !== 'staff', (query) => query.where('messages.visibility', '=', 'public'))
    .execute()
  return withAttachments(db, view, messages)
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
  { author_id, ticket, client_id }: { author_id: string; ticket: SeenConversation; client_id: string },
): Promise<SignedMessage | undefined> {
  const found = await signedMessages(db)
    .where('messages.author_id', '=', author_id)
    .where('messages.addressed_ticket_id', '=', ticket.id)
    .where('messages.client_id', '=', client_id)
    .execute()
  return (await withAttachments(db, ticket.view, found))[0]
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

type UpTo = { ticket_id: string; place: number }
const upTo = prepare<UpTo, ReturnType<typeof newestUpTo>>(newestUpTo)

function newestUpTo(db: Reader, { ticket_id, place }: UpTo, shape: string) {
  return newestOf(db, { ticket_id }, shape).where('place', '<=', place)
}

/** The newest message of a conversation at or before a place, notes among them or public ones alone. */
export async function findUpTo(
  db: Reader,
  { side, ...where }: UpTo & { side: 'all' | 'public' },
): Promise<{ id: string; place: number } | undefined> {
  return (await upTo(db, where, side))[0]
}

/** Where the first note behind a place stands. */
export async function findNoteBehind(db: Reader, { ticket_id, place }: UpTo): Promise<number | undefined> {
  const note = await db
    .selectFrom('messages')
    .select('place')
    .where('ticket_id', '=', ticket_id)
    .where('place', '>', place)
    .where('visibility', '=', 'internal')
    .orderBy('place')
    .limit(1)
    .executeTakeFirst()
  return note?.place
}

/** How many messages stand behind a place, as far as the side of `ticket` shows them. */
export async function countBehind(db: Reader, ticket: SeenConversation, place: number): Promise<number> {
  const row = await db
    .selectFrom('messages')
    .select(sql<number>`count(*)`.as('count'))
    .where('ticket_id', '=', ticket.id)
    .where('place', '>', place)
    .$if(ticket.view !== 'staff', (query) => query.where('visibility', '=', 'public'))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** Where messages stand, and on which side; whoever sees them. Of those that are gone nothing is said. */
export async function placesOfMessages(
  db: Reader,
  ids: readonly string[],
): Promise<Pick<MessageRow, 'id' | 'ticket_id' | 'place' | 'visibility'>[]> {
  if (ids.length === 0) return []
  return db
    .selectFrom('messages')
    .select(['id', 'ticket_id', 'place', 'visibility'])
    .where('id', 'in', [...ids])
    .execute()
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

/**
 * What a message said before, oldest first: behind a version, at most `limit`, and no more than are not too long together. For who
 * sees its staff side.
 */
export async function listRevisions(
  db: Reader,
  { message_id, after, limit }: { message_id: string; after: number; limit: number },
): Promise<{ revisions: MessageRevisionRow[]; has_more: boolean }> {
  const behind = db
    .selectFrom('message_revisions')
    .where('message_id', '=', message_id)
    .where('version', '>', after)
    .orderBy('version')
  const lengths = await behind
    .select(sql<number>`octet_length(body)`.as('bytes'))
    .limit(limit + 1)
    .execute()
  const count = fittingCount(lengths, limit)
  const revisions = count === 0 ? [] : await behind.selectAll().limit(count).execute()
  return { revisions, has_more: lengths.length > count }
}

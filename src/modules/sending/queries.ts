import { sql } from 'kysely'
import type { Actor } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { NotFound } from '../../platform/problems.ts'
import { scopeValues, seesStaffSide } from '../tickets/index.ts'
import type { OutboundMailRow, SuppressionRow } from './tables.ts'

/** What became of a mail to one recipient. */
export type MailDelivery = Pick<
  OutboundMailRow,
  | 'id'
  | 'kind'
  | 'message_id'
  | 'user_id'
  | 'to_address'
  | 'state'
  | 'reason'
  | 'attempts'
  | 'due_at'
  | 'smtp_code'
  | 'enhanced_code'
  | 'response'
  | 'sent_at'
  | 'updated_at'
>

/** The mails about messages, by message. */
export async function deliveriesOf(db: Reader, message_ids: readonly string[]): Promise<Map<string, MailDelivery[]>> {
  if (message_ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('outbound_mails')
    .select(['id', 'kind', 'message_id', 'user_id', 'to_address', 'state', 'reason', 'attempts', 'due_at'])
    .select(['smtp_code', 'enhanced_code', 'response', 'sent_at', 'updated_at'])
    .where('message_id', 'in', message_ids)
    .orderBy('message_id')
    .orderBy('id')
    .execute()
  return Map.groupBy(rows, ({ message_id }) => String(message_id))
}

/** Whether an address, folded, gets no mail. */
export async function isSuppressed(db: Reader, address_key: string): Promise<boolean> {
  const row = await db.selectFrom('suppressions').select('id').where('address_key', '=', address_key).executeTakeFirst()
  return row !== undefined
}

/** How many automatic mails were owed to an address since a time, in one ticket or in all. What was called back does not count. */
export async function countAutomatic(
  db: Reader,
  { to_key, since, ticket_id }: { to_key: string; since: number; ticket_id?: string },
): Promise<number> {
  const { count } = await db
    .selectFrom('outbound_mails')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('to_key', '=', to_key)
    .where('created_at', '>=', since)
    .where('automatic', '=', 1)
    .where('state', 'not in', ['cancelled', 'suppressed'])
    .$if(ticket_id !== undefined, (query) => query.where('ticket_id', '=', ticket_id ?? ''))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Why those of these recipients get no mail that get none, by their folded address. */
export async function suppressedAmong(
  db: Reader,
  mails: readonly Pick<OutboundMailRow, 'to_key'>[],
): Promise<Map<string, string>> {
  const keys = [...new Set(mails.map(({ to_key }) => to_key))]
  if (keys.length === 0) return new Map()
  const rows = await db.selectFrom('suppressions').select(['address_key', 'reason']).where('address_key', 'in', keys).execute()
  return new Map(rows.map(({ address_key, reason }) => [address_key, reason]))
}

/** The mails that an actor sees: an admin all, an agent those about tickets whose staff side he sees. */
export function visibleMails(db: Reader, actor: Actor) {
  const mails = db.selectFrom('outbound_mails').selectAll('outbound_mails')
  if (actor.role === 'admin') return mails
  const seen = sql<boolean>`tickets.id = outbound_mails.ticket_id and tickets.deleted_at is null and ${seesStaffSide(scopeValues(actor), actor)}`
  return mails.where(sql<boolean>`exists (select 1 from tickets where ${seen})`)
}

/** A mail, if this actor sees it; hidden and missing are the same 404. */
export async function getVisibleMail(db: Reader, actor: Actor, id: string): Promise<OutboundMailRow> {
  const mail = await visibleMails(db, actor).where('outbound_mails.id', '=', id).executeTakeFirst()
  if (!mail) throw NotFound()
  return mail
}

/** The addresses that get no mail. */
export function suppressions(db: Reader) {
  return db.selectFrom('suppressions').selectAll()
}

/** Throws 404. */
export async function getSuppression(db: Reader, id: string): Promise<SuppressionRow> {
  const row = await suppressions(db).where('id', '=', id).executeTakeFirst()
  if (!row) throw NotFound()
  return row
}

/** Mails in a state, or all, newest first: what the CLI shows. */
export async function listMails(
  db: Reader,
  { state, limit }: { state: OutboundMailRow['state'] | undefined; limit: number },
): Promise<OutboundMailRow[]> {
  return db
    .selectFrom('outbound_mails')
    .selectAll()
    .$if(state !== undefined, (query) => query.where('state', '=', state ?? 'failed'))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Actor } from '../../platform/actor.ts'
import { foldEmail, fromJson, toTime, toTimeOrNull } from '../../platform/codecs.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { NotFound } from '../../platform/problems.ts'
import { scopeValues, seesStaffSide } from '../tickets/index.ts'
import { stepsOf } from './explain.ts'
import { isKept } from './raw.ts'
import type { InboundMail, InboundMailQuery } from './schema.ts'
import { isOver } from './state.ts'
import type { InboundMailRow } from './tables.ts'

/** The mails that an actor sees: an admin all, an agent those of the tickets that he sees on the staff side. */
export function visibleInboundMails(db: Reader, actor: Actor) {
  const mails = db.selectFrom('inbound_mails').selectAll('inbound_mails')
  if (actor.role === 'admin') return mails
  return mails.where(({ exists, selectFrom }) =>
    exists(
      selectFrom('tickets')
        .select(sql<number>`1`.as('one'))
        .whereRef('tickets.id', '=', 'inbound_mails.ticket_id')
        .where('tickets.deleted_at', 'is', null)
        .where(seesStaffSide(scopeValues(actor), actor)),
    ),
  )
}

/** One mail; hidden and missing are the same. */
export async function getVisibleInboundMail(db: Reader, actor: Actor, id: string): Promise<InboundMailRow> {
  const row = await visibleInboundMails(db, actor).where('inbound_mails.id', '=', id).executeTakeFirst()
  if (!row) throw NotFound()
  return row
}

/** The mails that a query wants, of those that an actor sees. */
export function wantedInboundMails(db: Reader, actor: Actor, query: Static<typeof InboundMailQuery>) {
  const { state, source, mailbox_id, ticket_id, from } = query
  return visibleInboundMails(db, actor)
    .$if(state !== undefined && state.length > 0, (rows) => rows.where('inbound_mails.state', 'in', state ?? []))
    .$if(source !== undefined && source.length > 0, (rows) => rows.where('inbound_mails.source', 'in', source ?? []))
    .$if(mailbox_id !== undefined, (rows) => rows.where('inbound_mails.mailbox_id', '=', mailbox_id ?? ''))
    .$if(ticket_id !== undefined, (rows) => rows.where('inbound_mails.ticket_id', '=', ticket_id ?? ''))
    .$if(from !== undefined, (rows) => rows.where('inbound_mails.from_key', '=', foldEmail(from ?? '')))
}

/** Mails by their state, the newest first: what the command line lists. */
export async function listInboundMails(
  db: Reader,
  { states, limit }: { states: readonly InboundMailRow['state'][]; limit: number },
): Promise<InboundMailRow[]> {
  return db
    .selectFrom('inbound_mails')
    .selectAll()
    .$if(states.length > 0, (rows) => rows.where('state', 'in', states))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/** A mail by its id; undefined where there is none. */
export async function findInboundMail(db: Reader, id: string): Promise<InboundMailRow | undefined> {
  return db.selectFrom('inbound_mails').selectAll().where('id', '=', id).executeTakeFirst()
}

export function toInboundMail(row: InboundMailRow): InboundMail {
  const { id, state, reason, classification, source, mailbox_id, header_id, subject, envelope_from } = row
  const { size, copies, attempts, last_error, ticket_id, message_id, user_id, version } = row
  return {
    id,
    object: 'inbound_mail',
    state,
    reason,
    classification,
    source,
    mailbox_id,
    header_id,
    from: row.from_address,
    subject,
    envelope_from,
    envelope_to: fromJson<string[]>(row.envelope_to),
    sent_at: toTimeOrNull(row.sent_at),
    size,
    is_kept: isKept(row),
    copies,
    attempts,
    next_attempt_at: isOver(state) ? null : toTime(row.due_at),
    last_error,
    ticket_id,
    message_id,
    user_id,
    received_at: toTime(row.received_at),
    created_at: toTime(row.created_at),
    updated_at: toTime(row.updated_at),
    version,
  }
}

/** The same, with every step. */
export function toExplainedMail(row: InboundMailRow): InboundMail {
  return { ...toInboundMail(row), explain: stepsOf(row.explain) }
}

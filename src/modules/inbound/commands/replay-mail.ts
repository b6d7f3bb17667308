import type { Actor } from '../../../platform/actor.ts'
import { toTime } from '../../../platform/codecs.ts'
import { forUpdate } from '../../../platform/database/dialect.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import { NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { withStep } from '../explain.ts'
import { MailGone, MailIsUnderWay, MailWasApplied } from '../problems.ts'
import { isKept } from '../raw.ts'
import { isHeld } from '../state.ts'
import type { InboundMailRow } from '../tables.ts'

/**
 * Has a mail worked on from the start once more. What it did is not done twice: one whose ticket or message is still there is
 * refused, and so is one that is being worked on.
 */
export async function replayMail(tx: Tx, actor: Pick<Actor, 'id'>, { id }: { id: string }): Promise<InboundMailRow> {
  const row = await forUpdate(tx.db, tx.db.selectFrom('inbound_mails').selectAll().where('id', '=', id)).executeTakeFirst()
  if (!row) throw NotFound()
  if (isHeld(row, tx.now)) throw MailIsUnderWay()
  if (row.reason === 'too_large' || !isKept(row)) throw MailGone()
  if (row.state === 'applied' && (await isEffectThere(tx.db, row))) throw MailWasApplied()
  const changes: Partial<InboundMailRow> = {
    state: 'received',
    reason: null,
    classification: null,
    attempts: 0,
    due_at: tx.now,
    lease_token: null,
    last_error: null,
    ticket_id: null,
    message_id: null,
    user_id: null,
    explain: withStep(row.explain, { step: 'replayed', at: toTime(tx.now), by: actor.id, before: row.state }),
    updated_at: tx.now,
    version: row.version + 1,
  }
  await tx.db.updateTable('inbound_mails').set(changes).where('id', '=', id).execute()
  return { ...row, ...changes }
}

/** Whether what a mail did is still there. A bounce that was counted always is. */
async function isEffectThere(db: Reader, { ticket_id, message_id }: InboundMailRow): Promise<boolean> {
  if (ticket_id === null) return true
  const tickets = db.selectFrom('tickets').select('id').where('id', '=', ticket_id).where('deleted_at', 'is', null)
  if ((await tickets.executeTakeFirst()) === undefined) return false
  if (message_id === null) return true
  return (await db.selectFrom('messages').select('id').where('id', '=', message_id).executeTakeFirst()) !== undefined
}

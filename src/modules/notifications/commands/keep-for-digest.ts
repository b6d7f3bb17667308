import { insertIfAbsent } from '../../../platform/database/dialect.ts'
import { newId } from '../../../platform/ids.ts'
import { setTimer } from '../../../platform/timers.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { Recipient } from '../owed.ts'
import type { Preferences } from '../preferences.ts'
import { endOfQuiet, nextDigest } from '../quiet-hours.ts'

/** When a person's next digest leaves. */
export const DIGEST = 'notifications.digest'

/** Keeps something for the next digest of somebody whose row is locked. */
export async function keepForDigest(tx: Tx, item: Recipient & { act_id: string; ticket_id: string }): Promise<void> {
  const { user, ticket_id, act_id } = item
  const due_at = digestDueAt(item.preferences, user.time_zone, tx.now)
  const first = await firstDueAt(tx, user.id)
  const row = {
    id: newId('dig'),
    user_id: user.id,
    event_id: act_id,
    kind: item.kind,
    ticket_id,
    message_id: item.message_id,
    due_at,
    outbound_mail_id: null,
    created_at: tx.now,
  }
  if (!(await insertIfAbsent(tx.db, 'digest_items', row))) return
  if (first === null || due_at < first) await setTimer(tx, { kind: DIGEST, subject_id: user.id, due_at })
}

/** The next digest, or the end of the quiet hours in which it would fall. */
export function digestDueAt({ digest_at, quiet }: Preferences, time_zone: string | null, now: number): number {
  const zone = time_zone ?? 'UTC'
  const due_at = nextDigest(now, digest_at, zone)
  return quiet === null ? due_at : endOfQuiet(due_at, quiet, zone)
}

async function firstDueAt(tx: Tx, user_id: string): Promise<number | null> {
  const row = await tx.db
    .selectFrom('digest_items')
    .select((eb) => eb.fn.min('due_at').as('due_at'))
    .where('outbound_mail_id', 'is', null)
    .where('user_id', '=', user_id)
    .executeTakeFirst()
  return row?.due_at ?? null
}

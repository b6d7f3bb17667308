import { fromJson } from '../../../platform/codecs.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findUser } from '../../directory/index.ts'
import { setOwnNotify } from '../../tickets/index.ts'
import { type Choices, kinds, usual, type Way } from '../choices.ts'
import type { Subscription } from '../unsubscribe.ts'
import { keepPreferences } from './keep-preferences.ts'

/** Turns off what a link in a mail is for. Twice is the same as once, and for whoever is gone it is nothing. */
export async function endSubscription(tx: Tx, { user_id, what }: Subscription): Promise<void> {
  const user = await findUser(tx.db, user_id)
  if (!user) return
  if ('ticket_id' in what) return setOwnNotify(tx, { ticket_id: what.ticket_id, user_id, notify: 'none' })
  const choices: Choices = 'kind' in what ? { [what.kind]: 'off' } : await withoutDigests(tx, user.id, user.role)
  await keepPreferences(tx, { id: user_id }, { changes: { choices } })
}

/** Everything that comes in digests is off from now on. */
async function withoutDigests(tx: Tx, user_id: string, role: string): Promise<Choices> {
  const row = await tx.db
    .selectFrom('notification_preferences')
    .select('choices')
    .where('user_id', '=', user_id)
    .executeTakeFirst()
  const said = fromJson<Choices>(row?.choices ?? '{}')
  const side = role === 'requester' ? 'requester' : 'staff'
  const off: [string, Way][] = kinds.flatMap((kind) =>
    (said[kind] ?? usual[side][kind]) === 'digest' ? [[kind, 'off'] as [string, Way]] : [],
  )
  return Object.fromEntries(off)
}

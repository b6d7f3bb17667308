import type { Actor } from '../../../platform/actor.ts'
import { insertIfAbsent } from '../../../platform/database/dialect.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { UserRow } from '../../directory/index.ts'
import type { Forget } from '../actors.ts'
import { userPasswordChanged } from '../events.ts'
import { endSessions } from './end-sessions.ts'
import { voidLinks } from './void-links.ts'

/** Gives a user a password, in place of the one that he may have. */
export async function writePassword(
  tx: Tx,
  { user_id, password_hash }: { user_id: string; password_hash: string },
): Promise<void> {
  const credential = { user_id, password_hash, updated_at: tx.now }
  if (await insertIfAbsent(tx.db, 'credentials', credential)) return
  await tx.db.updateTable('credentials').set(credential).where('user_id', '=', user_id).execute()
}

/**
 * Gives a user another password. That signs out all his devices, one aside if it is named, and lets the links die that were
 * mailed before: whoever held one of them may be the reason for the change.
 */
export async function setPassword(
  tx: Tx,
  actor: Pick<Actor, 'type' | 'id'>,
  change: {
    user: UserRow
    password_hash: string
    reason: 'password_changed' | 'password_reset'
    forget: Forget
    but?: string | null
  },
): Promise<void> {
  const { user, password_hash, ...ending } = change
  await writePassword(tx, { user_id: user.id, password_hash })
  await voidLinks(tx, user.id)
  const sessions_ended = await endSessions(tx, actor, { user_id: user.id, ...ending })
  tx.announce(userPasswordChanged, {
    actor: { type: actor.type, id: actor.id },
    subject: { type: 'user', id: user.id, version: user.version },
    visibility: 'internal',
    data: { sessions_ended },
  })
}

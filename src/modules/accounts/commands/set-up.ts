import { insertIfAbsent } from '../../../platform/database/dialect.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { UserRow } from '../../directory/index.ts'
import type { Forget } from '../actors.ts'
import { AlreadySetUp } from '../problems.ts'
import { findMailToken, hasAdmin } from '../queries.ts'
import type { MailTokenRow } from '../tables.ts'
import { makeAdmin } from './make-admin.ts'
import { spend } from './spend-mail-token.ts'

// One row for the whole installation, so that every node and every start gives the same link.
const SETUP_ID = 'mtk_setup'
const LASTS_MS = 3650 * 86_400_000

/** What the set-up link stands for; null once there is an admin. */
export async function openSetup(tx: Tx): Promise<MailTokenRow | null> {
  if (await hasAdmin(tx.db)) return null
  const fresh: MailTokenRow = {
    id: SETUP_ID,
    purpose: 'setup',
    user_id: null,
    email: null,
    email_key: null,
    created_at: tx.now,
    expires_at: tx.now + LASTS_MS,
    used_at: null,
  }
  if (await insertIfAbsent(tx.db, 'mail_tokens', fresh)) return fresh
  const kept = await findMailToken(tx.db, SETUP_ID)
  if (kept && kept.used_at === null && kept.expires_at > tx.now) return kept
  // It was spent, and the admin that it made is none any more.
  await tx.db.updateTable('mail_tokens').set(fresh).where('id', '=', SETUP_ID).execute()
  return fresh
}

/** Makes the first admin by the one-time set-up link. */
export async function setUp(
  tx: Tx,
  { link, ...admin }: { link: MailTokenRow; email: string; name?: string; password_hash: string; forget: Forget },
): Promise<UserRow> {
  await spend(tx, 'mail_tokens', link.id)
  if (await hasAdmin(tx.db)) throw AlreadySetUp()
  return makeAdmin(tx, admin)
}

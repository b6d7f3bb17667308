import { systemActor } from '../../../platform/actor.ts'
import { foldEmail } from '../../../platform/codecs.ts'
import { insertRow } from '../../../platform/database/prepared.ts'
import { newId } from '../../../platform/ids.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { registrationRequested } from '../events.ts'

const LASTS_MS = 86_400_000

/** Keeps that somebody wants an account. It is nobody's account until the owner of the mailbox says so. */
export async function register(
  tx: Tx,
  { email, name, password_hash }: { email: string; name: string; password_hash: string },
): Promise<void> {
  const id = newId('reg')
  await insertRow(tx.db, 'registrations', {
    id,
    email,
    email_key: foldEmail(email),
    name,
    password_hash,
    created_at: tx.now,
    expires_at: tx.now + LASTS_MS,
    used_at: null,
  })
  tx.announce(registrationRequested, {
    actor: systemActor,
    subject: { type: 'registration', id, version: 1 },
    visibility: 'internal',
    data: {},
  })
}

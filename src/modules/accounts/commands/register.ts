import { systemActor } from '../../../platform/actor.ts'
import { foldEmail } from '../../../platform/codecs.ts'
import { insertRow } from '../../../platform/database/prepared.ts'
import { newId } from '../../../platform/ids.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { registrationRequested } from '../events.ts'
import { countRegistrations, findPendingRegistration } from '../queries.ts'

const HOUR_MS = 3_600_000
const LASTS_MS = 24 * HOUR_MS
const DAY_MS = 24 * HOUR_MS
const MOST_A_DAY = 5

/**
 * Keeps that somebody wants an account. It is nobody's account until the owner of the mailbox says so. An address that was mailed
 * within the hour is not mailed again: then nothing is kept, and the link that waits there stands for the registration that came
 * first, with its name and its password. So it is with one that was mailed five times within a day.
 */
export async function register(
  tx: Tx,
  { email, name, password_hash }: { email: string; name: string; password_hash: string },
): Promise<void> {
  if (await findPendingRegistration(tx.db, { email, created_after: tx.now - HOUR_MS })) return
  if ((await countRegistrations(tx.db, { email_key: foldEmail(email), since: tx.now - DAY_MS + 1 })) >= MOST_A_DAY) return
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

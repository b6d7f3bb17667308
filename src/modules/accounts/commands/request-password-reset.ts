import { systemActor } from '../../../platform/actor.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { passwordResetRequested } from '../events.ts'
import { createMailToken } from './create-mail-token.ts'

/**
 * Keeps that somebody forgot the password of an address. Whether anybody has this address is looked at only when the mail is
 * written, so that it takes as long for an unknown one.
 */
export async function requestPasswordReset(tx: Tx, email: string): Promise<void> {
  const { id } = await createMailToken(tx, { purpose: 'password_reset', user_id: null, email })
  tx.announce(passwordResetRequested, {
    actor: systemActor,
    subject: { type: 'password_reset', id, version: 1 },
    visibility: 'internal',
    data: {},
  })
}

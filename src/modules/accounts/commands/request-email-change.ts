import type { Actor } from '../../../platform/actor.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { UserRow } from '../../directory/index.ts'
import { emailChangeRequested } from '../events.ts'
import { createMailToken } from './create-mail-token.ts'

/** A person wants to move to another address. It takes effect when the owner of that mailbox says so. */
export async function requestEmailChange(tx: Tx, actor: Actor, { user, email }: { user: UserRow; email: string }): Promise<void> {
  const { id } = await createMailToken(tx, { purpose: 'email_change', user_id: user.id, email })
  tx.announce(emailChangeRequested, {
    actor: { type: actor.type, id: actor.id },
    subject: { type: 'user', id: user.id, version: user.version },
    visibility: 'internal',
    data: { email_change_id: id },
  })
}

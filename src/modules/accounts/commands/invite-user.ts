import type { Actor } from '../../../platform/actor.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { UserRow } from '../../directory/index.ts'
import { userInvited } from '../events.ts'
import { createMailToken } from './create-mail-token.ts'

/** Invites a user to choose a password. */
export async function inviteUser(tx: Tx, actor: Pick<Actor, 'type' | 'id'>, user: UserRow): Promise<void> {
  const { id } = await createMailToken(tx, { purpose: 'invitation', user_id: user.id, email: user.email })
  tx.announce(userInvited, {
    actor: { type: actor.type, id: actor.id },
    subject: { type: 'user', id: user.id, version: user.version },
    visibility: 'internal',
    data: { invitation_id: id },
  })
}

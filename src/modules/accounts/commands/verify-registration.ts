import { systemActor } from '../../../platform/actor.ts'
import { Problem } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { createUser, EmailTaken, findUserByEmail, type UserRow, updateUser } from '../../directory/index.ts'
import type { Forget } from '../actors.ts'
import { AccountInactive, PasswordRequired } from '../problems.ts'
import type { RegistrationRow } from '../tables.ts'
import { setPassword, writePassword } from './set-password.ts'
import { spend } from './spend-mail-token.ts'

/**
 * The owner of a mailbox confirms a registration. The password that came with it counts only for a fresh address, and only if
 * he gives none of his own: a known address may be a customer's, and the registration a stranger's. There 422 asks the owner
 * for a password, which is as good as a reset, and nothing else of the registration counts.
 */
export async function verifyRegistration(
  tx: Tx,
  { registration, password_hash, forget }: { registration: RegistrationRow; password_hash: string | undefined; forget: Forget },
): Promise<UserRow> {
  await spend(tx, 'registrations', registration.id)
  const known = await findUserByEmail(tx.db, registration.email)
  if (!known) return createAccount(tx, registration, password_hash ?? registration.password_hash)
  const actor = { type: 'user' as const, id: known.id }
  const user = await updateUser(tx, actor, { user_id: known.id, changes: { email_is_proven: true }, if_match: undefined })
  if (user.active === 0) throw AccountInactive()
  if (password_hash === undefined) throw passwordRequired()
  await setPassword(tx, actor, { user, password_hash, reason: 'password_reset', forget })
  return user
}

async function createAccount(tx: Tx, { email, name }: RegistrationRow, password_hash: string): Promise<UserRow> {
  try {
    const user = await createUser(tx, systemActor, { role: 'requester', name, email, email_is_proven: true })
    await writePassword(tx, { user_id: user.id, password_hash })
    return user
  } catch (error) {
    // Somebody raised a ticket for this address at the same moment, so it is not fresh.
    if (error instanceof Problem && error.definition === EmailTaken) throw passwordRequired()
    throw error
  }
}

function passwordRequired(): Problem {
  const detail = PasswordRequired.title
  return PasswordRequired({ detail, errors: [{ pointer: '/password', code: 'required', detail }] })
}

import { systemActor } from '../../../platform/actor.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { createUser, findUserByEmail, type UserRow, updateUser } from '../../directory/index.ts'
import type { Forget } from '../actors.ts'
import { setPassword, writePassword } from './set-password.ts'

interface Admin {
  email: string
  name?: string
  password_hash: string
}

/** Makes somebody an admin who can sign in: somebody new, or the user with this address, who then has this password. */
export async function makeAdmin(tx: Tx, { forget, ...admin }: Admin & { forget: Forget }): Promise<UserRow> {
  const known = await findUserByEmail(tx.db, admin.email)
  if (!known) return createAdmin(tx, admin)
  const user = await promote(tx, known, { active: true })
  await setPassword(tx, systemActor, { user, password_hash: admin.password_hash, reason: 'password_reset', forget })
  tx.afterCommit(() => forget())
  return user
}

/** Makes the user with this address an admin; undefined where there is none. A password that he has stays, one that he lacks too. */
export async function promoteToAdmin(tx: Tx, email: string): Promise<UserRow | undefined> {
  const known = await findUserByEmail(tx.db, email)
  return known && promote(tx, known, {})
}

async function createAdmin(tx: Tx, { email, name, password_hash }: Admin): Promise<UserRow> {
  const fallback = email.slice(0, email.lastIndexOf('@'))
  const user = await createUser(tx, systemActor, { role: 'admin', name: name ?? fallback, email, email_is_proven: true })
  await writePassword(tx, { user_id: user.id, password_hash })
  return user
}

function promote(tx: Tx, { id }: UserRow, also: { active?: boolean }): Promise<UserRow> {
  const changes = { role: 'admin' as const, email_is_proven: true, ...also }
  return updateUser(tx, systemActor, { user_id: id, changes, if_match: undefined })
}

import { randomBytes } from 'node:crypto'
import { createHasher, writePassword } from '../../modules/accounts/index.ts'
import type { Transact } from '../../platform/transaction.ts'
import type { Cast } from './desk.ts'
import { agents, requesters } from './people.ts'

/** With what somebody of the demo signs in. */
export interface SignIn {
  agents: string[]
  requester: string
  password: string
}

/** Gives the agents and one requester a password, in place of that of an earlier run: nobody else knows it. */
export async function letSignIn(transact: Transact, cast: Cast): Promise<SignIn> {
  const password = randomBytes(12).toString('base64url')
  const password_hash = await createHasher().hash(password)
  const [requester] = requesters
  const people = requester ? [...agents, requester] : agents
  await transact(async (tx) => {
    for (const { key } of people) {
      const user_id = cast.users.get(key)
      if (user_id !== undefined) await writePassword(tx, { user_id, password_hash })
    }
  })
  return { agents: agents.map(({ email }) => email), requester: requester?.email ?? '', password }
}

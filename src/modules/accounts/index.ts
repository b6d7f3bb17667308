import type { Actor } from '../../platform/actor.ts'
import type { Ground, Module } from '../../platform/module.ts'
import type { Tx } from '../../platform/transaction.ts'
import { getUser } from '../directory/index.ts'
import type { SendMail } from '../mail/index.ts'
import { createAccessTokens } from './access-tokens.ts'
import { createActors } from './actors.ts'
import { makeAdmin, promoteToAdmin } from './commands/make-admin.ts'
import { openSession } from './commands/open-session.ts'
import { perishable, pruneExpired } from './commands/prune.ts'
import { rotateSigningKey } from './commands/rotate-signing-key.ts'
import { openSetup } from './commands/set-up.ts'
import { createHasher } from './hashing.ts'
import { mailToken } from './mail-token.ts'
import { accountPages } from './pages.ts'
import type { Parts } from './parts.ts'
import { requireGoodPassword } from './passwords.ts'
import { toSession } from './present.ts'
import { findSignIn, listSigningKeys } from './queries.ts'
import { accountReactions } from './reactions.ts'
import { apiKeyRoutes } from './routes/api-keys.ts'
import { linkRoutes } from './routes/links.ts'
import { meRoutes } from './routes/me.ts'
import { realtimeTokenRoutes } from './routes/realtime-tokens.ts'
import { signInRoutes } from './routes/sign-in.ts'
import { accountRoutes } from './routes/users.ts'
import { createSigningKeys, WrongSecret } from './signing-keys.ts'
import './tables.ts'
import { createThrottles } from './throttles.ts'

export { purgeAccounts } from './commands/purge-accounts.ts'
export { rotateSigningKey } from './commands/rotate-signing-key.ts'
export { writePassword } from './commands/set-password.ts'
export { createHasher } from './hashing.ts'
export { personAsOfNow } from './people.ts'
export { presentApiKeys } from './present.ts'
export { countRegistrations } from './queries.ts'
export { ApiKey } from './schema.ts'

export interface AccountSettings {
  publicUrl: string
  accessTokenSeconds: number
  sessionDays: number
}

export { WrongSecret }

/** What the rest of the house asks of the accounts. */
export interface Accounts extends Module {
  /** Who sends this credential, as of less than a second ago; throws 401. */
  authenticate(bearer: string): Promise<Actor>
  /** Who asked for this token, which opens nothing from here on; throws 401. */
  spendRealtimeToken(token: string): Promise<Actor>
  /** These actors as of now, in the same order; null for each whose session or key may not any more. */
  lookAgain(actors: readonly Actor[]): Promise<(Actor | null)[]>
  /** Has this process look up all actors anew: call it after a commit that changed teams or queues. */
  forgetActors(): void
  /** Signs a person in: opens a session and answers it as the wire shows it. */
  openSession(tx: Tx, user_id: string): Promise<{ id: string; access_token: string; refresh_token: string }>
  /** Makes the first signing key if there is none, and the first admin if settings name one. Run at every start. */
  prepare(firstAdmin: { email: string; password: string } | undefined): Promise<void>
  /** Throws, in words for an operator, unless the secret is the one that the signing keys were made with. */
  checkSecret(): Promise<void>
  /** The one-time link that makes the first admin, the same until it was used; null once there is an admin. A secret. */
  setupLink(): Promise<string | null>
  /** Takes away what expired long ago; answers how many rows. For a timer. */
  prune(): Promise<number>
}

/** Who may come in: passwords, sessions, API keys, and the mails that prove an address. */
export function createAccounts(
  ground: Ground,
  { settings, sendMail }: { settings: AccountSettings; sendMail: SendMail },
): Accounts {
  const { database, clock, secrets, cursors, transact } = ground
  const { publicUrl, accessTokenSeconds, sessionDays } = settings
  const keys = createSigningKeys({ db: database.reader, clock, secrets, accessTokenSeconds })
  const tokens = createAccessTokens({ keys, clock, accessTokenSeconds })
  const actors = createActors({ ground, tokens })
  const hasher = createHasher()
  const throttles = createThrottles()
  const parts: Parts = { clock, cursors, secrets, hasher, tokens, throttles, sessionDays, forget: actors.forget }

  return {
    routes: [
      ...signInRoutes(parts),
      ...linkRoutes(parts),
      ...meRoutes(parts),
      ...apiKeyRoutes(parts),
      ...accountRoutes(parts),
      ...realtimeTokenRoutes,
    ],
    pages: accountPages({ keys }),
    reactions: accountReactions({ ground, sendMail, publicUrl }),
    authenticate: actors.authenticate,
    spendRealtimeToken: actors.spend,
    lookAgain: actors.lookAgain,
    forgetActors: () => actors.forget(),
    openSession: async (tx, user_id) => {
      const user = await getUser(tx.db, user_id)
      return toSession({ session: await openSession(tx, { user_id, days: sessionDays }), user }, parts)
    },
    prepare: async (firstAdmin) => {
      const known = await listSigningKeys(database.reader)
      if (!known.some(({ retired_at }) => retired_at === null)) await transact((tx) => rotateSigningKey(tx, secrets))
      if (!firstAdmin) return
      const { email, password } = firstAdmin
      // A password that he has stays: he may have changed it since.
      const found = await findSignIn(database.reader, email)
      if (typeof found?.password_hash === 'string') return void (await transact((tx) => promoteToAdmin(tx, email)))
      requireGoodPassword(password)
      const password_hash = await hasher.hash(password)
      await transact((tx) => makeAdmin(tx, { email, password_hash, forget: actors.forget }))
    },
    checkSecret: async () => {
      await keys.current()
    },
    setupLink: async () => {
      const row = await transact(openSetup)
      return row && `${publicUrl}/setup?token=${mailToken(secrets, 'setup', row)}`
    },
    prune: async () => {
      let total = 0
      for (const table of perishable) {
        for (let more = true; more; ) {
          const { pruned, isFull } = await transact((tx) => pruneExpired(tx, table))
          total += pruned
          more = isFull
        }
      }
      return total
    },
  }
}

import type { Actor } from '../../platform/actor.ts'
import type { Ground, Module } from '../../platform/module.ts'
import type { Tx } from '../../platform/transaction.ts'
import type { SendMail } from '../mail/index.ts'
import './tables.ts'

export interface AccountSettings {
  publicUrl: string
  accessTokenSeconds: number
  sessionDays: number
}

/** What the rest of the house asks of the accounts. */
export interface Accounts extends Module {
  /** Who sends this credential, as of less than a second ago; throws 401. */
  authenticate(bearer: string): Promise<Actor>
  /** Signs a person in: opens a session and answers it as the wire shows it. */
  openSession(tx: Tx, user_id: string): Promise<{ id: string; access_token: string; refresh_token: string }>
  /** Makes the first signing key if there is none, and the first admin if settings name one. Run at every start. */
  prepare(firstAdmin: { email: string; password: string } | undefined): Promise<void>
}

export function createAccounts(_ground: Ground, _deps: { settings: AccountSettings; sendMail: SendMail }): Accounts {
  throw new Error('not yet')
}

import { randomBytes } from 'node:crypto'
import { type Accounts, createAccounts } from '../src/modules/accounts/index.ts'
import { silentBus } from '../src/platform/bus.ts'
import type { Clock } from '../src/platform/clock.ts'
import type { Database } from '../src/platform/database/database.ts'
import { createCursors } from '../src/platform/http/cursor.ts'
import { createLog } from '../src/platform/log.ts'
import { createRenderer } from '../src/platform/markdown/renderer.ts'
import { createSecrets } from '../src/platform/secrets.ts'
import { createTransactor, type Transact } from '../src/platform/transaction.ts'
import type { Desk } from './desk.ts'

/** A password that nobody else has. */
export const goodPassword = 'seven green umbrellas'

/** A link in a mail about an account. */
export const ACCOUNT_LINK = /\/(?:verify|reset|invite|change-email|setup)\?token=([^\s&]+)/

/** The token in the last mail about the account of an address. The clock moves on, so that the next mail is later. */
export async function tokenMailedTo(desk: Desk, address: string): Promise<string> {
  const mails = (await desk.mails()).filter(({ to }) => to.toLowerCase() === address.toLowerCase())
  const token = mails.findLast(({ text }) => ACCOUNT_LINK.test(text))?.text.match(ACCOUNT_LINK)?.[1]
  desk.clock.advance(1)
  if (!token) throw new Error(`no mail to ${address} has a link`)
  return token
}

/** Somebody who registered, verified and so has a password; what was announced on the way is passed over. */
export async function registered(desk: Desk, email: string) {
  await desk.anyone.post('/v1/auth/register', { email, password: goodPassword, name: 'Ada' })
  const token = await tokenMailedTo(desk, email)
  const { body } = await desk.anyone.post('/v1/auth/verify', { token })
  await desk.announcements()
  return { email, session: body, ...desk.bearer(body.access_token) }
}

/** Logs in and answers the status. */
export async function loginStatus(desk: Desk, email: string, password: string): Promise<number> {
  return (await desk.anyone.post('/v1/auth/login', { email, password })).status
}

/** Nodes of one installation: the accounts several times over one database, with one secret. */
export function createNodes(
  database: Database,
  { clock, count }: { clock: Clock; count: number },
): { nodes: Accounts[]; transact: Transact; secrets: ReturnType<typeof createSecrets> } {
  const secrets = createSecrets(randomBytes(32).toString('base64url'))
  const log = createLog({ level: 'silent', format: 'json' })
  const transact = createTransactor({ database, clock, reactions: [], onCommit: () => {} })()
  const renderer = createRenderer({ onFailure: () => {} })
  const cursors = createCursors(secrets.key('cursors'))
  const settings = { publicUrl: 'http://desk.test', accessTokenSeconds: 600, sessionDays: 30 }
  const nodes = Array.from({ length: count }, () =>
    createAccounts(
      { database, clock, log, secrets, cursors, bus: silentBus, renderer, transact },
      { settings, sendMail: async () => {} },
    ),
  )
  return { nodes, transact, secrets }
}

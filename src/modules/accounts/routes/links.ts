import { accepted, noContent, ok } from '../../../platform/http/answer.ts'
import { RateLimited } from '../../../platform/http/problems.ts'
import { type Client, type Handled, type Route, route } from '../../../platform/http/route.ts'
import { invalidField } from '../../../platform/problems.ts'
import type { Secrets } from '../../../platform/secrets.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { EmailTaken, type UserRow } from '../../directory/index.ts'
import { confirmEmailChange } from '../commands/confirm-email-change.ts'
import { openSession } from '../commands/open-session.ts'
import { requestPasswordReset } from '../commands/request-password-reset.ts'
import { resetPassword } from '../commands/reset-password.ts'
import { setUp } from '../commands/set-up.ts'
import { findSpendableRegistration, findSpendableToken } from '../commands/spend-mail-token.ts'
import { verifyRegistration } from '../commands/verify-registration.ts'
import type { Parts } from '../parts.ts'
import { requireGoodPassword } from '../passwords.ts'
import { toSession } from '../present.ts'
import { AccountInactive, AlreadySetUp, InvalidMailToken, PasswordRequired, TooBusy } from '../problems.ts'
import { ForgottenPassword, PasswordReset, ResetPassword, Session, Setup, Verification } from '../schema.ts'
import { committed } from './committed.ts'

const tag = 'Signing in'
type Request = Pick<Handled<unknown, unknown, unknown, null>, 'client' | 'transact'>

/** What the links in mails stand for. */
export function linkRoutes(parts: Parts): Route[] {
  const { clock, secrets, hasher, throttles, forget, sessionDays: days } = parts

  /** Writes, signs the person in, and answers the session. */
  const signIn = async ({ client, transact }: Request, write: (tx: Tx) => Promise<UserRow>) => {
    const opened = await committed(transact, async (tx) => {
      const user = await write(tx)
      return { user, session: await openSession(tx, { user_id: user.id, days, client }) }
    })
    return ok(await toSession(opened, parts))
  }
  const look = <T>({ address }: Client, find: (given: { secrets: Secrets; now: number }) => Promise<T>): Promise<T> =>
    throttles.guess({ client: address, wrong: InvalidMailToken }, () => find({ secrets, now: clock.now() }))
  const hash = (password: string): Promise<string> => {
    requireGoodPassword(password)
    return hasher.hash(password)
  }

  return [
    route({
      method: 'POST',
      path: '/v1/auth/verify',
      operationId: 'verify',
      summary: 'Verify an address',
      description:
        'Spends the link of a registration, or of a change of address, and signs in. Where the address of a registration is known already, by an account or by tickets, it answers 422 `password_required`: then the owner of the mailbox gives a password with the token, and it replaces any other.',
      tag,
      access: 'open',
      body: Verification,
      answers: { 200: Session },
      problems: [InvalidMailToken, PasswordRequired, AccountInactive, EmailTaken, RateLimited, TooBusy],
      secret: true,
      handle: async (request) => {
        const { body, client, db } = request
        const { token, password } = body
        if (token.startsWith('mtk_')) {
          const link = await look(client, (given) => findSpendableToken(db, { ...given, token, purposes: ['email_change'] }))
          if (password !== undefined)
            throw invalidField('/password', 'not_allowed', 'A change of address does not take a password.')
          return signIn(request, (tx) => confirmEmailChange(tx, link))
        }
        const registration = await look(client, (given) => findSpendableRegistration(db, { ...given, token }))
        const password_hash = password === undefined ? undefined : await hash(password)
        return signIn(request, (tx) => verifyRegistration(tx, { registration, password_hash, forget }))
      },
    }),
    route({
      method: 'POST',
      path: '/v1/auth/setup',
      operationId: 'setUp',
      summary: 'Make the first admin',
      description: 'Spends the one-time set-up link that Beckon shows where it was started, and signs in.',
      tag,
      access: 'open',
      body: Setup,
      answers: { 200: Session },
      problems: [InvalidMailToken, AlreadySetUp, RateLimited, TooBusy],
      secret: true,
      handle: async (request) => {
        const { token, password, ...admin } = request.body
        const link = await look(request.client, (given) =>
          findSpendableToken(request.db, { ...given, token, purposes: ['setup'] }),
        )
        const password_hash = await hash(password)
        return signIn(request, (tx) => setUp(tx, { link, ...admin, password_hash, forget }))
      },
    }),
    route({
      method: 'POST',
      path: '/v1/auth/password/forgot',
      operationId: 'forgotPassword',
      summary: 'Ask for a new password',
      description:
        'Mails a link to choose a new password, if somebody has this address. The answer is the same for every address.',
      tag,
      access: 'open',
      body: ForgottenPassword,
      answers: { 202: PasswordReset },
      problems: [RateLimited],
      handle: async ({ body: { email }, client, transact }) => {
        await throttles.mail({ client: client.address, address: email })
        await committed(transact, (tx) => requestPasswordReset(tx, email))
        return accepted({ object: 'password_reset', status: 'check_your_mail' })
      },
    }),
    route({
      method: 'POST',
      path: '/v1/auth/password/reset',
      operationId: 'resetPassword',
      summary: 'Choose a new password',
      description: 'Spends the link of a forgotten password or of an invitation. It ends all sessions of the account.',
      tag,
      access: 'open',
      body: ResetPassword,
      answers: { 204: null },
      problems: [InvalidMailToken, AccountInactive, RateLimited, TooBusy],
      handle: async ({ body: { token, password }, client, db, transact }) => {
        const purposes = ['password_reset', 'invitation'] as const
        const link = await look(client, (given) => findSpendableToken(db, { ...given, token, purposes }))
        const password_hash = await hash(password)
        await committed(transact, (tx) => resetPassword(tx, { link, password_hash, forget }))
        return noContent()
      },
    }),
  ]
}

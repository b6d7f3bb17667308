import { foldEmail } from '../../../platform/codecs.ts'
import { accepted, noContent, ok } from '../../../platform/http/answer.ts'
import { RateLimited } from '../../../platform/http/problems.ts'
import { everyone, type Route, route } from '../../../platform/http/route.ts'
import { getSettings } from '../../desk/index.ts'
import { endSession } from '../commands/end-sessions.ts'
import { logIn } from '../commands/log-in.ts'
import { refreshSession } from '../commands/refresh-session.ts'
import { register } from '../commands/register.ts'
import type { Parts } from '../parts.ts'
import { requireGoodPassword } from '../passwords.ts'
import { toSession } from '../present.ts'
import {
  InvalidCredentials,
  InvalidRefreshToken,
  invalidCredentials,
  invalidRefreshToken,
  RegistrationClosed,
  TooBusy,
} from '../problems.ts'
import { findSignIn } from '../queries.ts'
import { Login, NewRegistration, Refresh, Registration, Session } from '../schema.ts'
import { committed } from './committed.ts'

const tag = 'Signing in'
const people = { roles: everyone, scope: null }

/** Registering, logging in, staying logged in, logging out. */
export function signInRoutes(parts: Parts): Route[] {
  const { secrets, hasher, throttles, forget, sessionDays: days } = parts
  return [
    route({
      method: 'POST',
      path: '/v1/auth/register',
      operationId: 'register',
      summary: 'Register',
      description:
        'Asks for an account. The answer is the same whatever the address: the mail to it says what happened, and has the link that makes the account. An address gets one such mail an hour: until its link is used, who registers it again within the hour has that link, which stands for the first registration, with the name and the password given there.',
      tag,
      access: 'open',
      body: NewRegistration,
      answers: { 202: Registration },
      problems: [RegistrationClosed, RateLimited, TooBusy],
      handle: async ({ body: { email, name, password }, client, db, transact }) => {
        if ((await getSettings(db)).registration === 'closed') throw RegistrationClosed()
        requireGoodPassword(password)
        await throttles.mail({ client: client.address, address: email })
        const password_hash = await hasher.hash(password)
        await committed(transact, (tx) => register(tx, { email, name, password_hash }))
        return accepted({ object: 'registration', status: 'check_your_mail' })
      },
    }),
    route({
      method: 'POST',
      path: '/v1/auth/login',
      operationId: 'login',
      summary: 'Log in',
      description: 'Opens a session. A wrong address and a wrong password are answered alike, in the same time.',
      tag,
      access: 'open',
      body: Login,
      answers: { 200: Session },
      problems: [InvalidCredentials, RateLimited, TooBusy],
      secret: true,
      handle: async ({ body: { email, password }, client, db, transact }) => {
        const guess = { client: client.address, account: foldEmail(email), wrong: InvalidCredentials }
        const found = await throttles.guess(guess, async () => {
          const { id, password_hash } = (await findSignIn(db, email)) ?? {}
          const isRight = await hasher.verify(password, password_hash ?? undefined)
          if (!id || !password_hash || !isRight) throw invalidCredentials()
          return { user_id: id, password_hash }
        })
        const opened = await committed(transact, (tx) => logIn(tx, { ...found, days, client }))
        return ok(await toSession(opened, parts))
      },
    }),
    route({
      method: 'POST',
      path: '/v1/auth/refresh',
      operationId: 'refreshSession',
      summary: 'Refresh a session',
      description:
        'Answers a new access token and the next refresh token. A token that was used before ends its session, unless its successor is still unused and at most ten seconds old: then the same successor is answered again.',
      tag,
      access: 'open',
      body: Refresh,
      answers: { 200: Session },
      problems: [InvalidRefreshToken],
      secret: true,
      handle: async ({ body, transact }) => {
        const refreshed = await committed(transact, (tx) =>
          refreshSession(tx, { token: body.refresh_token, secrets, days, forget }),
        )
        if (!refreshed) throw invalidRefreshToken()
        return ok(await toSession(refreshed, parts))
      },
    }),
    route({
      method: 'POST',
      path: '/v1/auth/logout',
      operationId: 'logout',
      summary: 'Log out',
      description: 'Ends the session; its access token and refresh token open nothing from here on.',
      tag,
      access: people,
      answers: { 204: null },
      handle: ({ actor, transact }) =>
        transact(async (tx) => {
          const session = { id: actor.session_id ?? '', user_id: actor.id }
          await endSession(tx, actor, { session, reason: 'logged_out', forget })
          return noContent()
        }),
    }),
  ]
}

import { noContent, ok } from '../../../platform/http/answer.ts'
import { listByCreation } from '../../../platform/http/list.ts'
import { CursorMismatch, RateLimited } from '../../../platform/http/problems.ts'
import { everyone, type Route, route } from '../../../platform/http/route.ts'
import { Conflict, NotFound, VersionConflict } from '../../../platform/problems.ts'
import { EmailTaken, getUser, ownView } from '../../directory/index.ts'
import { changePassword } from '../commands/change-password.ts'
import { endMySession } from '../commands/end-my-session.ts'
import { updateMe } from '../commands/update-me.ts'
import type { Parts } from '../parts.ts'
import { requireGoodPassword } from '../passwords.ts'
import { toDevice, toMe } from '../present.ts'
import { TooBusy, WrongPassword, wrongPassword } from '../problems.ts'
import { activeSessions, findPasswordHash } from '../queries.ts'
import { ChangePassword, DeviceList, DeviceQuery, IdParams, Me, MePatch } from '../schema.ts'

const tag = 'Me'
/** People only: an API key is nobody's account. */
const access = { roles: everyone, scope: null }

/** The caller's own account and devices. */
export function meRoutes({ clock, cursors, hasher, throttles, forget }: Parts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/me',
      operationId: 'getMe',
      summary: 'Who am I',
      description: 'The caller.',
      tag,
      access,
      answers: { 200: Me },
      handle: async ({ actor, db }) => {
        const user = await getUser(db, actor.id)
        return ok(toMe(user), { etag: ownView(user, user).etag })
      },
    }),
    route({
      method: 'PATCH',
      path: '/v1/me',
      operationId: 'updateMe',
      summary: 'Change my name, address, language or time zone',
      description:
        'A new name, language or time zone counts at once. A new address takes effect when it is verified by the link that is mailed to it; until then the old one stays.',
      tag,
      access,
      body: MePatch,
      answers: { 200: Me },
      problems: [VersionConflict, EmailTaken, RateLimited],
      handle: async ({ actor, body, if_match, client, transact }) => {
        if (body.email !== undefined) await throttles.mail({ client: client.address, address: body.email })
        return transact(async (tx) => {
          const user = await updateMe(tx, actor, { ...body, if_match, forget })
          return ok(toMe(user), { etag: ownView(user, user).etag })
        })
      },
    }),
    route({
      method: 'POST',
      path: '/v1/me/password',
      operationId: 'changeMyPassword',
      summary: 'Change my password',
      description: 'Takes the current password and the new one. All other sessions end; this one stays.',
      tag,
      access,
      body: ChangePassword,
      answers: { 204: null },
      problems: [WrongPassword, Conflict, RateLimited, TooBusy],
      handle: async ({ actor, body, client, db, transact }) => {
        const guess = { client: client.address, account: actor.id, wrong: WrongPassword }
        const replaces = await throttles.guess(guess, async () => {
          const hash = await findPasswordHash(db, actor.id)
          const isRight = await hasher.verify(body.current_password, hash)
          if (!hash || !isRight) throw wrongPassword()
          return hash
        })
        requireGoodPassword(body.password)
        const password_hash = await hasher.hash(body.password)
        return transact(async (tx) => {
          await changePassword(tx, actor, { password_hash, replaces, forget })
          return noContent()
        })
      },
    }),
    route({
      method: 'GET',
      path: '/v1/me/sessions',
      operationId: 'listMySessions',
      summary: 'List my sessions',
      description: 'The devices on which the caller is signed in.',
      tag,
      access,
      query: DeviceQuery,
      answers: { 200: DeviceList },
      problems: [CursorMismatch],
      handle: ({ actor, db, query }) =>
        listByCreation(activeSessions(db, { user_id: actor.id, now: clock.now() }), {
          path: '/v1/me/sessions',
          query,
          cursors,
          view: actor.id,
          toObjects: (rows) => rows.map((row) => toDevice(row, actor.session_id)),
        }),
    }),
    route({
      method: 'DELETE',
      path: '/v1/me/sessions/:id',
      operationId: 'endMySession',
      summary: 'End one of my sessions',
      description: 'Signs a device out. Its tokens open nothing from here on.',
      tag,
      access,
      params: IdParams,
      answers: { 204: null },
      problems: [NotFound, VersionConflict],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => {
          await endMySession(tx, actor, { session_id: params.id, if_match, forget })
          return noContent()
        }),
    }),
  ]
}

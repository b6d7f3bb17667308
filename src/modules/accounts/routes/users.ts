import { created, ok } from '../../../platform/http/answer.ts'
import { RateLimited } from '../../../platform/http/problems.ts'
import { admins, type Route, route } from '../../../platform/http/route.ts'
import { NotFound, VersionConflict } from '../../../platform/problems.ts'
import { EmailTaken, ExternalIdTaken, LastAdmin, toUser, User } from '../../directory/index.ts'
import { giveAccount } from '../commands/give-account.ts'
import { updateAccount } from '../commands/update-account.ts'
import type { Parts } from '../parts.ts'
import { requireGoodPassword } from '../passwords.ts'
import { TooBusy } from '../problems.ts'
import { isInvitedWhenMoved } from '../queries.ts'
import { IdParams, NewUserBody, UserPatch } from '../schema.ts'

const tag = 'Users'
const access = { roles: admins, scope: 'users:write' }

/** Giving people accounts, and taking them away. Looking at people is the directory's. */
export function accountRoutes({ hasher, throttles, forget }: Parts): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/users',
      operationId: 'createUser',
      summary: 'Create a user',
      description:
        'Enters a person; the address counts as verified. With `password` they can sign in at once, without it an invitation is mailed. `role` is `requester` unless it says otherwise.',
      tag,
      access,
      body: NewUserBody,
      answers: { 201: User },
      problems: [EmailTaken, ExternalIdTaken, RateLimited, TooBusy],
      handle: async ({ actor, body, transact }) => {
        const { password, role = 'requester', ...person } = body
        if (password === undefined) await throttles.mail({ address: person.email })
        else requireGoodPassword(password)
        const password_hash = password === undefined ? undefined : await hasher.hash(password)
        return transact(async (tx) => {
          const user = await giveAccount(tx, actor, { ...person, role, password_hash, forget })
          return created(`/v1/users/${user.id}`, toUser(user), { etag: `v${user.version}` })
        })
      },
    }),
    route({
      method: 'PATCH',
      path: '/v1/users/:id',
      operationId: 'updateUser',
      summary: 'Change a user',
      description:
        'A new address counts as verified. A new password and `active: false` end all their sessions at once. The last active admin stays one.',
      tag,
      access,
      params: IdParams,
      body: UserPatch,
      answers: { 200: User },
      problems: [NotFound, LastAdmin, EmailTaken, ExternalIdTaken, VersionConflict, RateLimited, TooBusy],
      handle: async ({ actor, params, body, if_match, db, transact }) => {
        const { password, ...changes } = body
        const user_id = params.id
        if (password !== undefined) requireGoodPassword(password)
        else if (changes.email !== undefined && (await isInvitedWhenMoved(db, { user_id, email: changes.email })))
          await throttles.mail({ address: changes.email })
        const password_hash = password === undefined ? undefined : await hasher.hash(password)
        return transact(async (tx) => {
          const user = await updateAccount(tx, actor, { user_id, changes, password_hash, if_match, forget })
          return ok(toUser(user), { etag: `v${user.version}` })
        })
      },
    }),
  ]
}

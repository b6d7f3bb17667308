import { ok } from '../../../platform/http/answer.ts'
import type { Cursors } from '../../../platform/http/cursor.ts'
import { listByCreation } from '../../../platform/http/list.ts'
import { CursorMismatch } from '../../../platform/http/problems.ts'
import { type Route, route, staff } from '../../../platform/http/route.ts'
import { strict } from '../../../platform/http/schemas.ts'
import { NotFound } from '../../../platform/problems.ts'
import { filterUsers, getUser, toUser } from '../queries/users.ts'
import { Id, User, UserList, UserQuery } from '../schema.ts'

/** Looking at people. Making and changing them touches their credentials, so those operations are the accounts'. */
export function userRoutes({ cursors }: { cursors: Cursors }): Route[] {
  const access = { roles: staff, scope: 'users:read' }
  return [
    route({
      method: 'GET',
      path: '/v1/users',
      operationId: 'listUsers',
      summary: 'List users',
      description: 'Everybody with an account: requesters, agents and admins. `role` and `organization_id` take several values.',
      tag: 'Users',
      access,
      query: UserQuery,
      answers: { 200: UserList },
      problems: [CursorMismatch],
      handle: ({ db, query }) =>
        listByCreation(filterUsers(db, query), {
          path: '/v1/users',
          query,
          cursors,
          toObjects: (rows) => rows.map(toUser),
        }),
    }),
    route({
      method: 'GET',
      path: '/v1/users/:id',
      operationId: 'getUser',
      summary: 'Get a user',
      description: 'One person.',
      tag: 'Users',
      access,
      params: strict({ id: Id }),
      answers: { 200: User },
      problems: [NotFound],
      handle: async ({ db, params }) => {
        const row = await getUser(db, params.id)
        return ok(toUser(row), { etag: `v${row.version}` })
      },
    }),
  ]
}

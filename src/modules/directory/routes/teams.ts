import type { Reader } from '../../../platform/database/schema.ts'
import { created, noContent, ok } from '../../../platform/http/answer.ts'
import type { Cursors } from '../../../platform/http/cursor.ts'
import { listByCreation } from '../../../platform/http/list.ts'
import { CursorMismatch } from '../../../platform/http/problems.ts'
import { admins, type Route, route, staff } from '../../../platform/http/route.ts'
import { strict } from '../../../platform/http/schemas.ts'
import { NotFound, VersionConflict } from '../../../platform/problems.ts'
import { addTeamMember } from '../commands/add-team-member.ts'
import { createTeam } from '../commands/create-team.ts'
import { deleteTeam } from '../commands/delete-team.ts'
import { removeTeamMember } from '../commands/remove-team-member.ts'
import { updateTeam } from '../commands/update-team.ts'
import type { IsInUse } from '../in-use.ts'
import { NotAnAgent, TeamInUse } from '../problems.ts'
import { filterTeams, getTeam, toTeams } from '../queries/teams.ts'
import { Id, NewTeam, Team, TeamList, TeamPatch, TeamQuery } from '../schema.ts'
import type { TeamRow } from '../tables.ts'

/** Groups of agents: agents look at them, admins keep them. */
export function teamRoutes({ cursors, isTeamInUse }: { cursors: Cursors; isTeamInUse: IsInUse }): Route[] {
  const read = { roles: staff, scope: 'teams:read' }
  const write = { roles: admins, scope: 'teams:write' }
  const params = strict({ id: Id })
  const membership = strict({ id: Id, user_id: Id })
  const tag = 'Teams'
  const shown = async (db: Reader, row: TeamRow) => [(await toTeams(db, [row]))[0], { etag: `v${row.version}` }] as const

  return [
    route({
      method: 'GET',
      path: '/v1/teams',
      operationId: 'listTeams',
      summary: 'List teams',
      description: 'The groups of agents, with their members.',
      tag,
      access: read,
      query: TeamQuery,
      answers: { 200: TeamList },
      problems: [CursorMismatch],
      handle: ({ db, query }) =>
        listByCreation(filterTeams(db, query), {
          path: '/v1/teams',
          query,
          cursors,
          toObjects: (rows) => toTeams(db, rows),
        }),
    }),
    route({
      method: 'POST',
      path: '/v1/teams',
      operationId: 'createTeam',
      summary: 'Create a team',
      description: 'Makes a team without members.',
      tag,
      access: write,
      body: NewTeam,
      answers: { 201: Team },
      handle: ({ actor, body, transact }) =>
        transact(async (tx) => {
          const row = await createTeam(tx, actor, body)
          return created(`/v1/teams/${row.id}`, ...(await shown(tx.db, row)))
        }),
    }),
    route({
      method: 'GET',
      path: '/v1/teams/:id',
      operationId: 'getTeam',
      summary: 'Get a team',
      description: 'One team, with its members.',
      tag,
      access: read,
      params,
      answers: { 200: Team },
      problems: [NotFound],
      handle: async ({ db, params }) => ok(...(await shown(db, await getTeam(db, params.id)))),
    }),
    route({
      method: 'PATCH',
      path: '/v1/teams/:id',
      operationId: 'updateTeam',
      summary: 'Rename a team',
      description: 'A merge patch. Members have doors of their own.',
      tag,
      access: write,
      params,
      body: TeamPatch,
      answers: { 200: Team },
      problems: [NotFound, VersionConflict],
      handle: ({ actor, params, body, if_match, transact }) =>
        transact(async (tx) => {
          const row = await updateTeam(tx, actor, { team_id: params.id, changes: body, if_match })
          return ok(...(await shown(tx.db, row)))
        }),
    }),
    route({
      method: 'DELETE',
      path: '/v1/teams/:id',
      operationId: 'deleteTeam',
      summary: 'Delete a team',
      description: 'Only one that no queue has: a queue without teams is open to every agent. Its members stay users.',
      tag,
      access: write,
      params,
      answers: { 204: null },
      problems: [NotFound, TeamInUse, VersionConflict],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => {
          await deleteTeam(tx, actor, { team_id: params.id, if_match, isInUse: isTeamInUse })
          return noContent()
        }),
    }),
    route({
      method: 'PUT',
      path: '/v1/teams/:id/members/:user_id',
      operationId: 'addTeamMember',
      summary: 'Add a member to a team',
      description:
        'From now on the agent works in the queues of this team. Who is in it already stays. `If-Match` is about the team.',
      tag,
      access: write,
      params: membership,
      answers: { 204: null },
      problems: [NotFound, NotAnAgent, VersionConflict],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => {
          await addTeamMember(tx, actor, { team_id: params.id, user_id: params.user_id, if_match })
          return noContent()
        }),
    }),
    route({
      method: 'DELETE',
      path: '/v1/teams/:id/members/:user_id',
      operationId: 'removeTeamMember',
      summary: 'Remove a member from a team',
      description: 'The agent loses sight of the queues that he had through this team alone. Who is not in it: 204 as well.',
      tag,
      access: write,
      params: membership,
      answers: { 204: null },
      problems: [NotFound, VersionConflict],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => {
          await removeTeamMember(tx, actor, { team_id: params.id, user_id: params.user_id, if_match })
          return noContent()
        }),
    }),
  ]
}

import { created, noContent, ok } from '../../../platform/http/answer.ts'
import type { Cursors } from '../../../platform/http/cursor.ts'
import { listByCreation } from '../../../platform/http/list.ts'
import { CursorMismatch } from '../../../platform/http/problems.ts'
import { admins, type Route, route, staff } from '../../../platform/http/route.ts'
import { strict } from '../../../platform/http/schemas.ts'
import { NotFound, VersionConflict } from '../../../platform/problems.ts'
import { createOrganization } from '../commands/create-organization.ts'
import { deleteOrganization } from '../commands/delete-organization.ts'
import { updateOrganization } from '../commands/update-organization.ts'
import type { IsInUse } from '../in-use.ts'
import { ExternalIdTaken, OrganizationInUse } from '../problems.ts'
import { filterOrganizations, getOrganization, toOrganization } from '../queries/organizations.ts'
import { Id, NewOrganization, Organization, OrganizationList, OrganizationPatch, OrganizationQuery } from '../schema.ts'
import type { OrganizationRow } from '../tables.ts'

/** Customer companies: agents look at them, admins keep them. */
export function organizationRoutes({
  cursors,
  isOrganizationInUse,
}: {
  cursors: Cursors
  isOrganizationInUse: IsInUse
}): Route[] {
  const read = { roles: staff, scope: 'organizations:read' }
  const write = { roles: admins, scope: 'organizations:write' }
  const params = strict({ id: Id })
  const tag = 'Organizations'
  const shown = (row: OrganizationRow) => [toOrganization(row), { etag: `v${row.version}` }] as const

  return [
    route({
      method: 'GET',
      path: '/v1/organizations',
      operationId: 'listOrganizations',
      summary: 'List organizations',
      description: 'The customer companies that users belong to.',
      tag,
      access: read,
      query: OrganizationQuery,
      answers: { 200: OrganizationList },
      problems: [CursorMismatch],
      handle: ({ db, query }) =>
        listByCreation(filterOrganizations(db, query), {
          path: '/v1/organizations',
          query,
          cursors,
          toObjects: (rows) => rows.map(toOrganization),
        }),
    }),
    route({
      method: 'POST',
      path: '/v1/organizations',
      operationId: 'createOrganization',
      summary: 'Create an organization',
      description: 'Enters a customer company. Users join it by their `organization_id`.',
      tag,
      access: write,
      body: NewOrganization,
      answers: { 201: Organization },
      problems: [ExternalIdTaken],
      handle: ({ actor, body, transact }) =>
        transact(async (tx) => {
          const row = await createOrganization(tx, actor, body)
          return created(`/v1/organizations/${row.id}`, ...shown(row))
        }),
    }),
    route({
      method: 'GET',
      path: '/v1/organizations/:id',
      operationId: 'getOrganization',
      summary: 'Get an organization',
      description: 'One customer company.',
      tag,
      access: read,
      params,
      answers: { 200: Organization },
      problems: [NotFound],
      handle: async ({ db, params }) => ok(...shown(await getOrganization(db, params.id))),
    }),
    route({
      method: 'PATCH',
      path: '/v1/organizations/:id',
      operationId: 'updateOrganization',
      summary: 'Change an organization',
      description: 'A merge patch: what is absent stays, `null` clears.',
      tag,
      access: write,
      params,
      body: OrganizationPatch,
      answers: { 200: Organization },
      problems: [NotFound, ExternalIdTaken, VersionConflict],
      handle: ({ actor, params, body, if_match, transact }) =>
        transact(async (tx) => {
          const what = { organization_id: params.id, changes: body, if_match }
          return ok(...shown(await updateOrganization(tx, actor, what)))
        }),
    }),
    route({
      method: 'DELETE',
      path: '/v1/organizations/:id',
      operationId: 'deleteOrganization',
      summary: 'Delete an organization',
      description: 'Only one that no user belongs to and no ticket names.',
      tag,
      access: write,
      params,
      answers: { 204: null },
      problems: [NotFound, OrganizationInUse, VersionConflict],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => {
          await deleteOrganization(tx, actor, { organization_id: params.id, if_match, isInUse: isOrganizationInUse })
          return noContent()
        }),
    }),
  ]
}

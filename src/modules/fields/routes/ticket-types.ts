import { created, noContent, ok } from '../../../platform/http/answer.ts'
import type { Cursors } from '../../../platform/http/cursor.ts'
import { listByCreation } from '../../../platform/http/list.ts'
import { CursorMismatch } from '../../../platform/http/problems.ts'
import { admins, type Route, route, staff } from '../../../platform/http/route.ts'
import { strict } from '../../../platform/http/schemas.ts'
import { NotFound, VersionConflict } from '../../../platform/problems.ts'
import { Id, type IsInUse } from '../../directory/index.ts'
import { createTicketType } from '../commands/create-ticket-type.ts'
import { deleteTicketType } from '../commands/delete-ticket-type.ts'
import { updateTicketType } from '../commands/update-ticket-type.ts'
import { TicketTypeNameTaken } from '../problems.ts'
import { filterTicketTypes, getTicketType, toTicketType } from '../queries/ticket-types.ts'
import { NewTicketType, TicketType, TicketTypeList, TicketTypePatch, TicketTypeQuery } from '../schema.ts'
import type { TicketTypeRow } from '../tables.ts'

/** Kinds of tickets, for staff alone. */
export function ticketTypeRoutes({ cursors, isTypeInUse }: { cursors: Cursors; isTypeInUse: IsInUse }): Route[] {
  const read = { roles: staff, scope: 'ticket_types:read' }
  const write = { roles: admins, scope: 'ticket_types:write' }
  const params = strict({ id: Id })
  const tag = 'Ticket types'
  const shown = (row: TicketTypeRow) => [toTicketType(row), { etag: `v${row.version}` }] as const

  return [
    route({
      method: 'GET',
      path: '/v1/ticket-types',
      operationId: 'listTicketTypes',
      summary: 'List ticket types',
      description: 'Kinds of tickets, such as question or incident. Requesters never see them.',
      tag,
      access: read,
      query: TicketTypeQuery,
      answers: { 200: TicketTypeList },
      problems: [CursorMismatch],
      handle: ({ db, query }) =>
        listByCreation(filterTicketTypes(db, query), {
          path: '/v1/ticket-types',
          query,
          cursors,
          toObjects: (rows) => rows.map(toTicketType),
        }),
    }),
    route({
      method: 'POST',
      path: '/v1/ticket-types',
      operationId: 'createTicketType',
      summary: 'Create a ticket type',
      description: 'No two have the same name, however its letters are cased.',
      tag,
      access: write,
      body: NewTicketType,
      answers: { 201: TicketType },
      problems: [TicketTypeNameTaken],
      handle: ({ actor, body, transact }) =>
        transact(async (tx) => {
          const row = await createTicketType(tx, actor, body)
          return created(`/v1/ticket-types/${row.id}`, ...shown(row))
        }),
    }),
    route({
      method: 'GET',
      path: '/v1/ticket-types/:id',
      operationId: 'getTicketType',
      summary: 'Get a ticket type',
      description: 'One kind of tickets.',
      tag,
      access: read,
      params,
      answers: { 200: TicketType },
      problems: [NotFound],
      handle: async ({ db, params }) => ok(...shown(await getTicketType(db, params.id))),
    }),
    route({
      method: 'PATCH',
      path: '/v1/ticket-types/:id',
      operationId: 'updateTicketType',
      summary: 'Change a ticket type',
      description: 'A merge patch. `archived: true` takes it out of use, `false` brings it back.',
      tag,
      access: write,
      params,
      body: TicketTypePatch,
      answers: { 200: TicketType },
      problems: [NotFound, TicketTypeNameTaken, VersionConflict],
      handle: ({ actor, params, body, if_match, transact }) =>
        transact(async (tx) => ok(...shown(await updateTicketType(tx, actor, { type_id: params.id, changes: body, if_match })))),
    }),
    route({
      method: 'DELETE',
      path: '/v1/ticket-types/:id',
      operationId: 'deleteTicketType',
      summary: 'Delete or archive a ticket type',
      description: 'One that tickets have, or that a field names, is archived instead.',
      tag,
      access: write,
      params,
      answers: { 204: null },
      problems: [NotFound, VersionConflict],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => {
          await deleteTicketType(tx, actor, { type_id: params.id, if_match, isInUse: isTypeInUse })
          return noContent()
        }),
    }),
  ]
}

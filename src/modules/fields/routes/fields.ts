import type { Actor } from '../../../platform/actor.ts'
import { created, noContent, ok } from '../../../platform/http/answer.ts'
import type { Cursors } from '../../../platform/http/cursor.ts'
import { listByCreation } from '../../../platform/http/list.ts'
import { CursorMismatch } from '../../../platform/http/problems.ts'
import { admins, everyone, type Route, route } from '../../../platform/http/route.ts'
import { strict } from '../../../platform/http/schemas.ts'
import { NotFound, VersionConflict } from '../../../platform/problems.ts'
import { tagOf } from '../../desk/index.ts'
import { Id } from '../../directory/index.ts'
import { createField } from '../commands/create-field.ts'
import { deleteField } from '../commands/delete-field.ts'
import { updateField } from '../commands/update-field.ts'
import { FieldKeyTaken, TooManyFields } from '../problems.ts'
import { filterFields, getVisibleField, toField } from '../queries/fields.ts'
import { Field, FieldList, FieldPatch, FieldQuery, NewField } from '../schema.ts'
import type { FieldRow } from '../tables.ts'
import type { HasValues } from '../values.ts'

/** What else is kept about tickets: everybody looks at the fields meant for him, admins keep them. */
export function fieldRoutes({ cursors, hasValues }: { cursors: Cursors; hasValues: HasValues }): Route[] {
  const read = { roles: everyone, scope: 'fields:read' }
  const write = { roles: admins, scope: 'fields:write' }
  const params = strict({ id: Id })
  const tag = 'Fields'
  const shown = (row: FieldRow, actor: Actor) => {
    const field = toField(row, actor)
    return [field, { etag: tagOf(field) }] as const
  }

  return [
    route({
      method: 'GET',
      path: '/v1/fields',
      operationId: 'listFields',
      summary: 'List custom fields',
      description: 'Staff see all fields. Requesters see those in use that they may read, as far as they need to fill them in.',
      tag,
      access: read,
      query: FieldQuery,
      answers: { 200: FieldList },
      problems: [CursorMismatch],
      handle: ({ db, actor, query }) =>
        listByCreation(filterFields(db, actor, query), {
          path: '/v1/fields',
          query,
          cursors,
          view: actor.role === 'requester' ? 'requester' : 'staff',
          toObjects: (rows) => rows.map((row) => toField(row, actor)),
        }),
    }),
    route({
      method: 'POST',
      path: '/v1/fields',
      operationId: 'createField',
      summary: 'Create a custom field',
      description:
        'Tickets hold its values in `fields`, by its key; lists are filtered and sorted by them. Key and type never change. At most 200.',
      tag,
      access: write,
      body: NewField,
      answers: { 201: Field },
      problems: [FieldKeyTaken, TooManyFields],
      handle: ({ actor, body, transact }) =>
        transact(async (tx) => {
          const row = await createField(tx, actor, body)
          return created(`/v1/fields/${row.id}`, ...shown(row, actor))
        }),
    }),
    route({
      method: 'GET',
      path: '/v1/fields/:id',
      operationId: 'getField',
      summary: 'Get a custom field',
      description: 'One field, as far as the caller may see it.',
      tag,
      access: read,
      params,
      answers: { 200: Field },
      problems: [NotFound],
      handle: async ({ db, actor, params }) => ok(...shown(await getVisibleField(db, actor, params.id), actor)),
    }),
    route({
      method: 'PATCH',
      path: '/v1/fields/:id',
      operationId: 'updateField',
      summary: 'Change a custom field',
      description:
        'A merge patch; `options` are given whole, and one that tickets have may only be archived. `archived: true` takes the field out of use: tickets keep its values, and show them again once it is back.',
      tag,
      access: write,
      params,
      body: FieldPatch,
      answers: { 200: Field },
      problems: [NotFound, VersionConflict],
      handle: ({ actor, params, body, if_match, transact }) =>
        transact(async (tx) => {
          const row = await updateField(tx, actor, { field_id: params.id, changes: body, if_match, hasValues })
          return ok(...shown(row, actor))
        }),
    }),
    route({
      method: 'DELETE',
      path: '/v1/fields/:id',
      operationId: 'deleteField',
      summary: 'Delete or archive a custom field',
      description: 'One of which tickets have values is archived instead.',
      tag,
      access: write,
      params,
      answers: { 204: null },
      problems: [NotFound, VersionConflict],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => {
          await deleteField(tx, actor, { field_id: params.id, if_match, hasValues })
          return noContent()
        }),
    }),
  ]
}

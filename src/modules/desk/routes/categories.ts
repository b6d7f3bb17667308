import type { Actor } from '../../../platform/actor.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import { created, noContent, ok } from '../../../platform/http/answer.ts'
import type { Cursors } from '../../../platform/http/cursor.ts'
import { listByCreation } from '../../../platform/http/list.ts'
import { CursorMismatch } from '../../../platform/http/problems.ts'
import { admins, everyone, type Route, route } from '../../../platform/http/route.ts'
import { strict } from '../../../platform/http/schemas.ts'
import { NotFound, VersionConflict } from '../../../platform/problems.ts'
import { ExternalIdTaken, Id, type IsInUse } from '../../directory/index.ts'
import { createCategory } from '../commands/create-category.ts'
import { deleteCategory } from '../commands/delete-category.ts'
import { updateCategory } from '../commands/update-category.ts'
import { CategoryHasChildren, ParentArchived } from '../problems.ts'
import { filterCategories, getVisibleCategory, toCategories } from '../queries/categories.ts'
import { Category, CategoryList, CategoryPatch, CategoryQuery, NewCategory } from '../schema.ts'
import type { CategoryRow } from '../tables.ts'
import { tagOf } from './tag.ts'

/** What tickets are about: a tree that everybody looks at and admins keep. */
export function categoryRoutes({ cursors, isCategoryInUse }: { cursors: Cursors; isCategoryInUse: IsInUse }): Route[] {
  const read = { roles: everyone, scope: 'categories:read' }
  const write = { roles: admins, scope: 'categories:write' }
  const params = strict({ id: Id })
  const tag = 'Categories'
  const shown = async (db: Reader, actor: Actor, row: CategoryRow) => {
    const [category] = await toCategories(db, actor, [row])
    return [category, { etag: tagOf(category) }] as const
  }

  return [
    route({
      method: 'GET',
      path: '/v1/categories',
      operationId: 'listCategories',
      summary: 'List categories',
      description:
        'Each names the one above it by `parent_id`; `parent_id=none` lists the top. Requesters see those in use, unless they are only for queues that requesters do not see. `queue_id` lists those for a queue.',
      tag,
      access: read,
      query: CategoryQuery,
      answers: { 200: CategoryList },
      problems: [CursorMismatch],
      handle: ({ db, actor, query }) =>
        listByCreation(filterCategories(db, actor, query), {
          path: '/v1/categories',
          query,
          cursors,
          view: actor.role === 'requester' ? 'requester' : 'staff',
          toObjects: (rows) => toCategories(db, actor, rows),
        }),
    }),
    route({
      method: 'POST',
      path: '/v1/categories',
      operationId: 'createCategory',
      summary: 'Create a category',
      description:
        'At the top, or under `parent_id`; at most 8 stand above one another. With `queue_ids` it is for tickets of these queues only.',
      tag,
      access: write,
      body: NewCategory,
      answers: { 201: Category },
      problems: [ExternalIdTaken],
      handle: ({ actor, body, transact }) =>
        transact(async (tx) => {
          const row = await createCategory(tx, actor, body)
          return created(`/v1/categories/${row.id}`, ...(await shown(tx.db, actor, row)))
        }),
    }),
    route({
      method: 'GET',
      path: '/v1/categories/:id',
      operationId: 'getCategory',
      summary: 'Get a category',
      description: 'One category, as far as the caller may see it.',
      tag,
      access: read,
      params,
      answers: { 200: Category },
      problems: [NotFound],
      handle: async ({ db, actor, params }) => ok(...(await shown(db, actor, await getVisibleCategory(db, actor, params.id)))),
    }),
    route({
      method: 'PATCH',
      path: '/v1/categories/:id',
      operationId: 'updateCategory',
      summary: 'Change or move a category',
      description:
        'A merge patch. With `parent_id` it moves with all under it. `archived: true` takes it out of use, `false` brings it back.',
      tag,
      access: write,
      params,
      body: CategoryPatch,
      answers: { 200: Category },
      problems: [NotFound, ExternalIdTaken, CategoryHasChildren, ParentArchived, VersionConflict],
      handle: ({ actor, params, body, if_match, transact }) =>
        transact(async (tx) => {
          const row = await updateCategory(tx, actor, { category_id: params.id, changes: body, if_match })
          return ok(...(await shown(tx.db, actor, row)))
        }),
    }),
    route({
      method: 'DELETE',
      path: '/v1/categories/:id',
      operationId: 'deleteCategory',
      summary: 'Delete or archive a category',
      description:
        'One that tickets have, or that a routing rule names, is archived instead. Refused while categories in use stand under it.',
      tag,
      access: write,
      params,
      answers: { 204: null },
      problems: [NotFound, CategoryHasChildren, VersionConflict],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => {
          await deleteCategory(tx, actor, { category_id: params.id, if_match, isInUse: isCategoryInUse })
          return noContent()
        }),
    }),
  ]
}

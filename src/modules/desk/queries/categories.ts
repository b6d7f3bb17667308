import type { Static } from 'typebox'
import { type Actor, isStaff } from '../../../platform/actor.ts'
import { fromJson, toTime, toTimeOrNull } from '../../../platform/codecs.ts'
import { forShare } from '../../../platform/database/dialect.ts'
import { prepare } from '../../../platform/database/prepared.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import { NotFound } from '../../../platform/problems.ts'
import { DEEPEST } from '../category.ts'
import type { Category, CategoryQuery } from '../schema.ts'
import type { CategoryRow } from '../tables.ts'

const categoryById = prepare((db, { id }: { id: string }, shape) => {
  const query = db.selectFrom('categories').selectAll().where('id', '=', id)
  return shape === '' ? query : forShare(db, query)
})

/** A category. With `for share` it stays as it is until the transaction ends, so that a new row may name it. */
export async function findCategory(db: Reader, id: string, lock?: 'for share'): Promise<CategoryRow | undefined> {
  return (await categoryById(db, { id }, lock))[0]
}

/** A category and all above it, itself first; empty for none. */
export async function categoryLine(db: Reader, id: string | null): Promise<string[]> {
  const line: string[] = []
  for (let next = id; next !== null && line.length < DEEPEST; ) {
    const row = await findCategory(db, next)
    if (!row) break
    line.push(row.id)
    next = row.parent_id
  }
  return line
}

/** The categories that an actor may know of: staff all of them, a requester those in use. */
export function visibleCategories(db: Reader, actor: Actor) {
  const rows = db.selectFrom('categories').selectAll()
  return isStaff(actor) ? rows : rows.where('archived_at', 'is', null)
}

/** The category, or 404 where there is none or the actor may not know of it. */
export async function getVisibleCategory(db: Reader, actor: Actor, id: string): Promise<CategoryRow> {
  const row = await visibleCategories(db, actor).where('id', '=', id).executeTakeFirst()
  if (!row) throw NotFound()
  return row
}

/** The categories of an actor that the filters of a list let through. */
export function filterCategories(db: Reader, actor: Actor, { parent_id, archived }: Static<typeof CategoryQuery>) {
  let rows = visibleCategories(db, actor)
  if (parent_id === 'none') rows = rows.where('parent_id', 'is', null)
  else if (parent_id !== undefined) rows = rows.where('parent_id', '=', parent_id)
  if (archived !== undefined) rows = rows.where('archived_at', archived ? 'is not' : 'is', null)
  return rows
}

/** A category as this actor may see it. */
export function toCategory(row: CategoryRow, actor: Pick<Actor, 'role'>): Category {
  const { id, name, parent_id } = row
  const shown = { id, object: 'category' as const, name, parent_id, created_at: toTime(row.created_at) }
  if (actor.role === 'requester') return shown
  return {
    ...shown,
    external_id: row.external_id,
    metadata: fromJson(row.metadata),
    archived_at: toTimeOrNull(row.archived_at),
    updated_at: toTime(row.updated_at),
    version: row.version,
  }
}

/** Those of these categories that there are and that this actor may know of. */
export async function presentCategories(db: Reader, actor: Actor, ids: readonly string[]): Promise<Category[]> {
  const rows = await visibleCategories(db, actor).where('id', 'in', ids).execute()
  return rows.map((row) => toCategory(row, actor))
}

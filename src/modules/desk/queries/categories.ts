import { type RawBuilder, sql } from 'kysely'
import type { Static } from 'typebox'
import type { Actor } from '../../../platform/actor.ts'
import { fromJson, toTime, toTimeOrNull } from '../../../platform/codecs.ts'
import { forShare } from '../../../platform/database/dialect.ts'
import { prepare } from '../../../platform/database/prepared.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import { NotFound } from '../../../platform/problems.ts'
import { DEEPEST } from '../category.ts'
import type { Category, CategoryQuery } from '../schema.ts'
import type { CategoryRow } from '../tables.ts'
import { visibleQueues } from './queues.ts'

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

/**
 * The categories that an actor may know of: staff all of them, a requester those in use that are for all queues or for a public one,
 * with all above them.
 */
function visibleCategories(db: Reader, actor: Pick<Actor, 'role'>) {
  const rows = db.selectFrom('categories').selectAll()
  return actor.role === 'requester' ? rows.where(isOpen('categories.id')) : rows
}

/** Whether requesters know of a category; a branch ends where one above is closed to them. */
function isOpen(id: 'categories.id'): RawBuilder<boolean> {
  const isOpenItself = sql`one.archived_at is null and (
    not exists (select 1 from category_queues where category_id = one.id) or exists (
      select 1 from category_queues inner join queues on queues.id = category_queues.queue_id
      where category_queues.category_id = one.id and queues.public = 1 and queues.archived_at is null))`
  return sql<boolean>`${sql.ref(id)} in (with recursive open_categories (id) as (
    select one.id from categories as one where one.parent_id is null and ${isOpenItself}
    union all
    select one.id from categories as one inner join open_categories on open_categories.id = one.parent_id where ${isOpenItself}
  ) select id from open_categories)`
}

/** Whether a requester may know of a category. */
export async function isOpenCategory(db: Reader, id: string): Promise<boolean> {
  const row = await visibleCategories(db, { role: 'requester' }).where('id', '=', id).executeTakeFirst()
  return row !== undefined
}

/** The queues that each of these categories is for, in the order of their ids; none for all. */
export async function queuesOfCategories(db: Reader, category_ids: readonly string[]): Promise<Map<string, string[]>> {
  const queues = new Map<string, string[]>(category_ids.map((id) => [id, []]))
  if (category_ids.length === 0) return queues
  const query = db.selectFrom('category_queues').selectAll().where('category_id', 'in', category_ids)
  for (const { category_id, queue_id } of await query.orderBy('category_id').orderBy('queue_id').execute())
    queues.get(category_id)?.push(queue_id)
  return queues
}

/** Whether a category is for tickets of a queue: for certain queues, or for all. */
export async function isForQueue(
  db: Reader,
  { category_id, queue_id }: { category_id: string; queue_id: string },
): Promise<boolean> {
  const queues = (await queuesOfCategories(db, [category_id])).get(category_id) ?? []
  return queues.length === 0 || queues.includes(queue_id)
}

/** Whether a category names this queue. */
export async function isNamedByCategories(db: Reader, queue_id: string): Promise<boolean> {
  const first = db.selectFrom('category_queues').select('category_id').where('queue_id', '=', queue_id).limit(1)
  return (await first.executeTakeFirst()) !== undefined
}

/** The category, or 404 where there is none or the actor may not know of it. */
export async function getVisibleCategory(db: Reader, actor: Actor, id: string): Promise<CategoryRow> {
  const row = await visibleCategories(db, actor).where('id', '=', id).executeTakeFirst()
  if (!row) throw NotFound()
  return row
}

/** The categories of an actor that the filters of a list let through. */
export function filterCategories(db: Reader, actor: Actor, { parent_id, archived, queue_id }: Static<typeof CategoryQuery>) {
  let rows = visibleCategories(db, actor)
  if (queue_id !== undefined) rows = rows.where(isForVisibleQueue(db, actor, queue_id))
  if (parent_id === 'none') rows = rows.where('parent_id', 'is', null)
  else if (parent_id !== undefined) rows = rows.where('parent_id', '=', parent_id)
  if (archived !== undefined) rows = rows.where('archived_at', archived ? 'is not' : 'is', null)
  return rows
}

/** Whether a category is for a queue, as far as the actor may know of the queue. */
function isForVisibleQueue(db: Reader, actor: Actor, queue_id: string): RawBuilder<boolean> {
  const queue = visibleQueues(db, actor).clearSelect().select('id').where('id', '=', queue_id)
  return sql<boolean>`(exists ${queue} and (
    not exists (select 1 from category_queues where category_id = categories.id)
    or exists (select 1 from category_queues where category_id = categories.id and queue_id = ${queue_id})))`
}

/** A category as this actor may see it. */
export function toCategory(
  row: CategoryRow,
  { actor, queue_ids }: { actor: Pick<Actor, 'role'>; queue_ids: readonly string[] },
): Category {
  const { id, name, parent_id } = row
  const shown = { id, object: 'category' as const, name, parent_id, created_at: toTime(row.created_at) }
  if (actor.role === 'requester') return shown
  return {
    ...shown,
    queue_ids: [...queue_ids],
    external_id: row.external_id,
    metadata: fromJson(row.metadata),
    archived_at: toTimeOrNull(row.archived_at),
    updated_at: toTime(row.updated_at),
    version: row.version,
  }
}

/** Categories as this actor may see them. */
export async function toCategories(db: Reader, actor: Pick<Actor, 'role'>, rows: readonly CategoryRow[]): Promise<Category[]> {
  const ids = actor.role === 'requester' ? [] : rows.map(({ id }) => id)
  const queues = await queuesOfCategories(db, ids)
  return rows.map((row) => toCategory(row, { actor, queue_ids: queues.get(row.id) ?? [] }))
}

/** Those of these categories that there are and that this actor may know of. */
export async function presentCategories(db: Reader, actor: Actor, ids: readonly string[]): Promise<Category[]> {
  return toCategories(db, actor, await visibleCategories(db, actor).where('id', 'in', ids).execute())
}

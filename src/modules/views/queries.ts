import { sql } from 'kysely'
import { type Actor, isStaff } from '../../platform/actor.ts'
import { fromJson, toTime } from '../../platform/codecs.ts'
import { forUpdate } from '../../platform/database/dialect.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { NotFound, Problem } from '../../platform/problems.ts'
import { countSavedTickets, matchSavedTickets, type SavedList } from '../tickets/index.ts'
import { ViewOutdated } from './problems.ts'
import type { View } from './schema.ts'
import type { ViewRow } from './tables.ts'

/**
 * The views that an actor sees: his own, and those shared with a team of his. Admins see every shared one, and also the private
 * ones of people who are no active agents any more, so that somebody can take them over.
 */
export function visibleViews(db: Reader, actor: Actor) {
  const rows = db.selectFrom('views').selectAll()
  if (actor.role === 'admin')
    return rows.where(sql<boolean>`(views.owner_id = ${actor.id} or views.visibility = 'team' or not exists (
      select 1 from users where users.id = views.owner_id and users.active = 1 and users.role in ('agent', 'admin')))`)
  // A table of its own, which MySQL reads once: it would ask a bare union again for each view.
  return rows.where(sql<boolean>`views.id in (select id from (
    select own.id from views as own where own.owner_id = ${actor.id} union all
    select shared.id from team_members inner join views as shared on shared.team_id = team_members.team_id
    where team_members.user_id = ${actor.id}) as seen)`)
}

/** A view that the actor sees, or 404. With `for update` its row is locked. */
export async function getVisibleView(db: Reader, actor: Actor, id: string, lock?: 'for update'): Promise<ViewRow> {
  // Only the row itself is locked, not those of its owner and its team.
  if (lock) await forUpdate(db, db.selectFrom('views').select('id').where('id', '=', id)).executeTakeFirst()
  const row = await visibleViews(db, actor).where('views.id', '=', id).executeTakeFirst()
  if (!row) throw NotFound()
  return row
}

/** How many views somebody owns. */
export async function countViewsOf(db: Reader, owner_id: string): Promise<number> {
  const row = await db
    .selectFrom('views')
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .where('owner_id', '=', owner_id)
    .executeTakeFirstOrThrow()
  return Number(row.total)
}

/** The list that a view keeps. */
export function savedList(row: Pick<ViewRow, 'filters' | 'sort'>): SavedList {
  return { filters: fromJson(row.filters), sort: row.sort }
}

/** A view as everybody who sees it sees it. */
export function toView(row: ViewRow): View {
  return {
    id: row.id,
    object: 'view',
    name: row.name,
    filters: fromJson(row.filters),
    sort: row.sort,
    visibility: row.visibility,
    team_id: row.team_id,
    owner_id: row.owner_id,
    position: row.position,
    created_at: toTime(row.created_at),
    updated_at: toTime(row.updated_at),
    version: row.version,
  }
}

/** Runs the list of a view; where the view names what is no more, 409 says what is wrong. */
export async function current<T>(list: () => Promise<T>): Promise<T> {
  try {
    return await list()
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'validation_failed') throw error
    throw ViewOutdated({ errors: error.extras.errors ?? [] })
  }
}

/** The list of a view that the actor sees, or 404; 409 where the list itself would refuse the filters by now. */
export async function getUsableList(db: Reader, actor: Actor, id: string): Promise<SavedList> {
  if (!isStaff(actor)) throw NotFound()
  const saved = savedList(await getVisibleView(db, actor, id))
  await current(() => matchSavedTickets(db, actor, { saved, view: 'staff', ids: [] }))
  return saved
}

/** How many tickets each view shows this actor; null for one that is outdated. */
export async function countViews(db: Reader, actor: Actor, rows: readonly ViewRow[]): Promise<Map<string, number | null>> {
  const counts = new Map<string, number | null>()
  // Views of the same filters are counted once: a desk's people keep much the same ones.
  const known = new Map<string, number | null>()
  for (const row of rows) {
    let count = known.get(row.filters)
    if (count === undefined) {
      count = await countView(db, actor, row)
      known.set(row.filters, count)
    }
    counts.set(row.id, count)
  }
  return counts
}

async function countView(db: Reader, actor: Actor, row: ViewRow): Promise<number | null> {
  try {
    return await current(() => countSavedTickets(db, actor, { ...savedList(row), sort: null }))
  } catch (error) {
    if (error instanceof Problem && error.code === ViewOutdated.code) return null
    throw error
  }
}

import { fromJson, toTime, toTimeOrNull } from '../../platform/codecs.ts'
import { forShare } from '../../platform/database/dialect.ts'
import { keep } from '../../platform/database/kept.ts'
import { prepare } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { NotFound } from '../../platform/problems.ts'
import { type Definition, knowsStatus, type Lifecycle, publicStatus, type StatusCategory } from './lifecycle.ts'
import type { LifecycleShown, StatusShown } from './schema.ts'
import type { LifecycleRow } from './tables.ts'

/** Every lifecycle there is, and what its statuses are called on each side. */
export interface Workflow {
  lifecycles: ReadonlyMap<string, Lifecycle>
  /** The keys that staff know, each with the categories in which it stands somewhere. */
  staffStatuses: ReadonlyMap<string, ReadonlySet<StatusCategory>>
  /** The same of what requesters see. */
  publicStatuses: ReadonlyMap<string, ReadonlySet<StatusCategory>>
  /** Whether a status means the same on both sides, everywhere. */
  isSideless: boolean
}

const everyLifecycle = prepare((db, _: object) => db.selectFrom('lifecycles').selectAll().orderBy('created_at').orderBy('id'))

const kept = keep(async (db): Promise<Workflow> => toWorkflow(await everyLifecycle(db, {})))

function toWorkflow(rows: readonly LifecycleRow[]): Workflow {
  const lifecycles = new Map(rows.map((row) => [row.id, toLifecycle(row)]))
  const statuses = [...lifecycles.values()].flatMap((lifecycle) => lifecycle.statuses)
  return {
    lifecycles,
    staffStatuses: byName(statuses.map(({ key, category }) => [key, category])),
    publicStatuses: byName(statuses.map((status) => [publicStatus(status), status.category])),
    isSideless: statuses.every((status) => publicStatus(status) === status.key),
  }
}

function byName(named: readonly (readonly [string, StatusCategory])[]): Map<string, Set<StatusCategory>> {
  const found = new Map<string, Set<StatusCategory>>()
  for (const [name, category] of named) found.set(name, (found.get(name) ?? new Set()).add(category))
  return found
}

function toLifecycle({ id, version, definition }: LifecycleRow): Lifecycle {
  return { id, version, ...fromJson<Definition>(definition) }
}

/** All lifecycles as of at most half a second ago. */
export async function workflowOf(db: Reader): Promise<Workflow> {
  return kept.get(db)
}

/**
 * A ticket's lifecycle, as of at most half a second ago, but not older than the status in which the ticket stands. One that
 * tickets have had is never removed.
 */
export async function lifecycleOf(db: Reader, id: string, status?: string): Promise<Lifecycle> {
  const found = (await kept.get(db)).lifecycles.get(id)
  if (found && (status === undefined || knowsStatus(found, status))) return found
  // Another node has made it, or the status, a moment ago.
  kept.forget(db)
  const made = (await kept.get(db)).lifecycles.get(id)
  if (!made) throw new Error(`the lifecycle ${id} is gone from the database`)
  return made
}

/** Makes this process look again at once. */
export function forgetLifecycles(db: Reader): void {
  kept.forget(db)
}

const lifecycleById = prepare((db, { id }: { id: string }, shape) => {
  const query = db.selectFrom('lifecycles').selectAll().where('id', '=', id)
  return shape === '' ? query : forShare(db, query)
})

/** A lifecycle's row. With `for share` it stays as it is until the transaction ends, so that a queue may name it. */
export async function findLifecycle(db: Reader, id: string, lock?: 'for share'): Promise<LifecycleRow | undefined> {
  return (await lifecycleById(db, { id }, lock))[0]
}

/** The row, or 404. */
export async function getLifecycle(db: Reader, id: string): Promise<LifecycleRow> {
  const row = await findLifecycle(db, id)
  if (!row) throw NotFound()
  return row
}

export function filterLifecycles(db: Reader, { archived }: { archived?: boolean }) {
  const rows = db.selectFrom('lifecycles').selectAll()
  return archived === undefined ? rows : rows.where('archived_at', archived ? 'is not' : 'is', null)
}

/** Those of these lifecycles that there are; for staff. */
export async function presentLifecycles(db: Reader, ids: readonly string[]): Promise<LifecycleShown[]> {
  const rows = await db.selectFrom('lifecycles').selectAll().where('id', 'in', ids).execute()
  return rows.map(toShown)
}

/** A lifecycle as staff see it. */
export function toShown(row: LifecycleRow): LifecycleShown {
  const { statuses, transitions, mappings } = fromJson<Definition>(row.definition)
  return {
    id: row.id,
    object: 'lifecycle',
    name: row.name,
    statuses: statuses.map((status) => ({ ...status })),
    transitions: transitions.map(({ by, required_fields, ...step }) => ({
      ...step,
      by: [...by],
      required_fields: [...required_fields],
    })),
    mappings: mappings.map((mapping) => ({ ...mapping })),
    archived_at: toTimeOrNull(row.archived_at),
    created_at: toTime(row.created_at),
    updated_at: toTime(row.updated_at),
    version: row.version,
  }
}

/**
 * What statuses are called: for staff those of every lifecycle in use, for requesters what they can come to see, once each and
 * without a word of lifecycles.
 */
export async function listStatuses(db: Reader, side: 'staff' | 'requester'): Promise<StatusShown[]> {
  const rows = (await everyLifecycle(db, {})).filter(({ archived_at }) => archived_at === null)
  const found = rows.flatMap(({ id, definition }) =>
    fromJson<Definition>(definition).statuses.map((status) => ({ ...status, lifecycle_id: id })),
  )
  if (side === 'staff') return found.map((status) => ({ object: 'status', ...status }))
  const shown = new Map<string, StatusShown>()
  for (const status of found) {
    const key = publicStatus(status)
    const label = status.requester_label ?? labelOf(status.category)
    if (!shown.has(key)) shown.set(key, { object: 'status', key, label, category: status.category })
  }
  return [...shown.values()]
}

function labelOf(category: StatusCategory): string {
  const words = category.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

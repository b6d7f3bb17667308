import type { Static } from 'typebox'
import { fromJson, toJson } from '../../../platform/codecs.ts'
import type { Announcement } from '../../../platform/events.ts'
import type { FieldError } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce, changedKeys } from '../../directory/index.ts'
import { startJob } from '../../jobs/index.ts'
import { lifecycleArchived, lifecycleUpdated } from '../events.ts'
import type { IsLifecycleInUse } from '../in-use.ts'
import { automaticStep, type Definition, misplacement, type Retired } from '../lifecycle.ts'
import { LifecycleInUse } from '../problems.ts'
import { forgetLifecycles, toShown } from '../queries.ts'
import type { LifecyclePatch } from '../schema.ts'
import type { LifecycleRow } from '../tables.ts'
import { lockLifecycle } from './lock-lifecycle.ts'
import { refuse, requireSound, stepsOf } from './require-sound.ts'

/** The job that moves tickets out of a status that was taken away; tickets do it. */
export const REPLACE_STATUS = 'tickets.replace-status'
/** The job that sets anew when solved tickets are closed; tickets do it. */
export const ARM_CLOSING = 'tickets.arm-closing'

type Changes = Static<typeof LifecyclePatch>

/**
 * Changes a lifecycle. A status that tickets may stand in goes only by naming the one that takes its place: from then on they
 * are as good as in that one, and a job moves them. Nothing is written or announced where nothing differs.
 */
export async function updateLifecycle(
  tx: Tx,
  actor: Announcement['actor'],
  what: { lifecycle_id: string; changes: Changes; if_match: readonly string[] | undefined; isInUse: IsLifecycleInUse },
): Promise<LifecycleRow> {
  const row = await lockLifecycle(tx, what)
  const before = fromJson<Definition>(row.definition)
  const after = await definitionAfter(tx, row, what.changes)
  const next: LifecycleRow = {
    ...row,
    name: what.changes.name ?? row.name,
    definition: toJson(after),
    archived_at:
      what.changes.archived === undefined ? row.archived_at : what.changes.archived ? (row.archived_at ?? tx.now) : null,
    updated_at: tx.now,
    version: row.version + 1,
  }
  const changed = changedKeys(toShown(row), toShown(next))
  if (changed.length === 0) return row
  const isArchived = row.archived_at === null && next.archived_at !== null
  if (isArchived && (await what.isInUse(tx.db, row.id))) throw LifecycleInUse()
  const { id, created_at: _, ...columns } = next
  await tx.db.updateTable('lifecycles').set(columns).where('id', '=', id).execute()

  const gone = after.retired.filter(({ key }) => before.statuses.some((status) => status.key === key))
  const replaced = Object.fromEntries(gone.map(({ key, replaced_by }) => [key, replaced_by]))
  for (const { key, category } of gone)
    await startJob(tx, actor, { kind: REPLACE_STATUS, params: { lifecycle_id: id, status: key, category } })
  if (closedByTime(after).some((key) => !closedByTime(before).includes(key)))
    await startJob(tx, actor, { kind: ARM_CLOSING, params: {} })
  if (isArchived) announce(tx, lifecycleArchived, { actor, row: next, data: { changed } })
  else announce(tx, lifecycleUpdated, { actor, row: next, data: { changed, replaced } })
  tx.afterCommit(() => forgetLifecycles(tx.db))
  return next
}

/** The statuses of solved tickets that are closed by themselves; of the others the timers were in vain. */
function closedByTime(definition: Definition): string[] {
  const solved = definition.statuses.filter(({ category }) => category === 'solved')
  return solved.flatMap(({ key }) => (automaticStep(definition, key, 'closed') ? [key] : []))
}

async function definitionAfter(tx: Tx, row: LifecycleRow, changes: Changes): Promise<Definition> {
  const before = fromJson<Definition>(row.definition)
  const statuses = changes.statuses ?? before.statuses
  const keys = new Set(statuses.map(({ key }) => key))
  // Steps of a status that goes, go with it, unless the caller says all steps anew.
  const transitions = changes.transitions
    ? stepsOf(changes.transitions)
    : before.transitions.filter(({ from, to }) => keys.has(from) && keys.has(to))
  const mappings = changes.mappings ?? before.mappings.filter(({ to_status }) => keys.has(to_status))
  const isUsed = row.used_at !== null
  const leaving = before.statuses.filter(({ key }) => !keys.has(key))
  const added: Retired[] = !isUsed
    ? []
    : leaving.map(({ key, category }) => ({ key, category, replaced_by: changes.replacements?.[key] ?? '' }))
  if (isUsed) refuse([...faultsOfReplacements({ added, statuses }), ...faultsOfKept({ before, statuses })])
  const definition = {
    statuses,
    transitions,
    mappings,
    retired: [...before.retired.filter(({ key }) => !keys.has(key)), ...added],
  }
  // What was there already may name what has gone since, and then means nothing.
  await requireSound(tx, definition, { given: changes.mappings ?? [] })
  return definition
}

function faultsOfReplacements({ added, statuses }: { added: Retired[]; statuses: Definition['statuses'] }): FieldError[] {
  return added.flatMap(({ key, category, replaced_by }) => {
    const pointer = `/replacements/${key}`
    const to = statuses.find((status) => status.key === replaced_by)
    if (replaced_by === '')
      return [{ pointer, code: 'required', detail: `Tickets may stand in ${key}: say in replacements where they go.` }]
    if (!to) return [{ pointer, code: 'unknown_status', detail: 'There is no such status any more.' }]
    const detail = misplacement(category, to.category)
    return detail === undefined ? [] : [{ pointer, code: 'wrong_category', detail }]
  })
}

/** Tickets may stand in these: what a status means, and whether requesters see it, stays. */
function faultsOfKept({ before, statuses }: { before: Definition; statuses: Definition['statuses'] }): FieldError[] {
  const known = new Map<string, { category: string; is_hidden?: boolean }>([
    ...before.retired.map(({ key, category }) => [key, { category }] as const),
    ...before.statuses.map(
      ({ key, category, requester_label }) => [key, { category, is_hidden: requester_label === null }] as const,
    ),
  ])
  return statuses.flatMap(({ key, category, requester_label }, i) => {
    const earlier = known.get(key)
    if (!earlier) return []
    if (earlier.category !== category)
      return [
        {
          pointer: `/statuses/${i}/category`,
          code: 'fixed',
          detail: `${key} is of the category ${earlier.category}: make a new status.`,
        },
      ]
    if (earlier.is_hidden !== undefined && earlier.is_hidden !== (requester_label === null))
      return [
        {
          pointer: `/statuses/${i}/requester_label`,
          code: 'fixed',
          detail: 'Whether requesters see a status stays: make a new status.',
        },
      ]
    return []
  })
}

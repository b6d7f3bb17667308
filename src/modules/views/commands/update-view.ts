import type { Actor } from '../../../platform/actor.ts'
import { toJson } from '../../../platform/codecs.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Forbidden } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce, changedKeys } from '../../directory/index.ts'
import { requireSavedList, type SavedList } from '../../tickets/index.ts'
import { viewUpdated } from '../events.ts'
import { mergeFilters } from '../filters.ts'
import { canChange, canHandOver } from '../policy.ts'
import { getVisibleView, savedList, toView } from '../queries.ts'
import type { ViewPatch } from '../schema.ts'
import type { ViewRow } from '../tables.ts'
import { lockOwner } from './lock-owner.ts'
import { requireTeam, sharingAfter } from './share.ts'

/** Changes a view, shares it, or gives it to somebody else. Nothing is written or announced where nothing differs. */
export async function updateView(
  tx: Tx,
  actor: Actor,
  { view_id, changes, if_match }: { view_id: string; changes: ViewPatch; if_match: readonly string[] | undefined },
): Promise<ViewRow> {
  const seen = await getVisibleView(tx.db, actor, view_id)
  if (!canChange(actor, seen)) throw Forbidden({ detail: 'Only its owner and admins change a view.' })
  const { owner_id = seen.owner_id } = changes
  if (owner_id !== seen.owner_id) {
    if (!canHandOver(actor)) throw Forbidden({ detail: 'Only an admin gives a view to another owner.' })
    await lockOwner(tx, owner_id)
  }
  // Users, teams, views: the order in which everybody locks.
  if (changes.team_id && changes.team_id !== seen.team_id) await requireTeam(tx, actor, changes.team_id)
  const row = await getVisibleView(tx.db, actor, view_id, 'for update')
  requireMatch(if_match, `v${row.version}`, row.version)
  const next = await rowAfter(tx, actor, { row, changes })
  const changed = changedKeys(toView(row), toView(next))
  if (changed.length === 0) return row
  return writeView(tx, actor, { row: next, changed })
}

/** Writes a locked view with its next version, and says what changed. */
export async function writeView(
  tx: Tx,
  actor: Pick<Actor, 'type' | 'id'>,
  { row, changed }: { row: ViewRow; changed: string[] },
): Promise<ViewRow> {
  const next = { ...row, updated_at: tx.now, version: row.version + 1 }
  const { id, created_at: _, ...columns } = next
  await tx.db.updateTable('views').set(columns).where('id', '=', id).execute()
  const { owner_id, visibility, team_id } = next
  announce(tx, viewUpdated, { actor, row: next, data: { changed, owner_id, visibility, team_id } })
  return next
}

async function rowAfter(tx: Tx, actor: Actor, { row, changes }: { row: ViewRow; changes: ViewPatch }): Promise<ViewRow> {
  const before = savedList(row)
  const saved: SavedList = {
    filters: mergeFilters(before.filters, changes.filters ?? {}),
    sort: changes.sort === undefined ? before.sort : changes.sort,
  }
  // A view that is outdated can still be renamed.
  if (changes.filters !== undefined || changes.sort !== undefined) await requireSavedList(tx.db, actor, saved)
  return {
    ...row,
    name: changes.name ?? row.name,
    filters: toJson(saved.filters),
    sort: saved.sort,
    ...sharingAfter(row, changes),
    owner_id: changes.owner_id ?? row.owner_id,
    position: changes.position ?? row.position,
  }
}

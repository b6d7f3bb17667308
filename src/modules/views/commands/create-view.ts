import type { Actor } from '../../../platform/actor.ts'
import { toJson } from '../../../platform/codecs.ts'
import { insertRow } from '../../../platform/database/prepared.ts'
import { newId } from '../../../platform/ids.ts'
import { Forbidden } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce } from '../../directory/index.ts'
import { requireSavedList } from '../../tickets/index.ts'
import { viewCreated } from '../events.ts'
import { mergeFilters } from '../filters.ts'
import { canOwnViews } from '../policy.ts'
import type { NewView } from '../schema.ts'
import type { ViewRow } from '../tables.ts'
import { lockOwner } from './lock-owner.ts'
import { requireTeam, sharingAfter } from './share.ts'

/** Saves a view, as the last of its owner's unless it is given a place. */
export async function createView(tx: Tx, actor: Actor, view: NewView): Promise<ViewRow> {
  if (!canOwnViews(actor)) throw Forbidden({ detail: 'An API key cannot own a view.' })
  const { sort = null } = view
  const filters = mergeFilters({}, view.filters ?? {})
  const sharing = sharingAfter({ visibility: 'private', team_id: null }, view)
  await requireSavedList(tx.db, actor, { filters, sort })
  await lockOwner(tx, actor.id)
  if (sharing.team_id !== null) await requireTeam(tx, actor, sharing.team_id)
  const row: ViewRow = {
    id: newId('vie'),
    name: view.name,
    filters: toJson(filters),
    sort,
    ...sharing,
    owner_id: actor.id,
    position: view.position ?? (await nextPosition(tx, actor.id)),
    created_at: tx.now,
    updated_at: tx.now,
    version: 1,
  }
  await insertRow(tx.db, 'views', row)
  announce(tx, viewCreated, { actor, row, data: { owner_id: row.owner_id, ...sharing } })
  return row
}

async function nextPosition(tx: Tx, owner_id: string): Promise<number> {
  const last = tx.db.selectFrom('views').select('position').where('owner_id', '=', owner_id).orderBy('position', 'desc').limit(1)
  return Math.min(((await last.executeTakeFirst())?.position ?? -1) + 1, 1_000_000)
}

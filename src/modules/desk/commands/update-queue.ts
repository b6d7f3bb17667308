import type { Static } from 'typebox'
import { fromBool, toBool } from '../../../platform/codecs.ts'
import { isDuplicate } from '../../../platform/database/errors.ts'
import type { Announcement } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce, changedKeys, externalIdTaken, type IsInUse, mergeMetadata } from '../../directory/index.ts'
import { startJob } from '../../jobs/index.ts'
import { useLifecycle } from '../../workflow/index.ts'
import { archivedAt } from '../archived.ts'
import { queueArchived, queueUpdated } from '../events.ts'
import { DefaultQueue, QueueHasMailbox, queueKeyTaken } from '../problems.ts'
import { isKeyTaken, teamsOf, toQueue } from '../queries/queues.ts'
import type { QueuePatch } from '../schema.ts'
import type { QueueRow } from '../tables.ts'
import { checkedPolicy } from './check-policy.ts'
import { lockQueue } from './lock-queue.ts'
import { lockSettings } from './lock-settings.ts'
import { setQueueTeams } from './set-queue-teams.ts'

/** The job that brings a queue's tickets into its lifecycle; tickets do it. */
export const CHANGE_LIFECYCLE = 'tickets.change_lifecycle'

/** Changes a queue, takes it out of use or brings it back. Nothing is written or announced where nothing differs. */
export async function updateQueue(
  tx: Tx,
  actor: Announcement['actor'],
  what: {
    queue_id: string
    changes: Static<typeof QueuePatch>
    if_match: readonly string[] | undefined
    hasMailbox: IsInUse
  },
): Promise<QueueRow> {
  const { archived, assignment } = what.changes
  const settings = archived === true || assignment?.fallback ? await lockSettings(tx) : undefined
  if (what.changes.lifecycle_id !== undefined) await useLifecycle(tx, what.changes.lifecycle_id, '/lifecycle_id')
  const row = await lockQueue(tx, what)
  const policy = await checkedPolicy(tx, row, assignment)
  const next = { ...row, ...columnsAfter(tx, row, what.changes), ...policy, updated_at: tx.now, version: row.version + 1 }
  if (next.archived_at !== null && settings?.default_queue_id === row.id) throw DefaultQueue()

  if (archived === true && row.archived_at === null && (await what.hasMailbox(tx.db, row.id))) throw QueueHasMailbox()

  const teams = (await teamsOf(tx.db, [row.id])).get(row.id) ?? []
  const team_ids = what.changes.team_ids ? await setQueueTeams(tx, { queue_id: row.id, team_ids: what.changes.team_ids }) : teams
  const changed = changedKeys(toQueue(row, teams), toQueue(next, team_ids))
  if (changed.length === 0) return row
  await write(tx, next)
  if (changed.includes('lifecycle_id'))
    await startJob(tx, actor, { kind: CHANGE_LIFECYCLE, params: { queue_id: next.id, lifecycle_id: next.lifecycle_id } })

  if (row.archived_at === null && next.archived_at !== null) announce(tx, queueArchived, { actor, row: next, data: { changed } })
  else
    announce(tx, queueUpdated, {
      actor,
      row: next,
      data: { changed, public: toBool(next.public), team_ids, ...policyFacts(next, changed) },
      ...(changed.includes('assignment') ? { previous: policyFacts(row, changed) } : {}),
    })
  return next
}

function policyFacts({ assignment_mode: mode, assignment_order: order }: QueueRow, changed: readonly string[]) {
  return changed.includes('assignment') ? { assignment: { mode, order } } : {}
}

function columnsAfter(tx: Tx, row: QueueRow, changes: Static<typeof QueuePatch>): Partial<QueueRow> {
  const { key = row.key, name = row.name, external_id = row.external_id, archived, metadata } = changes
  return {
    key,
    name,
    lifecycle_id: changes.lifecycle_id ?? row.lifecycle_id,
    unverified_mail: changes.unverified_mail ?? row.unverified_mail,
    external_id,
    public: changes.public === undefined ? row.public : fromBool(changes.public),
    metadata: metadata === undefined ? row.metadata : mergeMetadata(row.metadata, metadata),
    archived_at: archivedAt(row, { archived, now: tx.now }),
  }
}

async function write(tx: Tx, { id, created_at: _, ...columns }: QueueRow): Promise<void> {
  try {
    await tx.db.updateTable('queues').set(columns).where('id', '=', id).execute()
  } catch (error) {
    if (!isDuplicate(error)) throw error
    throw (await isKeyTaken(tx.db, { id, key: columns.key })) ? queueKeyTaken() : externalIdTaken()
  }
}

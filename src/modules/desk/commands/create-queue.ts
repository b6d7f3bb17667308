import type { Static } from 'typebox'
import { fromBool, toJson } from '../../../platform/codecs.ts'
import { insertIfAbsent } from '../../../platform/database/dialect.ts'
import type { Announcement } from '../../../platform/events.ts'
import { newId } from '../../../platform/ids.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce, externalIdTaken } from '../../directory/index.ts'
import { useLifecycle } from '../../workflow/index.ts'
import { defaultPolicy } from '../assignment.ts'
import { queueCreated } from '../events.ts'
import { queueKeyTaken } from '../problems.ts'
import { isKeyTaken } from '../queries/queues.ts'
import { getSettings } from '../queries/settings.ts'
import type { NewQueue } from '../schema.ts'
import type { QueueRow } from '../tables.ts'
import { checkedPolicy } from './check-policy.ts'
import { lockSettings } from './lock-settings.ts'
import { setQueueTeams } from './set-queue-teams.ts'

/** Makes a queue. Without teams it is open to all agents; requesters see it only when it is public. */
export async function createQueue(tx: Tx, actor: Announcement['actor'], queue: Static<typeof NewQueue>): Promise<QueueRow> {
  if (queue.assignment?.fallback) await lockSettings(tx)
  const lifecycle_id = queue.lifecycle_id ?? (await getSettings(tx.db)).default_lifecycle_id
  await useLifecycle(tx, lifecycle_id, '/lifecycle_id')
  const row: QueueRow = {
    id: newId('que'),
    key: queue.key,
    name: queue.name,
    public: fromBool(queue.public ?? false),
    lifecycle_id,
    ...defaultPolicy,
    unverified_mail: queue.unverified_mail ?? 'new_ticket',
    external_id: queue.external_id ?? null,
    metadata: toJson(queue.metadata ?? {}),
    archived_at: null,
    created_at: tx.now,
    updated_at: tx.now,
    version: 1,
  }
  Object.assign(row, await checkedPolicy(tx, row, queue.assignment))
  if (!(await insertIfAbsent(tx.db, 'queues', row))) throw (await isKeyTaken(tx.db, row)) ? queueKeyTaken() : externalIdTaken()
  const team_ids = await setQueueTeams(tx, { queue_id: row.id, team_ids: queue.team_ids ?? [] })
  announce(tx, queueCreated, { actor, row, data: { public: queue.public ?? false, team_ids } })
  return row
}

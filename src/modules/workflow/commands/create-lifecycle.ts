import type { Static } from 'typebox'
import { toJson } from '../../../platform/codecs.ts'
import { insertRow } from '../../../platform/database/prepared.ts'
import type { Announcement } from '../../../platform/events.ts'
import { newId } from '../../../platform/ids.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce } from '../../directory/index.ts'
import { lifecycleCreated } from '../events.ts'
import { forgetLifecycles } from '../queries.ts'
import type { NewLifecycle } from '../schema.ts'
import type { LifecycleRow } from '../tables.ts'
import { requireSound, stepsOf } from './require-sound.ts'

/** Makes a lifecycle that can be given to queues. */
export async function createLifecycle(
  tx: Tx,
  actor: Announcement['actor'],
  { name, statuses, transitions, mappings = [] }: Static<typeof NewLifecycle>,
): Promise<LifecycleRow> {
  const definition = { statuses, transitions: stepsOf(transitions), mappings, retired: [] }
  await requireSound(tx, definition, { given: mappings })
  const row: LifecycleRow = {
    id: newId('lif'),
    name,
    definition: toJson(definition),
    used_at: null,
    archived_at: null,
    created_at: tx.now,
    updated_at: tx.now,
    version: 1,
  }
  await insertRow(tx.db, 'lifecycles', row)
  announce(tx, lifecycleCreated, { actor, row, data: {} })
  tx.afterCommit(() => forgetLifecycles(tx.db))
  return row
}

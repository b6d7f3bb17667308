import { insertRow } from '../../../platform/database/prepared.ts'
import type { Announcement } from '../../../platform/events.ts'
import { newId } from '../../../platform/ids.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce, teamCreated } from '../events.ts'
import type { TeamRow } from '../tables.ts'

/** Makes a team without members. */
export async function createTeam(tx: Tx, actor: Announcement['actor'], { name }: { name: string }): Promise<TeamRow> {
  const row: TeamRow = { id: newId('team'), name, created_at: tx.now, updated_at: tx.now, version: 1 }
  await insertRow(tx.db, 'teams', row)
  announce(tx, teamCreated, { actor, row, data: {} })
  return row
}

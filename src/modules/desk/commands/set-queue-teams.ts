import { insertRows } from '../../../platform/database/prepared.ts'
import { invalidField } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { missingTeams } from '../../directory/index.ts'

/** Gives a queue these teams and no others; answers them in the order of their ids. Refuses a team that is not there. */
export async function setQueueTeams(
  tx: Tx,
  { queue_id, team_ids }: { queue_id: string; team_ids: readonly string[] },
): Promise<string[]> {
  const [missing] = await missingTeams(tx, team_ids)
  if (missing !== undefined) throw invalidField(`/team_ids/${team_ids.indexOf(missing)}`, 'not_found', 'There is no such team.')
  const sorted = [...new Set(team_ids)].sort()
  await tx.db.deleteFrom('queue_teams').where('queue_id', '=', queue_id).execute()
  await insertRows(
    tx.db,
    'queue_teams',
    sorted.map((team_id) => ({ queue_id, team_id })),
  )
  return sorted
}

import type { Announcement } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce, teamDeleted } from '../events.ts'
import type { IsInUse } from '../in-use.ts'
import { TeamInUse } from '../problems.ts'
import { lockTeam } from './lock-team.ts'

/** Takes a team away, unless a queue has it: a queue that lost its last team would be open to every agent. */
export async function deleteTeam(
  tx: Tx,
  actor: Announcement['actor'],
  what: {
    team_id: string
    if_match: readonly string[] | undefined
    isInUse: IsInUse
  },
): Promise<void> {
  const row = await lockTeam(tx, what)
  if (await what.isInUse(tx.db, row.id)) throw TeamInUse()
  await tx.db.deleteFrom('team_members').where('team_id', '=', row.id).execute()
  await tx.db.deleteFrom('teams').where('id', '=', row.id).execute()
  announce(tx, teamDeleted, { actor, row: { id: row.id, version: row.version + 1 }, data: {} })
}

import type { Announcement } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce, teamUpdated } from '../events.ts'
import type { TeamRow } from '../tables.ts'
import { lockTeam, stampTeam } from './lock-team.ts'

/** Gives a team another name. */
export async function updateTeam(
  tx: Tx,
  actor: Announcement['actor'],
  { team_id, changes, if_match }: { team_id: string; changes: { name?: string }; if_match: readonly string[] | undefined },
): Promise<TeamRow> {
  const row = await lockTeam(tx, { team_id, if_match })
  if (changes.name === undefined || changes.name === row.name) return row
  const next = await stampTeam(tx, row, changes)
  announce(tx, teamUpdated, { actor, row: next, data: { changed: ['name'] } })
  return next
}

import type { Announcement } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce, teamMemberRemoved } from '../events.ts'
import { lockTeam, stampTeam } from './lock-team.ts'

export interface Membership {
  team_id: string
  user_id: string
  if_match: readonly string[] | undefined
}

/** Takes somebody out of a team; who is not in it stays out. */
export async function removeTeamMember(tx: Tx, actor: Announcement['actor'], what: Membership): Promise<void> {
  const team = await lockTeam(tx, what)
  const { numDeletedRows } = await tx.db
    .deleteFrom('team_members')
    .where('team_id', '=', team.id)
    .where('user_id', '=', what.user_id)
    .executeTakeFirst()
  if (numDeletedRows === 0n) return
  announce(tx, teamMemberRemoved, { actor, row: await stampTeam(tx, team), data: { user_id: what.user_id } })
}

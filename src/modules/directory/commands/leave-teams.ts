import type { Announcement } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { removeTeamMember } from './remove-team-member.ts'

/** Takes a person out of all his teams. */
export async function leaveTeams(tx: Tx, actor: Announcement['actor'], user_id: string): Promise<void> {
  const memberships = tx.db.selectFrom('team_members').select('team_id').where('user_id', '=', user_id)
  for (const { team_id } of await memberships.orderBy('team_id').execute())
    await removeTeamMember(tx, actor, { team_id, user_id, if_match: undefined })
}

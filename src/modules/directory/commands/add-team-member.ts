import { forUpdate, insertIfAbsent } from '../../../platform/database/dialect.ts'
import type { Announcement } from '../../../platform/events.ts'
import { NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce, teamMemberAdded } from '../events.ts'
import { NotAnAgent } from '../problems.ts'
import { lockTeam, stampTeam } from './lock-team.ts'
import type { Membership } from './remove-team-member.ts'

/** Puts an agent into a team; who is in it stays in. */
export async function addTeamMember(tx: Tx, actor: Announcement['actor'], what: Membership): Promise<void> {
  // First the user, then the team, as where an agent becomes a requester: two at once must not wait for each other.
  const user = tx.db.selectFrom('users').select(['id', 'role']).where('id', '=', what.user_id)
  const member = await forUpdate(tx.db, user).executeTakeFirst()
  const team = await lockTeam(tx, what)
  if (!member) throw NotFound()
  if (member.role === 'requester') throw NotAnAgent()
  const membership = { team_id: team.id, user_id: member.id, created_at: tx.now }
  if (!(await insertIfAbsent(tx.db, 'team_members', membership))) return
  announce(tx, teamMemberAdded, { actor, row: await stampTeam(tx, team), data: { user_id: member.id } })
}

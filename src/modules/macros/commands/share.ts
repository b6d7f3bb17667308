import type { Actor } from '../../../platform/actor.ts'
import { Forbidden, invalidField } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { missingTeams } from '../../directory/index.ts'
import { canDecideForAll } from '../policy.ts'
import type { MacroRow } from '../tables.ts'

type Sharing = Pick<MacroRow, 'visibility' | 'team_id'>

/** Who sees it after a change: without a word about `visibility`, a team means that it is shared with that team. */
export function sharingAfter(before: Sharing, changes: { visibility?: Sharing['visibility']; team_id?: string | null }): Sharing {
  const team_id = changes.team_id === undefined ? before.team_id : changes.team_id
  const visibility = changes.visibility ?? (changes.team_id === undefined ? before.visibility : team_id ? 'team' : 'private')
  if (visibility === 'team' && team_id === null) throw invalidField('/team_id', 'required', 'Say with which team it is shared.')
  if (visibility !== 'team' && changes.team_id)
    throw invalidField('/team_id', 'not_allowed', 'Only what is shared with one team has a team: make its visibility `team`.')
  return { visibility, team_id: visibility === 'team' ? team_id : null }
}

/**
 * Makes sure that an actor may share it so, as it was not before: with a team, which stays until the transaction ends, if he is in
 * it or an admin; with the whole staff as an admin.
 */
export async function requireMayShare(
  tx: Tx,
  actor: Actor,
  { before, after }: { before: Sharing; after: Sharing },
): Promise<void> {
  if (after.visibility === 'shared' && before.visibility !== 'shared' && !canDecideForAll(actor))
    throw Forbidden({ detail: 'Only an admin shares with the whole staff.' })
  if (after.team_id === null || after.team_id === before.team_id) return
  const [missing] = await missingTeams(tx, [after.team_id])
  const team = { team_id: after.team_id, user_id: actor.id }
  if (missing === undefined && (actor.role === 'admin' || (await isMember(tx, team)))) return
  throw invalidField('/team_id', 'not_found', 'There is no such team, or you are not in it.')
}

async function isMember(tx: Tx, { team_id, user_id }: { team_id: string; user_id: string }): Promise<boolean> {
  const row = tx.db.selectFrom('team_members').select('user_id').where('team_id', '=', team_id).where('user_id', '=', user_id)
  return (await row.executeTakeFirst()) !== undefined
}

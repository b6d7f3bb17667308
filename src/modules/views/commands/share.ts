import type { Actor } from '../../../platform/actor.ts'
import { invalidField } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { missingTeams } from '../../directory/index.ts'
import type { ViewRow } from '../tables.ts'

type Sharing = Pick<ViewRow, 'visibility' | 'team_id'>

/** Who sees a view after a change: without a word about `visibility`, a team means that it is shared. */
export function sharingAfter(before: Sharing, changes: { visibility?: Sharing['visibility']; team_id?: string | null }): Sharing {
  const team_id = changes.team_id === undefined ? before.team_id : changes.team_id
  const visibility = changes.visibility ?? (changes.team_id === undefined ? before.visibility : team_id ? 'team' : 'private')
  if (visibility === 'team' && team_id === null)
    throw invalidField('/team_id', 'required', 'Say with which team the view is shared.')
  if (visibility === 'private' && changes.team_id)
    throw invalidField('/team_id', 'not_allowed', 'A private view has no team: make its visibility `team`.')
  return { visibility, team_id: visibility === 'team' ? team_id : null }
}

/** Makes sure that an actor may share with a team, which stays until the transaction ends: he is in it, or is an admin. */
export async function requireTeam(tx: Tx, actor: Actor, team_id: string): Promise<void> {
  const [missing] = await missingTeams(tx, [team_id])
  if (missing === undefined && (actor.role === 'admin' || (await isMember(tx, { team_id, user_id: actor.id })))) return
  throw invalidField('/team_id', 'not_found', 'There is no such team, or you are not in it.')
}

async function isMember(tx: Tx, { team_id, user_id }: { team_id: string; user_id: string }): Promise<boolean> {
  const row = tx.db.selectFrom('team_members').select('user_id').where('team_id', '=', team_id).where('user_id', '=', user_id)
  return (await row.executeTakeFirst()) !== undefined
}

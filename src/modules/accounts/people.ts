import type { Actor } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { agentQueueIds } from '../desk/index.ts'
import { findUser } from '../directory/index.ts'

/**
 * Somebody as an actor, with the rights that he has at this moment, for what came in his name by another way than a credential. That it
 * is he who acts, its caller has made sure. Null for who may do nothing any more, and for nobody.
 */
export async function personAsOfNow(db: Reader, user_id: string): Promise<Actor | null> {
  const user = await findUser(db, user_id)
  if (user?.active !== 1) return null
  return {
    type: 'user',
    id: user.id,
    role: user.role,
    name: user.name,
    scopes: null,
    session_id: null,
    managed_organization_id: user.organization_role === 'manager' ? user.organization_id : null,
    organization_id: user.organization_id,
    queue_ids: user.role === 'requester' ? [] : await agentQueueIds(db, user.id),
  }
}

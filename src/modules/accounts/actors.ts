import type { Actor } from '../../platform/actor.ts'
import { fromJson } from '../../platform/codecs.ts'
import type { Ground } from '../../platform/module.ts'
import { agentQueueIds } from '../desk/index.ts'
import { type AccessTokens, invalidToken } from './access-tokens.ts'
import { hashApiSecret, isApiSecret } from './api-key.ts'
import { touchApiKey } from './commands/touch-api-key.ts'
import { LruMap } from './lru.ts'
import { findApiKeyByHash, findPersonOfSession } from './queries.ts'

// A right that was taken away on another node ends here no later than this.
const KEPT_MS = 500
const ACTORS_KEPT = 10_000
const TOUCH_EVERY_MS = 60_000

/** Who is behind a credential. */
export interface Actors {
  /** The actor as of at most half a second ago; throws 401. Those who ask at the same moment share one look. */
  authenticate(bearer: string): Promise<Actor>
  /** Makes this process notice at once that rights have changed: of one session, or of anybody. */
  forget(session_id?: string): void
}

export type Forget = Actors['forget']

export function createActors({ ground, tokens }: { ground: Ground; tokens: AccessTokens }): Actors {
  const { clock, log, transact } = ground
  const db = ground.database.reader
  const looks = new LruMap<{ at: number; look: Promise<Actor | null> }>(ACTORS_KEPT)

  /** Keeps the look itself, not its outcome: one that began before a change is forgotten with it. */
  const lookUp = async (key: string, look: () => Promise<Actor | null>): Promise<Actor> => {
    let kept = looks.get(key)
    const now = clock.now()
    if (!kept || now - kept.at >= KEPT_MS) {
      kept = { at: now, look: look() }
      looks.set(key, kept)
      kept.look.catch(() => looks.delete(key))
    }
    const actor = await kept.look
    if (!actor) throw invalidToken()
    return actor
  }

  return {
    async authenticate(bearer) {
      if (isApiSecret(bearer)) {
        const hash = hashApiSecret(bearer)
        return lookUp(hash, () => findKey(hash))
      }
      const { session_id } = await tokens.verify(bearer)
      return lookUp(session_id, () => findPerson(session_id))
    },
    forget: (session_id) => (session_id === undefined ? looks.clear() : looks.delete(session_id)),
  }

  async function findPerson(session_id: string): Promise<Actor | null> {
    const row = await findPersonOfSession(db, session_id)
    if (!row || row.active === 0 || row.ended_at !== null || row.expires_at <= clock.now()) return null
    return {
      type: 'user',
      id: row.id,
      role: row.role,
      name: row.name,
      scopes: null,
      session_id,
      managed_organization_id: row.organization_role === 'manager' ? row.organization_id : null,
      organization_id: row.organization_id,
      queue_ids: row.role === 'requester' ? [] : await agentQueueIds(db, row.id),
    }
  }

  async function findKey(hash: string): Promise<Actor | null> {
    const row = await findApiKeyByHash(db, hash)
    const now = clock.now()
    if (!row || row.revoked_at !== null || (row.expires_at !== null && row.expires_at <= now)) return null
    if (row.last_used_at === null || now - row.last_used_at >= TOUCH_EVERY_MS)
      // Nobody waits for it, and a time that is not kept harms nobody.
      transact((tx) => touchApiKey(tx, row.id)).catch((err) => log.debug({ err }, 'the last use of an API key was not kept'))
    return {
      type: 'api_key',
      id: row.id,
      role: row.role,
      name: row.name,
      scopes: fromJson(row.scopes),
      session_id: null,
      managed_organization_id: null,
      organization_id: null,
      // In no team, so these are the queues without teams.
      queue_ids: await agentQueueIds(db, row.id),
    }
  }
}

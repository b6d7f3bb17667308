import type { Actor } from '../../platform/actor.ts'
import { fromJson } from '../../platform/codecs.ts'
import type { Ground } from '../../platform/module.ts'
import { agentQueueIds, queueIdsOfAgents } from '../desk/index.ts'
import { type AccessTokens, invalidToken } from './access-tokens.ts'
import { hashApiSecret, isApiSecret } from './api-key.ts'
import { spendRealtimeToken } from './commands/spend-realtime-token.ts'
import { touchApiKey } from './commands/touch-api-key.ts'
import { LruMap } from './lru.ts'
import {
  type ApiKeyOutline,
  findApiKeyByHash,
  findApiKeyOutline,
  findPersonOfSession,
  findRealtimeToken,
  listApiKeyOutlines,
  listPeopleOfSessions,
  type PersonOfSession,
} from './queries.ts'
import { hashRealtimeToken, isRealtimeToken } from './realtime-token.ts'

// A right that was taken away on another node ends here no later than this.
const KEPT_MS = 500
const ACTORS_KEPT = 10_000
const TOUCH_EVERY_MS = 60_000
// How many are asked for in one query.
const AT_ONCE = 500

/** Who is behind a credential. */
interface Actors {
  /** The actor as of at most half a second ago; throws 401. Those who ask at the same moment share one look. */
  authenticate(bearer: string): Promise<Actor>
  /** Who asked for this token, which opens nothing from here on; throws 401 where it is spent or expired, or what it was made with has ended. */
  spend(token: string): Promise<Actor>
  /**
   * These actors as of now, in the same order, and null for each whose session or key may not any more: as `authenticate` would
   * answer, in a few queries however many they are.
   */
  lookAgain(actors: readonly Actor[]): Promise<(Actor | null)[]>
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
    if (!kept || Math.abs(now - kept.at) >= KEPT_MS) {
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
    async spend(token) {
      const id = hashRealtimeToken(token)
      const row = isRealtimeToken(token) ? await findRealtimeToken(db, id) : undefined
      if (!row || !(await transact((tx) => spendRealtimeToken(tx, id)))) throw invalidToken()
      const { session_id, principal_id } = row
      if (session_id !== null) return lookUp(session_id, () => findPerson(session_id))
      return lookUp(principal_id, async () => keyAsOfNow(await findApiKeyOutline(db, principal_id)))
    },
    async lookAgain(actors) {
      const found: (Actor | null)[] = []
      for (let at = 0; at < actors.length; at += AT_ONCE) found.push(...(await lookAgainAt(actors.slice(at, at + AT_ONCE))))
      return found
    },
    forget: (session_id) => (session_id === undefined ? looks.clear() : looks.delete(session_id)),
  }

  async function findPerson(session_id: string): Promise<Actor | null> {
    const row = await findPersonOfSession(db, session_id)
    if (!row || !mayStill(row)) return null
    return toPerson(row, row.role === 'requester' ? [] : await agentQueueIds(db, row.id))
  }

  function mayStill(row: PersonOfSession): boolean {
    return row.active === 1 && row.ended_at === null && row.expires_at > clock.now()
  }

  async function findKey(hash: string): Promise<Actor | null> {
    const row = await findApiKeyByHash(db, hash)
    const actor = await keyAsOfNow(row)
    if (row && actor && (row.last_used_at === null || clock.now() - row.last_used_at >= TOUCH_EVERY_MS))
      // Nobody waits for it, and a time that is not kept harms nobody.
      transact((tx) => touchApiKey(tx, row.id)).catch((err) => log.debug({ err }, 'the last use of an API key was not kept'))
    return actor
  }

  async function keyAsOfNow(row: ApiKeyOutline | undefined): Promise<Actor | null> {
    // In no team, so these are the queues without teams.
    return row && isUsable(row) ? toKey(row, await agentQueueIds(db, row.id)) : null
  }

  function isUsable(row: ApiKeyOutline): boolean {
    return row.revoked_at === null && (row.expires_at === null || row.expires_at > clock.now())
  }

  async function lookAgainAt(actors: readonly Actor[]): Promise<(Actor | null)[]> {
    const sessions = actors.flatMap(({ session_id }) => (session_id === null ? [] : [session_id]))
    const keys = actors.flatMap(({ type, id }) => (type === 'api_key' ? [id] : []))
    const people = new Map((await listPeopleOfSessions(db, sessions)).map((row) => [row.session_id, row]))
    const outlines = new Map((await listApiKeyOutlines(db, keys)).map((row) => [row.id, row]))
    const agents = [...people.values()].flatMap(({ id, role }) => (role === 'requester' ? [] : [id]))
    const queues = await queueIdsOfAgents(db, [...new Set(agents)])
    return actors.map((actor) => {
      if (actor.type === 'system') return actor
      if (actor.type === 'api_key') {
        const row = outlines.get(actor.id)
        return row && isUsable(row) ? toKey(row, queues.open) : null
      }
      const row = actor.session_id === null ? undefined : people.get(actor.session_id)
      if (!row || !mayStill(row)) return null
      return toPerson(row, row.role === 'requester' ? [] : (queues.of.get(row.id) ?? queues.open))
    })
  }
}

function toPerson(row: PersonOfSession, queue_ids: readonly string[]): Actor {
  return {
    type: 'user',
    id: row.id,
    role: row.role,
    name: row.name,
    scopes: null,
    session_id: row.session_id,
    managed_organization_id: row.organization_role === 'manager' ? row.organization_id : null,
    organization_id: row.organization_id,
    queue_ids,
  }
}

function toKey(row: ApiKeyOutline, queue_ids: readonly string[]): Actor {
  return {
    type: 'api_key',
    id: row.id,
    role: row.role,
    name: row.name,
    scopes: fromJson(row.scopes),
    session_id: null,
    managed_organization_id: null,
    organization_id: null,
    queue_ids,
  }
}

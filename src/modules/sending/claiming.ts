import type { Database } from '../../platform/database/database.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { newId } from '../../platform/ids.ts'
import type { Lanes } from './lanes.ts'
import type { OutboundMailRow } from './tables.ts'

/** What may be claimed once it is due; a `sending` one whose lease ran out is due again. */
const OPEN = ['queued', 'deferred', 'sending'] as const
const ROUNDS = 4
const LOOKED_AT = 100

export const LEASE_MS = 60_000

type Candidate = Pick<OutboundMailRow, 'id' | 'to_domain' | 'due_at'>

/** Takes mails that are due, and for whose domain there is room, by a conditional update: two nodes never hold the same one. */
export async function claimMails(
  database: Database,
  { now, limit, lanes }: { now: number; limit: number; lanes: Lanes },
): Promise<OutboundMailRow[]> {
  const candidates = await findDue(database.reader, { now, limit, lanes })
  if (candidates.length === 0) return []
  const lease_token = newId('lea')
  return database.write(async (db) => {
    await db
      .updateTable('outbound_mails')
      .set((eb) => ({
        state: 'sending' as const,
        lease_token,
        due_at: now + LEASE_MS,
        attempts: eb('attempts', '+', 1),
        updated_at: now,
        version: eb('version', '+', 1),
      }))
      .where('id', 'in', candidates)
      .where('state', 'in', OPEN)
      .where('due_at', '<=', now)
      .execute()
    return db.selectFrom('outbound_mails').selectAll().where('lease_token', '=', lease_token).orderBy('id').execute()
  })
}

/** The ids of those that waited longest, no more for any domain than it has room for. */
async function findDue(db: Reader, { now, limit, lanes }: { now: number; limit: number; lanes: Lanes }): Promise<string[]> {
  const chosen = new Set<string>()
  const taken = new Map<string, number>()
  const full = new Set(lanes.full())
  for (let round = 0; round < ROUNDS && chosen.size < limit; round++) {
    const pages = await Promise.all(OPEN.map((state) => dueIn(db, { state, now, without: [...full] })))
    const sorted = pages.flat().sort((a, b) => a.due_at - b.due_at || (a.id < b.id ? -1 : 1))
    for (const { id, to_domain } of sorted) {
      const count = taken.get(to_domain) ?? 0
      if (chosen.size === limit || chosen.has(id)) continue
      if (count >= lanes.room(to_domain)) {
        full.add(to_domain)
        continue
      }
      chosen.add(id)
      taken.set(to_domain, count + 1)
    }
    if (pages.every((page) => page.length < LOOKED_AT)) break
  }
  return [...chosen]
}

function dueIn(
  db: Reader,
  { state, now, without }: { state: OutboundMailRow['state']; now: number; without: readonly string[] },
): Promise<Candidate[]> {
  return db
    .selectFrom('outbound_mails')
    .select(['id', 'to_domain', 'due_at'])
    .where('state', '=', state)
    .where('due_at', '<=', now)
    .$if(without.length > 0, (query) => query.where('to_domain', 'not in', without))
    .orderBy('due_at')
    .orderBy('id')
    .limit(LOOKED_AT)
    .execute()
}

/** Holds mails that take long until a later time, as far as they are still held. */
export async function renewLeases(database: Database, mails: readonly OutboundMailRow[], until: number): Promise<void> {
  const ids = mails.map(({ id }) => id)
  const tokens = [...new Set(mails.flatMap(({ lease_token }) => (lease_token === null ? [] : [lease_token])))]
  if (ids.length === 0 || tokens.length === 0) return
  await database.write((db) =>
    db
      .updateTable('outbound_mails')
      .set({ due_at: until })
      .where('id', 'in', ids)
      .where('lease_token', 'in', tokens)
      .where('state', '=', 'sending')
      .execute(),
  )
}

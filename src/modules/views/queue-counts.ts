import { type RawBuilder, sql } from 'kysely'
import type { Actor } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import type { QueueRow } from '../desk/index.ts'
import type { QueueCounts } from './schema.ts'

/** One number of one queue. */
interface Counted {
  name: 'new' | 'open' | 'unassigned' | 'mine' | 'pending_overdue'
  queue_id: string
  total: number
}

/**
 * The numbers of each queue in which an actor works, of one out of use while it has any; admins get all. Two statements, whatever the number of queues: the
 * second has a part for each number, and each part is read from one index without a look at any ticket's row.
 */
export async function countQueues(db: Reader, actor: Actor, now: number): Promise<QueueCounts[]> {
  const queues = await workedIn(db, actor)
  if (queues.length === 0) return []
  const queue_ids = queues.map(({ id }) => id)
  const counts = new Map(queue_ids.map((queue_id) => [queue_id, noTickets(queue_id)]))
  for (const { name, queue_id, total } of await readCounts(db, { actor, queue_ids, now })) {
    const queue = counts.get(queue_id)
    if (queue) queue[name] += Number(total)
  }
  // What is left in a queue that was archived can still be claimed, and must not be forgotten.
  return queues.flatMap(({ id, archived_at }) => {
    const found = counts.get(id)
    return found && (archived_at === null || hasTickets(found)) ? [found] : []
  })
}

function hasTickets({ new: fresh, open, unassigned, mine, pending_overdue }: QueueCounts): boolean {
  return fresh + open + unassigned + mine + pending_overdue > 0
}

async function workedIn(db: Reader, actor: Actor): Promise<Pick<QueueRow, 'id' | 'archived_at'>[]> {
  if (actor.role !== 'admin' && actor.queue_ids.length === 0) return []
  return db
    .selectFrom('queues')
    .select(['id', 'archived_at'])
    .$if(actor.role !== 'admin', (query) => query.where('id', 'in', actor.queue_ids))
    .orderBy('created_at')
    .orderBy('id')
    .execute()
}

function noTickets(queue_id: string): QueueCounts {
  return { queue_id, object: 'queue_counts', new: 0, open: 0, unassigned: 0, mine: 0, pending_overdue: 0 }
}

async function readCounts(
  db: Reader,
  { actor, queue_ids, now }: { actor: Actor; queue_ids: readonly string[]; now: number },
): Promise<Counted[]> {
  const queues = sql.join([...queue_ids])
  const part = (name: RawBuilder<unknown>, where: RawBuilder<boolean>) => sql`select ${name} as name, queue_id, count(*) as total
    from tickets where ${where} and queue_id in (${queues}) group by 1, queue_id`
  // A deleted ticket waits for nobody.
  const parts = [
    part(sql`status_category`, sql<boolean>`status_category in ('new', 'open') and deleted_at is null`),
    part(sql.raw("'unassigned'"), sql<boolean>`waiting_rank is not null`),
    part(
      sql.raw("'mine'"),
      sql<boolean>`assignee_id = ${actor.id} and status_category in ('new', 'open') and deleted_at is null`,
    ),
    part(
      sql.raw("'pending_overdue'"),
      sql<boolean>`status_category in ('pending', 'on_hold') and pending_until < ${now} and deleted_at is null`,
    ),
  ]
  return (await sql<Counted>`${sql.join(parts, sql` union all `)}`.execute(db)).rows
}

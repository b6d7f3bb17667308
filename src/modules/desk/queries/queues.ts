import { sql } from 'kysely'
import type { Static } from 'typebox'
import { type Actor, isStaff } from '../../../platform/actor.ts'
import { fromBool, fromJson, toBool, toTime, toTimeOrNull } from '../../../platform/codecs.ts'
import { forShare } from '../../../platform/database/dialect.ts'
import { prepare } from '../../../platform/database/prepared.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import { NotFound } from '../../../platform/problems.ts'
import { toPolicy } from '../assignment.ts'
import type { Queue, QueueQuery } from '../schema.ts'
import type { QueueRow } from '../tables.ts'
import { getSettings } from './settings.ts'

const queueById = prepare((db, { id }: { id: string }, shape) => {
  const query = db.selectFrom('queues').selectAll().where('id', '=', id)
  return shape === '' ? query : forShare(db, query)
})

/** A queue. With `for share` it stays as it is until the transaction ends, so that a new row may name it. */
export async function findQueue(db: Reader, id: string, lock?: 'for share'): Promise<QueueRow | undefined> {
  return (await queueById(db, { id }, lock))[0]
}

/** The queue, or 404. */
export async function getQueue(db: Reader, id: string): Promise<QueueRow> {
  const row = await findQueue(db, id)
  if (!row) throw NotFound()
  return row
}

const queuesOfAgent = prepare((db, { user_id }: { user_id: string }) =>
  db
    .selectFrom('queues')
    .select('id')
    .where(sql<boolean>`(not exists (select 1 from queue_teams where queue_id = queues.id) or exists (
      select 1 from queue_teams inner join team_members on team_members.team_id = queue_teams.team_id
      where queue_teams.queue_id = queues.id and team_members.user_id = ${user_id}))`)
    .orderBy('id'),
)

/** The queues that an agent works in, archived ones too: those of his teams, and those without teams. */
export async function agentQueueIds(db: Reader, user_id: string): Promise<string[]> {
  return (await queuesOfAgent(db, { user_id })).map(({ id }) => id)
}

/**
 * The queues that each of these agents works in, in the order of their ids, as `agentQueueIds` has it for one: those without
 * teams are `open`, to everybody. At most 500 agents at a time.
 */
export async function queueIdsOfAgents(
  db: Reader,
  user_ids: readonly string[],
): Promise<{ open: string[]; of: ReadonlyMap<string, string[]> }> {
  const open = await db
    .selectFrom('queues')
    .select('id')
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('queue_teams').select('queue_id').whereRef('queue_id', '=', 'queues.id'))),
    )
    .execute()
  const ids = open.map(({ id }) => id)
  const members =
    user_ids.length === 0
      ? []
      : await db
          .selectFrom('team_members')
          .innerJoin('queue_teams', 'queue_teams.team_id', 'team_members.team_id')
          .select(['team_members.user_id', 'queue_teams.queue_id'])
          .distinct()
          .where('team_members.user_id', 'in', user_ids)
          .execute()
  const byAgent = Map.groupBy(members, ({ user_id }) => user_id)
  const of = new Map(
    [...byAgent].map(([id, rows]) => [id, [...new Set([...ids, ...rows.map(({ queue_id }) => queue_id)])].sort()]),
  )
  return { open: ids.sort(), of }
}

/** Those of these agents who work in a queue: those of its teams, or all when it has none. */
export async function agentsInQueue(db: Reader, queue_id: string, user_ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (user_ids.length === 0) return new Set()
  const teams = db.selectFrom('queue_teams').select('team_id').where('queue_id', '=', queue_id)
  if (!(await teams.limit(1).executeTakeFirst())) return new Set(user_ids)
  const members = db.selectFrom('team_members').select('user_id').where('team_id', 'in', teams).where('user_id', 'in', user_ids)
  return new Set((await members.execute()).map(({ user_id }) => user_id))
}

/** Whether another queue sends here what nobody can be given. */
export async function isFallback(db: Reader, queue_id: string): Promise<boolean> {
  const first = db.selectFrom('queues').select('id').where('fallback_queue_id', '=', queue_id).limit(1)
  return (await first.executeTakeFirst()) !== undefined
}

/** The queues that give their tickets to agents by themselves, in the order of their ids. */
export function pushingQueues(db: Reader) {
  return db.selectFrom('queues').selectAll().where('assignment_mode', 'in', ['round_robin', 'load_balanced']).orderBy('id')
}

/** Whether another queue has this key. */
export async function isKeyTaken(db: Reader, { id, key }: { id: string; key: string }): Promise<boolean> {
  const holder = db.selectFrom('queues').select('id').where('key', '=', key).where('id', '!=', id)
  return (await holder.executeTakeFirst()) !== undefined
}

/** Whether a queue has this team. */
export async function isTeamInUse(db: Reader, team_id: string): Promise<boolean> {
  const first = db.selectFrom('queue_teams').select('queue_id').where('team_id', '=', team_id).limit(1)
  return (await first.executeTakeFirst()) !== undefined
}

/** Whether a queue has this lifecycle, or new ones get it. */
export async function isLifecycleInUse(db: Reader, lifecycle_id: string): Promise<boolean> {
  const queue = await db.selectFrom('queues').select('id').where('lifecycle_id', '=', lifecycle_id).limit(1).executeTakeFirst()
  return queue !== undefined || (await getSettings(db)).default_lifecycle_id === lifecycle_id
}

/** The queues that an actor may know of: staff all of them, a requester the public ones in use. */
export function visibleQueues(db: Reader, actor: Actor) {
  const rows = db.selectFrom('queues').selectAll()
  return isStaff(actor) ? rows : rows.where('public', '=', 1).where('archived_at', 'is', null)
}

/** The queue, or 404 where there is none or the actor may not know of it. */
export async function getVisibleQueue(db: Reader, actor: Actor, id: string): Promise<QueueRow> {
  const row = await visibleQueues(db, actor).where('id', '=', id).executeTakeFirst()
  if (!row) throw NotFound()
  return row
}

/** The queues of an actor that the filters of a list let through. */
export function filterQueues(db: Reader, actor: Actor, filters: Static<typeof QueueQuery>) {
  let rows = visibleQueues(db, actor)
  if (filters.key !== undefined) rows = rows.where('key', '=', filters.key)
  if (filters.public !== undefined) rows = rows.where('public', '=', fromBool(filters.public))
  if (filters.archived !== undefined) rows = rows.where('archived_at', filters.archived ? 'is not' : 'is', null)
  return rows
}

/** The teams of each of these queues, in the order of their ids. */
export async function teamsOf(db: Reader, queue_ids: readonly string[]): Promise<Map<string, string[]>> {
  if (queue_ids.length === 0) return new Map()
  const query = db.selectFrom('queue_teams').selectAll().where('queue_id', 'in', queue_ids)
  const teams = new Map<string, string[]>(queue_ids.map((id) => [id, []]))
  for (const { queue_id, team_id } of await query.orderBy('queue_id').orderBy('team_id').execute())
    teams.get(queue_id)?.push(team_id)
  return teams
}

/** A queue as staff see it. */
export function toQueue(row: QueueRow, team_ids: readonly string[]): Queue {
  return {
    id: row.id,
    object: 'queue',
    key: row.key,
    name: row.name,
    team_ids: [...team_ids],
    public: toBool(row.public),
    lifecycle_id: row.lifecycle_id,
    assignment: toPolicy(row),
    unverified_mail: row.unverified_mail,
    external_id: row.external_id,
    metadata: fromJson(row.metadata),
    archived_at: toTimeOrNull(row.archived_at),
    created_at: toTime(row.created_at),
    updated_at: toTime(row.updated_at),
    version: row.version,
  }
}

/** Queues as this actor may see them. */
export async function toQueues(db: Reader, actor: Actor, rows: readonly QueueRow[]): Promise<Queue[]> {
  if (!isStaff(actor))
    return rows.map(({ id, key, name, created_at }) => ({ id, object: 'queue', key, name, created_at: toTime(created_at) }))
  const ids = rows.map(({ id }) => id)
  const teams = await teamsOf(db, ids)
  return rows.map((row) => toQueue(row, teams.get(row.id) ?? []))
}

/** Those of these queues that there are and that this actor may know of. */
export async function presentQueues(db: Reader, actor: Actor, ids: readonly string[]): Promise<Queue[]> {
  return toQueues(db, actor, await visibleQueues(db, actor).where('id', 'in', ids).execute())
}

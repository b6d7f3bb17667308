import { systemActor } from '../../../platform/actor.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findUser } from '../../directory/index.ts'
import { queuesOf } from '../candidates.ts'
import type { Handover } from '../handover.ts'
import { agentRow } from '../queries.ts'
import { handOver } from './hand-over.ts'

// Each looks at how it is now: run twice, or late, it gives back what still is to be given back.

/** Gives back the tickets of who is away or offline, in the queues that want it. */
export async function handBackOfAbsent(tx: Tx, user_id: string): Promise<void> {
  const user = await findUser(tx.db, user_id)
  if (!user || (await agentRow(tx.db, user)).availability === 'online') return
  const wanting = await tx.db.selectFrom('queues').select('id').where('reassign_on_away', '=', 1).execute()
  await giveBack(tx, { user_id, queue_ids: wanting.map(({ id }) => id), status_categories: ['new', 'open'], reason: 'away' })
}

/** Gives back all tickets that are not closed of who works here no longer. */
export async function handBackOfLeaver(tx: Tx, user_id: string): Promise<void> {
  const user = await findUser(tx.db, user_id)
  if (!user || (user.active === 1 && user.role !== 'requester')) return
  const status_categories = ['new', 'open', 'pending', 'on_hold', 'solved'] as const
  await giveBack(tx, { user_id, queue_ids: null, status_categories, reason: 'handed_over' })
}

/** Gives back the tickets of those queues of a team in which somebody works no longer. */
export async function handBackOfTeam(tx: Tx, { team_id, user_id }: { team_id: string; user_id: string }): Promise<void> {
  const left = await tx.db.selectFrom('queue_teams').select('queue_id').where('team_id', '=', team_id).execute()
  const still = (await queuesOf(tx.db, [user_id])).get(user_id) ?? []
  const queue_ids = left.map(({ queue_id }) => queue_id).filter((id) => !still.includes(id))
  await giveBack(tx, { user_id, queue_ids, status_categories: ['new', 'open'], reason: 'handed_over' })
}

async function giveBack(tx: Tx, what: Omit<Handover, 'to' | 'may_assign'>): Promise<void> {
  if (what.queue_ids?.length === 0) return
  await handOver(tx, systemActor, { ...what, to: null, may_assign: true })
}

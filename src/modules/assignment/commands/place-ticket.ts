import { systemActor } from '../../../platform/actor.ts'
import { forUpdate, insertIfAbsent } from '../../../platform/database/dialect.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findQueue, isUsableQueue, type QueueRow } from '../../desk/index.ts'
import { type AssignmentWhy, giveTicket, type SeenTicket, updateTicket } from '../../tickets/index.ts'
import { readAgents } from '../candidates.ts'
import { type AgentFacts, type Choice, chooseAgent } from '../eligibility.ts'

const TOLD = 20

/** Who can be given the tickets of a queue, as long as this transaction holds the queue's counter. */
export interface Board {
  queue: QueueRow
  /** Kept up with what is given. */
  agents: AgentFacts[]
  /** Those whose rows are locked: what is known of them holds. */
  held: Set<string>
  last_seq: number
  /** What `canPlace` found, until an agent's facts change. */
  known: Map<string, boolean>
  /** Of which skills it is known who has them. */
  skills: readonly string[]
}

/** Makes the choices of a queue one after the other: nobody else chooses until the transaction ends. */
export async function openBoard(tx: Tx, queue: QueueRow, skills: readonly string[]): Promise<Board> {
  const last_seq = await lockCounter(tx, queue.id)
  const agents = await readAgents(tx.db, { queue_id: queue.id, skills, who: 'working' })
  return { queue, agents, held: new Set(), last_seq, known: new Map(), skills }
}

async function lockCounter(tx: Tx, queue_id: string): Promise<number> {
  for (;;) {
    const counter = tx.db.selectFrom('queue_assignments').select('last_seq').where('queue_id', '=', queue_id)
    const row = await forUpdate(tx.db, counter).executeTakeFirst()
    if (row) return row.last_seq
    await insertIfAbsent(tx.db, 'queue_assignments', { queue_id, last_seq: 0 })
  }
}

/** Gives a waiting ticket whose row is locked to the agent whose turn it is, or does what the queue says when there is none. */
export async function placeTicket(
  tx: Tx,
  board: Board,
  { ticket, skills }: { ticket: SeenTicket; skills: readonly string[] },
): Promise<'given' | 'moved' | 'waits'> {
  const { queue } = board
  const demand = { mode: queue.assignment_mode, takes_away: queue.fallback === 'away', skills }
  for (;;) {
    const choice = chooseAgent(board.agents, demand)
    if (!choice.next) return fallBack(tx, queue, ticket)
    if (board.held.has(choice.next.id)) {
      await give(tx, board, { ticket, choice, agent: choice.next })
      return 'given'
    }
    await hold(tx, board, choice.next.id)
  }
}

/** Whether the queue could place a ticket that asks for these skills, as far as is known without locking anybody. */
export function canPlace({ queue, agents, known }: Board, skills: readonly string[]): boolean {
  if (queue.fallback === 'queue') return true
  const key = skills.join()
  const found =
    known.get(key) ??
    chooseAgent(agents, { mode: queue.assignment_mode, takes_away: queue.fallback === 'away', skills }).next !== null
  known.set(key, found)
  return found
}

/** Locks an agent and looks again: he may have gone, or another queue may have given him his last ticket. */
async function hold(tx: Tx, board: Board, user_id: string): Promise<void> {
  await forUpdate(tx.db, tx.db.selectFrom('users').select('id').where('id', '=', user_id)).execute()
  const [fresh] = await readAgents(tx.db, { queue_id: board.queue.id, skills: board.skills, who: { user_id } })
  board.held.add(user_id)
  board.known.clear()
  board.agents = board.agents.flatMap((agent) => (agent.id === user_id ? (fresh ? [fresh] : []) : [agent]))
}

async function give(
  tx: Tx,
  board: Board,
  { ticket, choice, agent }: { ticket: SeenTicket; choice: Choice; agent: AgentFacts },
): Promise<void> {
  const seq = board.last_seq + 1
  const why = whyOf(board.queue, choice)
  await giveTicket(tx, systemActor, { ticket, assignee_id: agent.id, reason: 'auto', why })
  await tx.db.updateTable('queue_assignments').set({ last_seq: seq }).where('queue_id', '=', board.queue.id).execute()
  await keepTurn(tx, { queue_id: board.queue.id, user_id: agent.id, last_assigned_seq: seq })
  board.last_seq = seq
  board.known.clear()
  board.agents = board.agents.map((one) =>
    one.id === agent.id ? { ...one, open_tickets: one.open_tickets + 1, last_assigned_seq: seq } : one,
  )
}

async function keepTurn(tx: Tx, turn: { queue_id: string; user_id: string; last_assigned_seq: number }): Promise<void> {
  const { numUpdatedRows } = await tx.db
    .updateTable('queue_agents')
    .set({ last_assigned_seq: turn.last_assigned_seq })
    .where('queue_id', '=', turn.queue_id)
    .where('user_id', '=', turn.user_id)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) await insertIfAbsent(tx.db, 'queue_agents', turn)
}

function whyOf({ assignment_mode }: QueueRow, { candidates }: Choice): AssignmentWhy {
  const eligible = candidates.filter(({ reasons }) => reasons.length === 0)
  const passed = candidates.filter(({ reasons }) => reasons.length > 0)
  return {
    policy: assignment_mode,
    candidates: eligible.slice(0, TOLD).map(({ agent }) => agent.id),
    candidate_count: eligible.length,
    passed_over: passed.slice(0, TOLD).map(({ agent, reasons }) => ({ agent_id: agent.id, reasons: [...reasons] })),
    passed_over_count: passed.length,
  }
}

async function fallBack(tx: Tx, queue: QueueRow, ticket: SeenTicket): Promise<'moved' | 'waits'> {
  if (queue.fallback !== 'queue' || queue.fallback_queue_id === null) return 'waits'
  const target = await findQueue(tx.db, queue.fallback_queue_id, 'for share')
  if (!target || !isUsableQueue(target)) return 'waits'
  await updateTicket(tx, systemActor, { ticket: ticket.id, changes: { queue_id: target.id } })
  return 'moved'
}

import type { JobKind } from '../../platform/job.ts'
import type { Ground, Module } from '../../platform/module.ts'
import type { TimerKind } from '../../platform/timers.ts'
import { findQueue } from '../desk/index.ts'
import { CLAIM_EXPIRY, type LineCursor, PUSH, ROOM, rerankLine } from '../tickets/index.ts'
import { expireClaim } from './commands/expire-claim.ts'
import { fillQueue } from './commands/fill-queue.ts'
import { handBackOfLeaver } from './commands/hand-back.ts'
import { handOverBatch } from './commands/hand-over.ts'
import { pushTicket, relaxTicket } from './commands/push-ticket.ts'
import { sweepQueues, tryAgainFor } from './commands/try-again.ts'
import type { Handover } from './handover.ts'
import { FILL, HANDOVER, LEFT, RELAX, RERANK } from './kinds.ts'
import { assignmentReactions } from './reactions.ts'
import { assignmentRoutes } from './routes.ts'
import './tables.ts'

export { purgeAssignments } from './commands/purge-assignments.ts'
export { presentAgents } from './queries.ts'
export { Agent } from './schema.ts'

const timers: TimerKind[] = [
  { name: PUSH, fire: (tx, { subject_id }) => pushTicket(tx, subject_id) },
  { name: RELAX, fire: (tx, { subject_id }) => relaxTicket(tx, subject_id) },
  { name: ROOM, fire: (tx, { subject_id }) => tryAgainFor(tx, subject_id) },
  { name: FILL, fire: (tx, { subject_id }) => fillQueue(tx, subject_id) },
  { name: LEFT, fire: (tx, { subject_id }) => handBackOfLeaver(tx, subject_id) },
  { name: CLAIM_EXPIRY, fire: (tx, { subject_id }) => expireClaim(tx, subject_id) },
]

// What a step is handed is what started the job, or the step before it, wrote.
const jobs: JobKind[] = [
  {
    name: RERANK,
    step: async (tx, { params, cursor }) => {
      const { queue_id } = params as { queue_id: string }
      // Held: by an order that was changed meanwhile this would undo what the job of that change did.
      const queue = await findQueue(tx.db, queue_id, 'for share')
      if (!queue) return { done: true, cursor, processed: 0 }
      const from = cursor as LineCursor | null
      const { cursor: next, processed } = await rerankLine(tx, { queue_id, order: queue.assignment_order, cursor: from })
      return { done: next === null, cursor: next && { ...next }, processed }
    },
  },
  {
    name: HANDOVER,
    step: (tx, { params, cursor, actor }) =>
      handOverBatch(tx, actor, { handover: params as unknown as Handover, after: (cursor as string | null) ?? '' }),
  },
]

/** Who takes what: policies at work, agents, claims, push, hand-overs. */
export function createAssignment({ cursors, clock, transact }: Ground): Module & { sweep(): Promise<void> } {
  return {
    routes: assignmentRoutes({ cursors, clock }),
    pages: [],
    reactions: assignmentReactions(transact),
    timers,
    jobs,
    /** The safety net: it must rest on nothing that it is the net for, so it is no timer. */
    sweep: () => transact(sweepQueues),
  }
}

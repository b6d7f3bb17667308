import { systemActor } from '../../platform/actor.ts'
import type { Reaction, StoredEvent } from '../../platform/events.ts'
import { setTimer } from '../../platform/timers.ts'
import type { Transact } from '../../platform/transaction.ts'
import { queueUpdated } from '../desk/index.ts'
import { teamMemberAdded, teamMemberRemoved, userUpdated } from '../directory/index.ts'
import { startJob } from '../jobs/index.ts'
import { ticketDeleted } from '../tickets/index.ts'
import { handBackOfAbsent, handBackOfLeaver, handBackOfTeam } from './commands/hand-back.ts'
import { forgetTicket } from './commands/set-ticket-skills.ts'
import { tryAgain, tryAgainFor } from './commands/try-again.ts'
import { agentUpdated } from './events.ts'
import { LEFT, RERANK } from './kinds.ts'

// What a node knows of an actor is less than a second old, and what began then has ended by this time.
const SECOND_LOOK_MS = 5000

/** What follows when agents, their teams or queues change. None of these happens with every ticket: those pay nothing. */
export function assignmentReactions(transact: Transact): Reaction[] {
  return [
    {
      name: 'assignment.follow-agent',
      on: [agentUpdated],
      handle: ({ event: { subject, data } }) =>
        transact(async (tx) => {
          if (data.availability !== 'online' && changedKeys(data).includes('availability')) await handBackOfAbsent(tx, subject.id)
          await tryAgainFor(tx, subject.id)
        }),
    },
    {
      name: 'assignment.follow-user',
      on: [userUpdated],
      handle: async ({ event: { subject, data } }) => {
        if (!changedKeys(data).some((key) => key === 'role' || key === 'active')) return
        await transact(async (tx) => {
          await handBackOfLeaver(tx, subject.id)
          if (hasLeft(data)) await setTimer(tx, { kind: LEFT, subject_id: subject.id, due_at: tx.now + SECOND_LOOK_MS })
          await tryAgainFor(tx, subject.id)
        })
      },
    },
    {
      name: 'assignment.follow-team',
      on: [teamMemberAdded, teamMemberRemoved],
      handle: ({ event: { type, subject, data } }) =>
        transact(async (tx) => {
          const user_id = String(data.user_id)
          if (type === teamMemberRemoved.type) await handBackOfTeam(tx, { team_id: subject.id, user_id })
          else await tryAgainFor(tx, user_id)
        }),
    },
    {
      name: 'assignment.forget-ticket',
      on: [ticketDeleted],
      handle: ({ event: { subject } }) => transact((tx) => forgetTicket(tx, subject.id)),
    },
    {
      name: 'assignment.follow-queue',
      on: [queueUpdated],
      handle: async ({ event }) => {
        if (!changedKeys(event.data).some((key) => key === 'assignment' || key === 'team_ids' || key === 'archived_at')) return
        await transact(async (tx) => {
          if (isReordered(event)) await startJob(tx, systemActor, { kind: RERANK, params: { queue_id: event.subject.id } })
          await tryAgain(tx, [event.subject.id])
        })
      },
    },
  ]
}

/** The keys that an event's facts name; its definition says that they are there. */
function changedKeys(data: StoredEvent['data']): readonly string[] {
  return data.changed as string[]
}

function hasLeft({ active, role }: StoredEvent['data']): boolean {
  return active === false || role === 'requester'
}

function isReordered({ data, previous }: StoredEvent): boolean {
  const order = (facts: StoredEvent['previous']) => (facts?.assignment as { order?: string } | undefined)?.order
  return order(data) !== order(previous)
}

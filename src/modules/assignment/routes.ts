import type { Static } from 'typebox'
import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { accepted, noContent, ok } from '../../platform/http/answer.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import { listByCreation } from '../../platform/http/list.ts'
import { CursorMismatch } from '../../platform/http/problems.ts'
import { type Route, route, staff } from '../../platform/http/route.ts'
import { Forbidden, NotFound, VersionConflict } from '../../platform/problems.ts'
import type { Tx } from '../../platform/transaction.ts'
import type { UserRow } from '../directory/index.ts'
import { answerTicket, canWork, getVisibleTicket, Ticket, TicketClosed, TicketParams } from '../tickets/index.ts'
import { claimNext } from './commands/claim-next.ts'
import { handOver, planHandover, requireReceiver } from './commands/hand-over.ts'
import { setTicketSkills } from './commands/set-ticket-skills.ts'
import { updateAgent } from './commands/update-agent.ts'
import { explainEligibility } from './explain.ts'
import type { Handover } from './handover.ts'
import { canHandOver } from './policy.ts'
import { filterAgents, getAgentUser, toAgents } from './queries.ts'
import * as shape from './schema.ts'

const tag = 'Assignment'
const SHOWN = 100

/** Who takes what: agents, what tickets ask of them, claims, and hand-overs. */
export function assignmentRoutes({ cursors, clock }: { cursors: Cursors; clock: Clock }): Route[] {
  const read = { roles: staff, scope: 'agents:read' }
  const write = { roles: staff, scope: 'agents:write' }
  const look = { roles: staff, scope: 'tickets:read' }
  const work = { roles: staff, scope: 'tickets:write' }
  const shown = async (db: Reader, user: UserRow) => {
    const [agent] = await toAgents(db, [user])
    return ok(agent, { etag: `v${agent?.version}` })
  }

  return [
    route({
      method: 'GET',
      path: '/v1/agents',
      operationId: 'listAgents',
      summary: 'List agents',
      description: 'Agents and admins: whether they are there, how much they take, what they can, and how much they have.',
      tag,
      access: read,
      query: shape.AgentQuery,
      answers: { 200: shape.AgentList },
      problems: [CursorMismatch],
      handle: ({ db, query }) =>
        listByCreation(filterAgents(db, query), {
          path: '/v1/agents',
          query,
          cursors,
          toObjects: (rows) => toAgents(db, rows),
        }),
    }),
    route({
      method: 'GET',
      path: '/v1/agents/:user_id',
      operationId: 'getAgent',
      summary: 'Get an agent',
      description: 'One agent or admin, by his id as a user.',
      tag,
      access: read,
      params: shape.AgentParams,
      answers: { 200: shape.Agent },
      problems: [NotFound],
      handle: async ({ db, params }) => shown(db, await getAgentUser(db, params.user_id)),
    }),
    route({
      method: 'PATCH',
      path: '/v1/agents/:user_id',
      operationId: 'updateAgent',
      summary: 'Change an agent',
      description:
        'A merge patch. An agent says whether he himself is there; the rest is for admins. Who goes away or offline gives back his tickets in the queues that want it, and is given none.',
      tag,
      access: write,
      params: shape.AgentParams,
      body: shape.AgentPatch,
      answers: { 200: shape.Agent },
      problems: [NotFound, VersionConflict],
      handle: ({ actor, params, body, if_match, transact }) =>
        transact(async (tx) => shown(tx.db, await updateAgent(tx, actor, { ...params, changes: body, if_match }))),
    }),
    route({
      method: 'POST',
      path: '/v1/agents/:user_id/handover',
      operationId: 'handOverTickets',
      summary: "Hand over an agent's tickets",
      description:
        'Gives the tickets of an agent back to their queues, or to another agent who works in them: admins anybody’s, an agent his own. With `dry_run` it only says what it would do. More than 100 are handed over by a job: 202. Tickets that go back to a queue which gives them out by itself may come to him again while he is online.',
      tag,
      access: write,
      params: shape.AgentParams,
      body: shape.NewHandover,
      answers: { 200: shape.HandoverAnswer, 202: shape.HandoverAnswer },
      problems: [NotFound],
      handle: ({ actor, params, body, transact }) =>
        transact(async (tx) => {
          const answer = await handOverOrPlan(tx, actor, { ...params, ...body })
          return answer.job_id === null ? ok(answer) : accepted(answer)
        }),
    }),
    route({
      method: 'PUT',
      path: '/v1/tickets/:ticket/skills',
      operationId: 'setTicketSkills',
      summary: 'Say which skills a ticket asks for',
      description:
        'These and no others. Only agents who have them are given the ticket, or get it by claiming the next one. Answers who could be given it now.',
      tag,
      access: work,
      params: TicketParams,
      body: shape.TicketSkills,
      answers: { 200: shape.Eligibility },
      problems: [VersionConflict, TicketClosed],
      handle: ({ actor, params, body, if_match, transact }) =>
        transact(async (tx) => {
          const ticket = await setTicketSkills(tx, actor, { ...params, ...body, if_match })
          return ok(await explainEligibility(tx.db, ticket, tx.now), {
            subject: { id: ticket.id, view: ticket.view },
          })
        }),
    }),
    route({
      method: 'GET',
      path: '/v1/tickets/:ticket/eligibility',
      operationId: 'getTicketEligibility',
      summary: 'Ask who could be given a ticket',
      description: 'By the same rules by which its queue gives it out: all of the staff, and what speaks against each of them.',
      tag,
      access: look,
      params: TicketParams,
      answers: { 200: shape.Eligibility },
      handle: async ({ db, actor, params }) => {
        const ticket = await getVisibleTicket(db, actor, params.ticket)
        if (!canWork(ticket)) throw Forbidden()
        return ok(await explainEligibility(db, ticket, clock.now()))
      },
    }),
    route({
      method: 'POST',
      path: '/v1/queues/:queue/claim',
      operationId: 'claimNextTicket',
      summary: 'Claim the next ticket',
      description:
        'Takes the first ticket that waits in a queue of yours, in the order of the queue, among those whose skills you have. 204 when there is none for you.',
      tag: 'Tickets',
      access: work,
      params: shape.QueueParams,
      answers: { 200: Ticket, 204: null },
      handle: ({ actor, params, transact }) =>
        transact(async (tx) => {
          const ticket = await claimNext(tx, actor, params.queue)
          return ticket ? answerTicket(ticket, actor) : noContent({ fleeting: true })
        }),
    }),
  ]
}

async function handOverOrPlan(
  tx: Tx,
  actor: Actor,
  { user_id, to, dry_run, ...given }: Static<typeof shape.NewHandover> & { user_id: string },
): Promise<Static<typeof shape.HandoverAnswer>> {
  const { id } = await getAgentUser(tx.db, user_id)
  if (!canHandOver(actor, id)) throw Forbidden({ detail: 'An agent hands over his own tickets; those of others admins do.' })
  const handover: Handover = {
    user_id: id,
    to: to === 'queue' ? null : to,
    queue_ids: given.queue_ids ?? null,
    status_categories: given.status_categories ?? ['new', 'open', 'pending', 'on_hold'],
    may_assign: actor.role === 'admin',
    reason: 'handed_over',
  }
  await requireReceiver(tx, handover)
  const plan = dry_run ? { ...(await planHandover(tx, handover)), job_id: null } : await handOver(tx, actor, handover)
  const byQueue = Map.groupBy(plan.possible, ({ queue_id }) => queue_id)
  return {
    object: 'handover',
    agent_id: id,
    to,
    dry_run,
    total: plan.possible.length,
    by_queue: [...byQueue].map(([queue_id, { length: count }]) => ({ queue_id, count })),
    ticket_ids: plan.possible.slice(0, SHOWN).map((ticket) => ticket.id),
    impossible: plan.impossible.slice(0, SHOWN).map(({ id: ticket_id, queue_id, reason }) => ({ ticket_id, queue_id, reason })),
    job_id: plan.job_id,
  }
}

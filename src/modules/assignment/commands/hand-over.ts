import type { Actor } from '../../../platform/actor.ts'
import { invalidField } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findQueue } from '../../desk/index.ts'
import { findUser } from '../../directory/index.ts'
import { startJob } from '../../jobs/index.ts'
import { lockTicket, takeTicketFrom } from '../../tickets/index.ts'
import { queuesOf } from '../candidates.ts'
import { type Handover, type HandoverTicket, handedOver, whyImpossible } from '../handover.ts'
import { HANDOVER } from '../kinds.ts'

/** More than so many are handed over by a job. */
const AT_ONCE = 100
const BATCH = 25

interface HandoverPlan {
  possible: HandoverTicket[]
  impossible: (HandoverTicket & { reason: string })[]
}

/** What a hand-over would do now. */
export async function planHandover(tx: Pick<Tx, 'db'>, handover: Handover, after?: string): Promise<HandoverPlan> {
  const found = await handedOver(tx.db, handover, after)
  const toWorksIn = handover.to === null ? [] : ((await queuesOf(tx.db, [handover.to])).get(handover.to) ?? [])
  const reasons = new Map<string, string | null>()
  for (const queue_id of new Set(found.map((ticket) => ticket.queue_id))) {
    const queue = await findQueue(tx.db, queue_id)
    reasons.set(queue_id, queue ? whyImpossible(handover, queue, toWorksIn) : null)
  }
  const plan: HandoverPlan = { possible: [], impossible: [] }
  for (const { id, queue_id } of found) {
    const reason = reasons.get(queue_id) ?? null
    if (reason === null) plan.possible.push({ id, queue_id })
    else plan.impossible.push({ id, queue_id, reason })
  }
  return plan
}

/** Hands an agent's tickets over: at once when they are few, else by a job. */
export async function handOver(
  tx: Tx,
  actor: Pick<Actor, 'type' | 'id'>,
  handover: Handover,
): Promise<HandoverPlan & { job_id: string | null }> {
  const plan = await planHandover(tx, handover)
  if (plan.possible.length > AT_ONCE) {
    const job = await startJob(tx, actor, { kind: HANDOVER, params: handover, total: plan.possible.length })
    return { ...plan, job_id: job.id }
  }
  await passOn(tx, actor, { handover, tickets: plan.possible })
  return { ...plan, job_id: null }
}

/** The next part of a hand-over by a job. Who has left since it began gets no more: these go back to their queues. */
export async function handOverBatch(
  tx: Tx,
  actor: Pick<Actor, 'type' | 'id'>,
  { handover: begun, after }: { handover: Handover; after: string },
): Promise<{ done: boolean; cursor: string; processed: number }> {
  const isThere = begun.to === null || (await isAgent(tx, begun.to))
  const handover = isThere ? begun : { ...begun, to: null }
  const { possible } = await planHandover(tx, handover, after)
  const tickets = possible.slice(0, BATCH)
  await passOn(tx, actor, { handover, tickets })
  return { done: possible.length <= BATCH, cursor: tickets.at(-1)?.id ?? after, processed: tickets.length }
}

async function passOn(
  tx: Tx,
  actor: Pick<Actor, 'type' | 'id'>,
  { handover, tickets }: { handover: Handover; tickets: readonly HandoverTicket[] },
): Promise<void> {
  for (const { id, queue_id } of tickets) {
    const ticket = await lockTicket(tx, id)
    // As it is under its lock: it may have been passed on, moved or closed in the meantime.
    const isHis = ticket?.assignee_id === handover.user_id && ticket.queue_id === queue_id
    if (isHis && handover.status_categories.includes(ticket.status_category))
      await takeTicketFrom(tx, actor, { ticket, to: handover.to, reason: handover.reason })
  }
}

/** Refuses to hand over to whom it cannot be done. */
export async function requireReceiver(tx: Tx, { user_id, to }: Handover): Promise<void> {
  if (to === null) return
  if (to === user_id) throw invalidField('/to', 'same_agent', 'These are his tickets already.')
  if (!(await isAgent(tx, to))) throw invalidField('/to', 'not_an_agent', 'This is not an active agent.')
}

async function isAgent(tx: Tx, user_id: string): Promise<boolean> {
  const user = await findUser(tx.db, user_id)
  return user?.active === 1 && user.role !== 'requester'
}

import { setTimer } from '../../../platform/timers.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findQueue, isPushing } from '../../desk/index.ts'
import { lockTicket, waits } from '../../tickets/index.ts'
import { RELAX } from '../kinds.ts'
import { askedSkills, boundSkills } from '../skills.ts'
import { openBoard, placeTicket } from './place-ticket.ts'

/** Gives a ticket to the agent whose turn it is, if it still waits in a queue that does so. */
export async function pushTicket(tx: Tx, ticket_id: string): Promise<void> {
  const ticket = await lockTicket(tx, ticket_id)
  if (!ticket || !waits(ticket)) return
  const queue = await findQueue(tx.db, ticket.queue_id)
  if (!queue || !isPushing(queue.assignment_mode)) return
  const skills = await boundSkills(tx.db, { ticket_id, now: tx.now })
  await placeTicket(tx, await openBoard(tx, queue, skills), { ticket, skills })
}

/** Tries a ticket again that asks for one skill less from now on, and waits for the next. */
export async function relaxTicket(tx: Tx, ticket_id: string): Promise<void> {
  await pushTicket(tx, ticket_id)
  await awaitRelaxing(tx, ticket_id)
}

/** Sets the timer for the next skill of a ticket that will bind no longer. */
export async function awaitRelaxing(tx: Tx, ticket_id: string): Promise<void> {
  const times = (await askedSkills(tx.db, ticket_id)).flatMap(({ relax_at }) => relax_at ?? [])
  const ahead = times.filter((at) => at > tx.now)
  if (ahead.length > 0) await setTimer(tx, { kind: RELAX, subject_id: ticket_id, due_at: Math.min(...ahead) })
}

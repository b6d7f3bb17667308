import type { Actor } from '../../../platform/actor.ts'
import { insertRows } from '../../../platform/database/prepared.ts'
import { news } from '../../../platform/events.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Forbidden } from '../../../platform/problems.ts'
import { setTimer } from '../../../platform/timers.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findQueue, isPushing } from '../../desk/index.ts'
import {
  canWork,
  changeTicket,
  getVisibleTicket,
  PUSH,
  type SeenTicket,
  TicketClosed,
  ticketEtag,
  ticketUpdated,
  waits,
} from '../../tickets/index.ts'
import { foldSkill } from '../eligibility.ts'
import { askedSkills } from '../skills.ts'
import { awaitRelaxing } from './push-ticket.ts'

interface Asked {
  ticket: string
  skills: readonly string[]
  relax_after_seconds?: number | null | undefined
  if_match: readonly string[] | undefined
}

/** Says which skills a ticket asks for, and no others, and after what time they bind no longer. */
export async function setTicketSkills(tx: Tx, actor: Actor, asked: Asked): Promise<SeenTicket> {
  const ticket = await getVisibleTicket(tx.db, actor, asked.ticket, 'for update')
  if (!canWork(ticket)) throw Forbidden()
  requireMatch(asked.if_match, ticketEtag(ticket, ticket.view), ticket.version)
  if (ticket.status_category === 'closed') throw TicketClosed({ members: { allowed: [] } })
  const skills = [...new Set(asked.skills.map(foldSkill))].sort()
  const before = await askedSkills(tx.db, ticket.id)
  if (isAsked(before, { skills, relax_after_seconds: asked.relax_after_seconds })) return ticket

  const queue = await findQueue(tx.db, ticket.queue_id)
  const seconds = asked.relax_after_seconds === undefined ? (queue?.skill_relax_seconds ?? null) : asked.relax_after_seconds
  const relax_at = seconds === null ? null : tx.now + seconds * 1000
  await tx.db.deleteFrom('ticket_skills').where('ticket_id', '=', ticket.id).execute()
  await insertRows(
    tx.db,
    'ticket_skills',
    skills.map((skill) => ({ ticket_id: ticket.id, skill, relax_at })),
  )
  const changed = await changeTicket(tx, actor, ticket, {
    set: {},
    announce: [news(ticketUpdated, { visibility: 'internal', data: { changed: ['skills'] } })],
  })
  await awaitRelaxing(tx, ticket.id)
  if (waits(ticket) && queue && isPushing(queue.assignment_mode))
    await setTimer(tx, { kind: PUSH, subject_id: ticket.id, due_at: tx.now })
  return changed
}

/** Whether a ticket asks for just this. A time is told from now on, so that only none, said again, is no change. */
function isAsked(
  before: readonly { skill: string; relax_at: number | null }[],
  { skills, relax_after_seconds }: Pick<Asked, 'skills' | 'relax_after_seconds'>,
): boolean {
  const isSame = before.length === skills.length && before.every(({ skill }) => skills.includes(skill))
  if (relax_after_seconds === undefined) return isSame
  return isSame && before.every(({ relax_at }) => relax_at === null && relax_after_seconds === null)
}

/** Forgets what a ticket asked for that is gone. */
export async function forgetTicket(tx: Tx, ticket_id: string): Promise<void> {
  await tx.db.deleteFrom('ticket_skills').where('ticket_id', '=', ticket_id).execute()
}

import { toTimeOrNull } from '../../platform/codecs.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { getQueue, isPushing } from '../desk/index.ts'
import { type SeenTicket, waits } from '../tickets/index.ts'
import { readAgents } from './candidates.ts'
import { chooseAgent } from './eligibility.ts'
import type { Eligibility } from './schema.ts'
import { askedSkills } from './skills.ts'

/** Who could be given a ticket at this moment, why the others could not, and who would be: what a push does now. */
export async function explainEligibility(db: Reader, ticket: SeenTicket, now: number): Promise<Eligibility> {
  const queue = await getQueue(db, ticket.queue_id)
  const required_skills = (await askedSkills(db, ticket.id)).map(({ skill, relax_at }) => ({
    skill,
    relax_at: toTimeOrNull(relax_at),
    binding: relax_at === null || relax_at > now,
  }))
  const skills = required_skills.filter(({ binding }) => binding).map(({ skill }) => skill)
  const agents = await readAgents(db, { queue_id: queue.id, skills, who: 'everybody' })
  const mode = queue.assignment_mode
  const { candidates, next } = chooseAgent(agents, { mode, takes_away: queue.fallback === 'away', skills })
  const waiting = waits(ticket)
  return {
    object: 'eligibility',
    ticket_id: ticket.id,
    policy: { queue_id: queue.id, mode, order: queue.assignment_order },
    waiting,
    required_skills,
    candidates: candidates.map(({ agent, reasons }) => ({
      agent_id: agent.id,
      name: agent.name,
      eligible: reasons.length === 0,
      reasons: [...reasons],
      open_tickets: agent.open_tickets,
      capacity: agent.capacity,
      last_assigned_seq: agent.last_assigned_seq,
    })),
    next_agent_id: waiting && isPushing(mode) ? (next?.id ?? null) : null,
  }
}

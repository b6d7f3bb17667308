import type { AssignmentMode } from '../desk/index.ts'
import type { Availability } from './tables.ts'

// Who may be given a ticket, and who is next: the one set of rules behind push, pull and the explanation.

/** What the rules look at in an agent, for one queue. */
export interface AgentFacts {
  id: string
  name: string
  is_active: boolean
  works_in_queue: boolean
  availability: Availability
  capacity: number | null
  /** New and open ones, of all queues. */
  open_tickets: number
  /** The number of the last ticket that this queue gave him by itself; 0 for none. */
  last_assigned_seq: number
  /** Those of his skills that tickets ask for. */
  skills: ReadonlySet<string>
}

/** What a queue asks of agents for one ticket. */
interface Demand {
  mode: AssignmentMode
  /** Whether agents who are away count where nobody else can be given the ticket. */
  takes_away: boolean
  skills: readonly string[]
}

/** An agent with what speaks against him. */
interface Candidate {
  agent: AgentFacts
  /** `not_in_queue`, `inactive`, `away`, `offline`, `at_capacity`, `missing_skill:<skill>`. */
  reasons: readonly string[]
}

/** Everybody in the order in which he would be chosen; who cannot be comes last. */
export interface Choice {
  candidates: readonly Candidate[]
  /** Who is given the ticket. */
  next: AgentFacts | null
}

/** A skill as it is kept: trimmed, composed, in lower case. */
export function foldSkill(skill: string): string {
  return skill.normalize('NFC').trim().toLowerCase()
}

/** Whether an agent has every skill that still binds. The only rule that binds a pull, too. */
export function missingSkills(agent: Pick<AgentFacts, 'skills'>, skills: readonly string[]): string[] {
  return skills.filter((skill) => !agent.skills.has(skill))
}

/** What speaks against giving an agent a ticket by itself. */
export function reasonsAgainst(agent: AgentFacts, demand: Pick<Demand, 'skills'>): string[] {
  return [
    ...(agent.works_in_queue ? [] : ['not_in_queue']),
    ...(agent.is_active ? [] : ['inactive']),
    ...(agent.availability === 'online' ? [] : [agent.availability]),
    ...(agent.capacity !== null && agent.open_tickets >= agent.capacity ? ['at_capacity'] : []),
    ...missingSkills(agent, demand.skills).map((skill) => `missing_skill:${skill}`),
  ]
}

/** Whose turn it is, among those whom nothing speaks against; else, where the queue says so, among those who are but away. */
export function chooseAgent(agents: readonly AgentFacts[], demand: Demand): Choice {
  const judged = agents.map((agent): Candidate => ({ agent, reasons: reasonsAgainst(agent, demand) }))
  const isFree = judged.some(({ reasons }) => reasons.length === 0)
  const counts =
    isFree || !demand.takes_away
      ? judged
      : judged.map(({ agent, reasons }) => ({ agent, reasons: isJust(reasons, 'away') ? [] : reasons }))
  const candidates = [...counts].sort((a, b) => byChance(a) - byChance(b) || compareTurns(a.agent, b.agent, demand.mode))
  const [first] = candidates
  return { candidates, next: first && first.reasons.length === 0 ? first.agent : null }
}

function isJust(reasons: readonly string[], reason: string): boolean {
  return reasons.length === 1 && reasons[0] === reason
}

function byChance({ reasons }: Candidate): number {
  return reasons.length === 0 ? 0 : 1
}

function compareTurns(a: AgentFacts, b: AgentFacts, mode: AssignmentMode): number {
  const byLoad = mode === 'load_balanced' ? a.open_tickets - b.open_tickets : 0
  return byLoad || a.last_assigned_seq - b.last_assigned_seq || (a.id < b.id ? -1 : 1)
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    agents: AgentRow
    agent_skills: { user_id: string; skill: string }
    ticket_skills: TicketSkillRow
    /** How many tickets a queue has given to agents by itself: locked for each choice, so that choices come one after the other. */
    queue_assignments: { queue_id: string; last_seq: number }
    /** The number of the last ticket that a queue gave to an agent by itself. */
    queue_agents: { queue_id: string; user_id: string; last_assigned_seq: number }
  }
}

export type Availability = 'online' | 'away' | 'offline'

/** What a user is as an agent; without a row: online, without a limit. Changed only under the lock of the user's row. */
export interface AgentRow {
  user_id: string
  availability: Availability
  availability_changed_at: number | null
  /** How many new and open tickets he has at most by automatic assignment; null: any number. */
  capacity: number | null
  updated_at: number
  version: number
}

/** A skill that a ticket asks for. */
interface TicketSkillRow {
  ticket_id: string
  skill: string
  /** From then on it binds no longer. */
  relax_at: number | null
}

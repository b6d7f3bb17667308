import type { QueueRow } from './tables.ts'

/** How a queue's tickets come to agents. */
export const assignmentModes = ['manual', 'round_robin', 'load_balanced', 'claim_only'] as const
export type AssignmentMode = (typeof assignmentModes)[number]

/** What stands first in a queue's line. */
export const assignmentOrders = ['due', 'priority', 'age'] as const
export type AssignmentOrder = (typeof assignmentOrders)[number]

/** What becomes of a ticket that nobody can be given. */
export const fallbacks = ['none', 'away', 'queue'] as const
export type Fallback = (typeof fallbacks)[number]

/** The columns of a queue that say how it assigns. */
export type PolicyColumns = Pick<
  QueueRow,
  | 'assignment_mode'
  | 'assignment_order'
  | 'claim_ttl_seconds'
  | 'fallback'
  | 'fallback_queue_id'
  | 'reassign_on_away'
  | 'skill_relax_seconds'
>

/** A queue's policy as the wire shows it. */
export interface AssignmentPolicy {
  mode: AssignmentMode
  order: AssignmentOrder
  claim_ttl_seconds: number | null
  fallback: { to: Fallback; queue_id: string | null }
  reassign_on_away: boolean
  skill_relax_seconds: number | null
}

/** A merge patch of it. */
export type PolicyPatch = Partial<Omit<AssignmentPolicy, 'fallback'>> & { fallback?: Partial<AssignmentPolicy['fallback']> }

/** How a queue assigns until somebody says otherwise: not at all. */
export const defaultPolicy: PolicyColumns = {
  assignment_mode: 'manual',
  assignment_order: 'due',
  claim_ttl_seconds: null,
  fallback: 'none',
  fallback_queue_id: null,
  reassign_on_away: 0,
  skill_relax_seconds: null,
}

export function toPolicy(row: PolicyColumns): AssignmentPolicy {
  return {
    mode: row.assignment_mode,
    order: row.assignment_order,
    claim_ttl_seconds: row.claim_ttl_seconds,
    fallback: { to: row.fallback, queue_id: row.fallback_queue_id },
    reassign_on_away: row.reassign_on_away === 1,
    skill_relax_seconds: row.skill_relax_seconds,
  }
}

/** A queue's policy after a merge patch. Another fallback than a queue names none. */
export function policyAfter(row: PolicyColumns, patch: PolicyPatch): PolicyColumns {
  const { mode, order, claim_ttl_seconds, fallback, reassign_on_away, skill_relax_seconds } = { ...toPolicy(row), ...patch }
  const to = fallback.to ?? row.fallback
  const named = fallback.queue_id === undefined ? row.fallback_queue_id : fallback.queue_id
  return {
    assignment_mode: mode,
    assignment_order: order,
    claim_ttl_seconds,
    fallback: to,
    fallback_queue_id: to === 'queue' ? named : null,
    reassign_on_away: reassign_on_away ? 1 : 0,
    skill_relax_seconds,
  }
}

/** Whether a queue gives its tickets to agents by itself. */
export function isPushing(mode: AssignmentMode): boolean {
  return mode === 'round_robin' || mode === 'load_balanced'
}

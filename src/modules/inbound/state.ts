import type { InboundMailRow, InboundState } from './tables.ts'

/** The states in which a mail still has to be worked on. */
export const openStates = ['received', 'parsed', 'routed'] as const satisfies readonly InboundState[]

/** Whether nothing more happens to a mail by itself. */
export function isOver(state: InboundState): boolean {
  return !openStates.some((open) => open === state)
}

/** Whether somebody is working on a mail now. */
export function isHeld(
  { state, lease_token, due_at }: Pick<InboundMailRow, 'state' | 'lease_token' | 'due_at'>,
  now: number,
): boolean {
  return !isOver(state) && lease_token !== null && due_at > now
}

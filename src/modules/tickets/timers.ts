import { clearTimer, setTimer } from '../../platform/timers.ts'
import type { Tx } from '../../platform/transaction.ts'
import { getSettings } from '../desk/index.ts'
import type { TicketRow } from './tables.ts'
import { isAsleep } from './ticket.ts'

/** Brings a snoozed ticket back. */
export const WAKE = 'tickets.wake'
/** Closes a ticket that was solved and stayed quiet. */
export const CLOSE = 'tickets.close'

const DAY_MS = 86_400_000

/** Sets and clears what a ticket waits for, after a change of it. */
export async function armTimers(tx: Tx, before: TicketRow, after: TicketRow): Promise<void> {
  const [woke, wakes] = [wakeTime(before), wakeTime(after)]
  if (woke !== wakes) {
    if (wakes === null) await clearTimer(tx, { kind: WAKE, subject_id: after.id })
    else await setTimer(tx, { kind: WAKE, subject_id: after.id, due_at: wakes })
  }
  // In another status, or by the rules of another lifecycle, it may close by itself where it did not.
  const isMoved = before.status !== after.status || before.lifecycle_id !== after.lifecycle_id
  if (isClosable(before) !== isClosable(after) || (isClosable(after) && isMoved)) await armClosing(tx, after)
}

function wakeTime(ticket: TicketRow): number | null {
  return ticket.deleted_at === null && isAsleep(ticket.status_category) ? ticket.pending_until : null
}

function isClosable(ticket: TicketRow): boolean {
  return ticket.deleted_at === null && ticket.status_category === 'solved'
}

/** Sets when a solved ticket is closed by itself, as the settings are now; of any other, clears it. */
export async function armClosing(tx: Tx, ticket: TicketRow): Promise<void> {
  const due_at = isClosable(ticket) ? closingTime(ticket, await getSettings(tx.db)) : null
  if (due_at === null) await clearTimer(tx, { kind: CLOSE, subject_id: ticket.id })
  else await setTimer(tx, { kind: CLOSE, subject_id: ticket.id, due_at })
}

/** When a solved ticket is closed unless something is said in it; null: never by itself. */
export function closingTime(
  ticket: Pick<TicketRow, 'solved_at' | 'public_last_message_at'>,
  { close_solved_after_days: days }: { close_solved_after_days: number },
): number | null {
  return days === 0 ? null : Math.max(ticket.solved_at ?? 0, ticket.public_last_message_at ?? 0) + days * DAY_MS
}

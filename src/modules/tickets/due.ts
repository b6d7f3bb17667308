import { fromTime } from '../../platform/codecs.ts'
import { invalidField } from '../../platform/problems.ts'
import { LATEST } from './ticket.ts'

/** When a ticket is due; null for never. One beyond all others would stand in line behind those that are never due: 422. */
export function readDue(due_at: string | null): number | null {
  const time = due_at === null ? undefined : fromTime(due_at)
  if (time !== undefined && time >= LATEST) throw invalidField('/due_at', 'too_late', 'Choose a time before the year 2200.')
  return time ?? null
}

import { defineProblem } from '../../platform/problems.ts'

/** A place in the log from which it cannot be followed without a gap. `position` is its end, `oldest` the place behind which it begins. */
export const CursorExpired = defineProblem(
  'cursor_expired',
  410,
  'The log cannot be followed from this position. Read what you hold anew, and go on from `position`.',
)

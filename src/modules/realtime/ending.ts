import { InternalError, InvalidToken, ShuttingDown } from '../../platform/http/problems.ts'
import type { Problem } from '../../platform/problems.ts'
import type { EndReason } from './live.ts'
import { SlowReader } from './problems.ts'

/** Says why a stream ends that its client did not end. */
export function problemOfEnd(reason: EndReason): Problem {
  switch (reason) {
    case 'signed_out':
      return InvalidToken({ detail: 'The session or the key has ended.' })
    case 'slow_reader':
      return SlowReader()
    case 'stopping':
      return ShuttingDown()
    case 'failed':
      return InternalError()
  }
}

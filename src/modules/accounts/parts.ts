import type { Clock } from '../../platform/clock.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import type { Secrets } from '../../platform/secrets.ts'
import type { AccessTokens } from './access-tokens.ts'
import type { Forget } from './actors.ts'
import type { Hasher } from './hashing.ts'
import type { Throttles } from './throttles.ts'

/** What the operations of the accounts work with. */
export interface Parts {
  clock: Clock
  cursors: Cursors
  secrets: Secrets
  hasher: Hasher
  tokens: AccessTokens
  throttles: Throttles
  forget: Forget
  sessionDays: number
}

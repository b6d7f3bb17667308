import { invalidField } from '../../platform/problems.ts'
import { commonPasswords } from './common-passwords.ts'

const SHORTEST = 10
const LONGEST = 256

/** Why a password may not be chosen; undefined when it may. */
export function faultOfPassword(password: string): 'too_short' | 'too_long' | 'too_common' | undefined {
  const { length } = Array.from(password)
  if (length < SHORTEST) return 'too_short'
  if (length > LONGEST) return 'too_long'
  return commonPasswords.has(password.normalize('NFKC').toLowerCase()) ? 'too_common' : undefined
}

const DETAILS = {
  too_short: `A password has at least ${SHORTEST} characters.`,
  too_long: `A password has at most ${LONGEST} characters.`,
  too_common: 'This password is among the most common ones. Choose another.',
}

/** Throws 422 at `/password` for a password that may not be chosen. */
export function requireGoodPassword(password: string): void {
  const fault = faultOfPassword(password)
  if (fault) throw invalidField('/password', fault, DETAILS[fault])
}

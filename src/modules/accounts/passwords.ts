import { foldEmail } from '../../platform/codecs.ts'
import { invalidField } from '../../platform/problems.ts'
import { commonPasswords } from './common-passwords.ts'

const SHORTEST = 10
const LONGEST = 256

/** Why a password may not be chosen; undefined when it may. */
export function faultOfPassword(
  password: string,
  email: string,
): 'too_short' | 'too_long' | 'too_common' | 'same_as_email' | undefined {
  const { length } = Array.from(password)
  if (length < SHORTEST) return 'too_short'
  if (length > LONGEST) return 'too_long'
  const folded = password.normalize('NFKC').toLowerCase()
  if (commonPasswords.has(folded)) return 'too_common'
  return foldEmail(password) === foldEmail(email) ? 'same_as_email' : undefined
}

const DETAILS = {
  too_short: `A password has at least ${SHORTEST} characters.`,
  too_long: `A password has at most ${LONGEST} characters.`,
  too_common: 'This password is among the most common ones. Choose another.',
  same_as_email: 'The password must not be the e-mail address.',
}

/** Throws 422 at `/password` for a password that may not be chosen. */
export function requireGoodPassword(password: string, email: string): void {
  const fault = faultOfPassword(password, email)
  if (fault) throw invalidField('/password', fault, DETAILS[fault])
}

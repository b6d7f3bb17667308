import type { Secrets } from '../../platform/secrets.ts'
import { isSameSecret } from '../../platform/secrets.ts'
import type { MailTokenRow } from './tables.ts'

/** What a token was mailed for. */
type MailPurpose = MailTokenRow['purpose'] | 'registration'

type Sealed = { id: string; created_at: number }

/** The token of a row: it derives from the row and BECKON_SECRET, and is kept nowhere. */
export function mailToken(secrets: Secrets, purpose: MailPurpose, { id, created_at }: Sealed): string {
  return `${id}.${secrets.seal(`mail:${purpose}`, id, created_at)}`
}

/** The id of the row that a token names; undefined for a text that is no token. */
export function idInMailToken(token: string): string | undefined {
  return /^((?:reg|mtk)_[0-9a-z]{5,26})\.[A-Za-z0-9_-]{26}$/.exec(token)?.[1]
}

/** Whether a text is the token of this row. */
export function isMailToken(
  secrets: Secrets,
  { token, purpose, row }: { token: string; purpose: MailPurpose; row: Sealed },
): boolean {
  return isSameSecret(token, mailToken(secrets, purpose, row))
}

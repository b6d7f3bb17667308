import type { Clock } from '../../platform/clock.ts'
import { isSameSecret, type Secrets } from '../../platform/secrets.ts'

/** Whose sight a link has: that of staff, that of the public side, or of an uploader whose file no message names yet. */
type LinkSide = 'staff' | 'requester' | 'uploader'

/** Links that open one attachment for a while, without a credential. */
export interface Links {
  sign(attachment_id: string, side: LinkSide): { token: string; expires_at: number }
  /** What a token opens; undefined for one that is expired, or not ours. */
  read(token: string): { attachment_id: string; side: LinkSide } | undefined
}

const letters: Readonly<Record<string, LinkSide>> = { s: 'staff', p: 'requester', u: 'uploader' }

/** Links are not stored: a keyed digest makes them. */
export function createLinks({ secrets, clock, seconds }: { secrets: Secrets; clock: Clock; seconds: number }): Links {
  const seal = (id: string, side: LinkSide, expires_at: number) => secrets.seal('attachment-links', id, side, expires_at)
  return {
    sign(attachment_id, side) {
      // Whole seconds, so that a page that asks twice in a moment has one address to keep.
      const expires_at = (Math.ceil(clock.now() / 1000) + seconds) * 1000
      const [letter = 's'] = Object.entries(letters).find(([, name]) => name === side) ?? []
      const token = [attachment_id, letter, (expires_at / 1000).toString(36), seal(attachment_id, side, expires_at)].join('.')
      return { token, expires_at }
    },
    read(token) {
      const [attachment_id = '', letter = '', until = '', given = ''] = token.split('.')
      const side = Object.hasOwn(letters, letter) ? letters[letter] : undefined
      const expires_at = Number.parseInt(until, 36) * 1000
      if (side === undefined || !Number.isSafeInteger(expires_at)) return undefined
      if (!isSameSecret(given, seal(attachment_id, side, expires_at))) return undefined
      // The text of a number may be written in several ways; only the one that was signed counts.
      if ((expires_at / 1000).toString(36) !== until || token.split('.').length !== 4 || expires_at <= clock.now())
        return undefined
      return { attachment_id, side }
    },
  }
}

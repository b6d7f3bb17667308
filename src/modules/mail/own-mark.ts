import { createHmac } from 'node:crypto'
import { isSameSecret, type Secrets } from '../../platform/secrets.ts'
import { toBase32 } from './base32.ts'

/** The header by which mail of this installation is known when it comes back. */
export const OWN_MARK = 'X-Beckon'

/** What stands in the header: the Message-ID of the mail, signed, so that nobody makes mail that passes for ours. */
export function ownMark(secrets: Pick<Secrets, 'key'>, header_id: string): string {
  const mac = createHmac('sha256', secrets.key('own-mail')).update(header_id).digest()
  return `1 ${toBase32(mac.subarray(0, 16))} ${header_id}`
}

/**
 * Reads the header `X-Beckon` of a mail that came in: the Message-ID that this installation gave it, or undefined where another
 * installation or a forger wrote the header.
 */
export function readOwnMark(secrets: Pick<Secrets, 'key'>, value: string): string | undefined {
  const [, header_id] = /^1\s+[0-9a-z]{26}\s+(<[^\s<>]{1,900}>)$/i.exec(value.trim()) ?? []
  if (header_id === undefined) return undefined
  return isSameSecret(value.trim().replaceAll(/\s+/g, ' '), ownMark(secrets, header_id)) ? header_id : undefined
}

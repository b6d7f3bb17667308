import { createHmac } from 'node:crypto'
import { isSameSecret } from '../../platform/secrets.ts'
import { toBase32 } from './base32.ts'

/** A generation of the secret that signs reply addresses and Message-IDs, named by a small number wherever it was used. */
export interface MailKey {
  id: number
  key: Buffer
}

/** Whom and what a reply address was made for. */
export interface ReplyParty {
  ticket_id: string
  user_id: string
}

/** What stands in a reply address; nothing of it is believed until `isSealed` says so. */
export interface ReplyToken {
  /** The address without the token. */
  address: string
  /** The number of the ticket. */
  number: number
  key_id: number
  mac: string
}

// RFC 5321 §4.5.3.1.1
const LOCAL_PART_MAX = 64
const MAC_LENGTH = 26
const TOKEN = /^(.+)\+([0-9a-z]{1,11})-([0-9a-z]{1,4})-([0-9a-z]{26})$/

/** The 128 bits that bind something to a ticket and a person, 26 characters. */
export function macOf({ key }: MailKey, purpose: string, ...parts: string[]): string {
  const digest = createHmac('sha256', key)
    .update(JSON.stringify([purpose, ...parts]))
    .digest()
  return toBase32(digest.subarray(0, 16))
}

/**
 * The address that a person answers to in a ticket: `name+NUMBER-KEY-MAC@domain`, subaddressing as in RFC 5233. Undefined where the
 * local part would be longer than mail allows.
 */
export function replyAddress(
  address: string,
  { ticket_id, user_id, number }: ReplyParty & { number: number },
  key: MailKey,
): string | undefined {
  const at = address.lastIndexOf('@')
  const token = `${number.toString(36)}-${key.id.toString(36)}-${macOf(key, 'reply', ticket_id, user_id)}`
  const local = `${address.slice(0, at)}+${token}`
  return local.length > LOCAL_PART_MAX ? undefined : `${local}${address.slice(at)}`
}

/** The token of a reply address, in whatever case it came back; undefined for any other address. */
export function readReplyAddress(address: string): ReplyToken | undefined {
  const folded = address.trim().toLowerCase()
  const at = folded.lastIndexOf('@')
  const [, name, number = '', key_id = '', mac = ''] = TOKEN.exec(folded.slice(0, at)) ?? []
  if (name === undefined || mac.length !== MAC_LENGTH) return undefined
  return { address: name + folded.slice(at), number: Number.parseInt(number, 36), key_id: Number.parseInt(key_id, 36), mac }
}

/** Whether a token was made for this ticket and this person, in a time that does not tell where it differs. */
export function isReplyTokenOf({ mac }: ReplyToken, { ticket_id, user_id }: ReplyParty, key: MailKey): boolean {
  return isSameSecret(mac, macOf(key, 'reply', ticket_id, user_id))
}

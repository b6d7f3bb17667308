import { isSameSecret } from '../../platform/secrets.ts'
import { type MailKey, macOf, type ReplyParty } from './reply-address.ts'

/** What stands in a Message-ID of ours; nothing of it is believed until `isMessageIdOf` says so. */
export interface SignedMessageId extends ReplyParty {
  outbound_mail_id: string
  key_id: number
  mac: string
}

const ID = '([0-9a-hjkmnp-tv-z]{26})'
const SIGNED = new RegExp(`^<?t${ID}\\.u${ID}\\.m${ID}\\.([0-9a-z]{1,4})-([0-9a-z]{26})@[^\\s<>@]+>?$`, 'i')

/**
 * The Message-ID (RFC 5322 §3.6.4) of a mail about a ticket to one person. It names all three and is signed, so that an answer is
 * known by its References; every attempt to send the mail has the same.
 */
export function signedMessageId(
  { ticket_id, user_id, outbound_mail_id }: ReplyParty & { outbound_mail_id: string },
  { domain, key }: { domain: string; key: MailKey },
): string {
  const mac = macOf(key, 'message-id', ticket_id, user_id, outbound_mail_id)
  return `<t${bare(ticket_id)}.u${bare(user_id)}.m${bare(outbound_mail_id)}.${key.id.toString(36)}-${mac}@${domain.toLowerCase()}>`
}

/** What a Message-ID of ours names; undefined for any other. */
export function readMessageId(text: string): SignedMessageId | undefined {
  const [, ticket, user, outbound, key_id, mac] = SIGNED.exec(text.trim()) ?? []
  if (!ticket || !user || !outbound || !key_id || !mac) return undefined
  return {
    ticket_id: `tkt_${ticket.toLowerCase()}`,
    user_id: `usr_${user.toLowerCase()}`,
    outbound_mail_id: `mail_${outbound.toLowerCase()}`,
    key_id: Number.parseInt(key_id.toLowerCase(), 36),
    mac: mac.toLowerCase(),
  }
}

/** Whether Beckon made this Message-ID, in a time that does not tell where it differs. */
export function isOurMessageId(id: SignedMessageId, key: MailKey): boolean {
  return isSameSecret(id.mac, macOf(key, 'message-id', id.ticket_id, id.user_id, id.outbound_mail_id))
}

function bare(id: string): string {
  return id.slice(id.indexOf('_') + 1)
}

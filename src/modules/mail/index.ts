import type { Ground, Module } from '../../platform/module.ts'
import { markOfMail, messageIdOf, senderIn } from './mail.ts'
import { createMailgun } from './mailgun.ts'
import type { DkimKey } from './mime.ts'
import { createPostOffice, type PostOffice } from './outgoing.ts'
import { outboxPages } from './pages.ts'
import { createSmtp } from './smtp.ts'
import type { Transport } from './transport.ts'
import './tables.ts'

export { purgeOutbox } from './commands/purge-outbox.ts'
export { redactMails } from './commands/redact-mails.ts'
export { retireMailKey, rotateMailKey } from './commands/rotate-mail-key.ts'
export { mailLoopTripped } from './events.ts'
export { createMailKeys, type MailKeys } from './keys.ts'
export type { Letter } from './letter.ts'
export { isOneAddress, messageIdOf, senderIn, toHeaderLine } from './mail.ts'
export { type MailTrouble, mendingOf } from './mending.ts'
export { isOurMessageId, readMessageId, type SignedMessageId, signedMessageId } from './message-id.ts'
export type { Outgoing, PostOffice } from './outgoing.ts'
export { OWN_MARK, readOwnMark } from './own-mark.ts'
export {
  findReferences,
  forgetReferences,
  headerKey,
  mailboxOfTicket,
  type Reference,
  referencesOf,
  rememberReference,
} from './references.ts'
export { isReplyTokenOf, type MailKey, type ReplyToken, readReplyAddress, replyAddress } from './reply-address.ts'
export { escapeHtml, renderTokenPage, type TokenPage, tokenPagePolicy } from './token-page.ts'
export type { Failure, Outcome } from './transport.ts'
export { toResponse } from './transport.ts'

/** A mail of accounts to one address. `key` names what it is about: two mails with the same key are the same mail. */
export interface Mail {
  key: string
  to: string
  subject: string
  text: string
  html: string | null
}

/** Sends a mail, or keeps it in the development outbox. Rejects when it could not be handed over: try again later. */
export type SendMail = (mail: Mail) => Promise<void>

/** How mail leaves. Without `url` it is kept in the development outbox. */
export interface MailSettings {
  url: string | undefined
  from: string
  /** How many connections to the mail server there may be. */
  connections: number
  /** Whether `/dev/outbox` may be shown at all: no mail server, on loopback, and no public address set. */
  outboxIsServed: boolean
  /** What signs the mail of a domain; undefined where nothing does. */
  dkimKeyOf: (domain: string) => Promise<DkimKey | undefined>
}

/** Mail leaves through here, called by reactions and workers: a mail server that is away delays mail, never an answer. */
export function createMail(
  ground: Ground,
  { url, from, connections, outboxIsServed, dkimKeyOf }: MailSettings,
): Module & { sendMail: SendMail; postOffice: PostOffice } {
  const { clock, log, secrets } = ground
  const transport = url === undefined ? undefined : openTransport({ url, connections })
  const postOffice = createPostOffice(ground, { transport, dkimKeyOf })
  const secret = secrets.key('mail')
  const sender = senderIn(from)
  return {
    routes: [],
    pages: outboxIsServed && transport === undefined ? outboxPages(ground) : [],
    reactions: [],
    postOffice,
    async sendMail({ key, to, subject, text, html }) {
      const mark = markOfMail(secret, key)
      const outcome = await postOffice.post({
        letter: { ...plain, from: sender, to: { name: '', address: to }, subject, text, html },
        header_id: messageIdOf(mark, from),
        outbox_id: `out_${mark}`,
        date: clock.now(),
      })
      if (outcome.kind !== 'accepted') throw new Error(`the mail was not taken: ${outcome.response}`)
      if (transport) log.info({ mail: mark }, 'mail handed over')
    },
  }
}

const plain = {
  ...{ reply_to: null, in_reply_to: null, references: [], list_unsubscribe: null },
  auto_submitted: 'auto-generated' as const,
  language: 'en',
}

function openTransport({ url, connections }: { url: string; connections: number }): Transport {
  return url.startsWith('mailgun:') ? createMailgun({ url, connections }) : createSmtp({ url, connections })
}

import type { Ground, Module } from '../../platform/module.ts'
import { keepMail } from './commands/keep-mail.ts'
import { markOfMail } from './mail.ts'
import { outboxPages } from './pages.ts'
import { createSmtp } from './smtp.ts'
import './tables.ts'

export { redactMails } from './commands/redact-mails.ts'
export { renderTokenPage, type TokenField, type TokenPage, tokenPagePolicy } from './token-page.ts'

/** A mail to one address. `key` names what it is about: two mails with the same key are the same mail. */
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
  /** Whether `/dev/outbox` may be shown at all: no mail server, on loopback, and no public address set. */
  outboxIsServed: boolean
}

/** Mail leaves through here, called by reactions: a mail server that is away delays mail, never an answer. */
export function createMail(
  ground: Ground,
  { url, from, outboxIsServed }: MailSettings,
): Module & {
  sendMail: SendMail
  /** Lets go of the connections to the mail server. */
  close(): void
} {
  const { clock, log, secrets, transact } = ground
  const smtp = url === undefined ? undefined : createSmtp({ url, from, clock })
  const secret = secrets.key('mail')
  return {
    routes: [],
    pages: outboxIsServed && smtp === undefined ? outboxPages(ground) : [],
    reactions: [],
    async sendMail({ key, ...mail }) {
      const letter = { mark: markOfMail(secret, key), ...mail }
      if (smtp === undefined) return transact((tx) => keepMail(tx, letter))
      await smtp.send(letter)
      log.info({ mail: letter.mark }, 'mail handed over')
    },
    close: () => smtp?.close(),
  }
}

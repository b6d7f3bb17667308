import type { Ground, Module } from '../../platform/module.ts'
import './tables.ts'

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

export function createMail(_ground: Ground, _settings: MailSettings): Module & { sendMail: SendMail } {
  return { routes: [], pages: [], reactions: [], sendMail: async () => {} }
}

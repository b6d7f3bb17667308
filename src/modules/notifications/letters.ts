import type { Reader } from '../../platform/database/schema.ts'
import type { MailboxRow } from '../mailboxes/index.ts'
import type { Kind, Side } from './choices.ts'
import { type Content, layOut } from './layout.ts'
import { fillIn } from './placeholders.ts'
import { chosenParts, type TemplatePart, templateParts } from './templates.ts'
import type { Wording } from './wording/wording.ts'
import { wordingFor } from './wordings.ts'

/** What of a message stands in a mail. */
export interface Quoted {
  text: string
  html: string
  files: readonly string[]
}

/** What a mail about a ticket is made of, once it is known who reads it and what he may know. */
export interface Draft {
  kind: Kind
  side: Side
  queue_id: string
  mailbox: Pick<MailboxRow, 'name' | 'signature'> | undefined
  /** The languages of the reader, the dearest first. */
  locales: readonly (string | null)[]
  values: (wording: Wording) => Promise<Record<string, string | undefined>>
  message: Quoted | null
  /** To an address that nobody proved: a fixed text. */
  is_unproven: boolean
  is_answerable: boolean
  unsubscribe_url: string | null
  /** Words that are tried out before they are kept. */
  tried?: Partial<Record<TemplatePart, string | null>>
}

/** Whether a mail of this kind says what somebody wrote. */
export function isQuoting(kind: Kind): boolean {
  return kind === 'reply' || kind === 'note' || kind === 'mentioned'
}

/** The subject and the bodies of a mail about a ticket, in the words of the desk where it has its own. */
export async function writeLetter(
  db: Reader,
  draft: Draft,
): Promise<{ subject: string; text: string; html: string; language: string }> {
  const wording = wordingFor(draft.locales)
  if (draft.is_unproven) return writeFixed(draft, wording)
  const rows = await db
    .selectFrom('mail_templates')
    .selectAll()
    .where('kind', '=', draft.kind)
    .where('queue_id', 'in', [draft.queue_id, '*'])
    .execute()
  const wanted = draft.locales.find((locale) => locale !== null) ?? wording.locale
  const { parts, locale } = chosenParts(rows, { queue_id: draft.queue_id, locale: wanted })
  for (const part of templateParts) parts[part] = draft.tried?.[part] ?? parts[part]
  const values = await draft.values(wording)
  const built = wording.kinds[draft.kind]
  const content: Content = {
    wording,
    language: locale ?? wording.locale,
    subject: fillIn(parts.subject ?? built.subject, values),
    is_answerable: draft.is_answerable,
    // Where somebody's message stands in it, that has a greeting of its own.
    greeting: fillIn(parts.greeting ?? (draft.message === null ? wording.greeting : ''), values),
    body: fillIn(parts.body ?? built.body, values),
    message: draft.message,
    groups: [],
    signature: fillIn(parts.signature ?? '', values) || (draft.mailbox?.signature ?? ''),
    unsubscribe_url: draft.unsubscribe_url,
  }
  return { subject: content.subject, language: content.language, ...layOut(content) }
}

/** Nothing in it was ever typed by somebody who writes to the desk, and nothing by an admin who may name such a thing. */
async function writeFixed(draft: Draft, wording: Wording) {
  const words = draft.kind === 'ticket_received' ? wording.unproven.received : wording.unproven.news
  const { 'ticket.number': number } = await draft.values(wording)
  const content: Content = {
    wording,
    language: wording.locale,
    subject: fillIn(words.subject, { 'ticket.number': number }),
    is_answerable: false,
    greeting: '',
    body: fillIn(words.body, { 'ticket.number': number }),
    message: null,
    groups: [],
    signature: draft.mailbox?.signature ?? '',
    unsubscribe_url: draft.unsubscribe_url,
  }
  return { subject: content.subject, language: content.language, ...layOut(content) }
}

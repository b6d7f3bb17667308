import { fromJson } from '../../platform/codecs.ts'
import type { Reader } from '../../platform/database/schema.ts'
import type { Secrets } from '../../platform/secrets.ts'
import { getSettings } from '../desk/index.ts'
import { findUser, type UserRow } from '../directory/index.ts'
import { type MailKeys, referencesOf, replyAddress } from '../mail/index.ts'
import { findMailbox, type MailboxRow } from '../mailboxes/index.ts'
import { findMessage, type SignedMessage } from '../messages/index.ts'
import type { Compose, Letter, OutboundMailRow } from '../sending/index.ts'
import { notifyOf, type SeenTicket, whoSees } from '../tickets/index.ts'
import { isForStaff, type Kind, kinds, type Side, wayOf } from './choices.ts'
import { isQuoting, writeLetter } from './letters.ts'
import { type KnownTicket, ticketOf } from './owed.ts'
import { preferencesOf, usualPreferences } from './preferences.ts'
import { type Subscription, unsubscribeToken } from './unsubscribe.ts'
import { valuesFor } from './values.ts'

/** What composing needs of the house. */
export interface Desk {
  keys: MailKeys
  secrets: Secrets
  publicUrl: string
  /** Where mail without a mailbox comes from. */
  from: { name: string; address: string }
  /** The files that go along with a message. */
  filesOf?: (db: Reader, message: SignedMessage) => Promise<NonNullable<Letter['attachments']>>
}

/** Writes the mails about tickets, as their recipients may see them at this moment. */
export function composeNotice(desk: Desk): Compose {
  return async (db, row) => {
    const kind = kinds.find((one) => one === row.kind)
    const found = kind && (await look(db, row, kind))
    if (!kind || !found) return { cancelled: 'unknown_kind' }
    if ('cancelled' in found) return found
    const { user, ticket, side, message, mailbox } = found
    const { unproven = false, cause } = fromJson<{ unproven?: boolean; cause?: string }>(row.content)
    const settings = await getSettings(db)
    const byMail = side === 'requester' || settings.agents_answer_by_mail === 1
    const reply_to = mailbox && byMail ? await replyToken(db, desk, { mailbox, ticket, user }) : null
    const unsubscribe_url = urlOf(desk, subscriptionOf(kind, { user, ticket, side }))
    const letter = await writeLetter(db, {
      kind,
      side,
      queue_id: ticket.queue_id,
      mailbox,
      locales: [user.locale, settings.mail_locale],
      values: async (wording) =>
        valuesFor(db, { ticket, side, user, mailbox, wording, actor_name: await actorName(db, { side, message, cause }) }),
      message: message && { text: message.body, html: message.body_html, files: message.attachments.map(({ name }) => name) },
      is_unproven: unproven,
      is_answerable: reply_to !== null && !unproven,
      unsubscribe_url,
    })
    const attachments = message && !unproven ? ((await desk.filesOf?.(db, message)) ?? []) : []
    return {
      ...letter,
      from: mailbox ? { name: mailbox.name, address: mailbox.address } : desk.from,
      reply_to,
      to: { name: unproven ? '' : user.name, address: row.to_address },
      ...(await threadOf(db, row, ticket.id)),
      auto_submitted: row.automatic === 0 && message?.author_role !== 'requester' ? 'no' : 'auto-generated',
      list_unsubscribe: unsubscribe_url === null ? null : { url: unsubscribe_url, mailto: null },
      ...(attachments.length > 0 ? { attachments } : {}),
    }
  }
}

interface Found {
  user: UserRow
  ticket: SeenTicket
  side: Side
  message: SignedMessage | null
  mailbox: MailboxRow | undefined
}

/** What a mail is about, as its recipient may see it now, or why it is owed no more. */
async function look(db: Reader, row: OutboundMailRow, kind: Kind): Promise<Found | { cancelled: string }> {
  const user = await findUser(db, row.user_id ?? '')
  if (user?.active !== 1) return { cancelled: 'recipient_gone' }
  if (user.email_key !== row.to_key) return { cancelled: 'address_changed' }
  const ticket = await ticketOf(db, row.ticket_id ?? '')
  if (!ticket) return { cancelled: 'ticket_gone' }
  const side = (await whoSees(db, ticket, [user.id])).get(user.id)?.view
  if (!side || (isForStaff(kind) && side !== 'staff')) return { cancelled: 'not_visible' }
  if (!(await isWanted(db, { kind, user, ticket, side }))) return { cancelled: 'unsubscribed' }
  const mailbox = row.mailbox_id === null ? undefined : await findMailbox(db, row.mailbox_id)
  if (!isQuoting(kind)) return { user, ticket, side, message: null, mailbox }
  const message = await findMessage(db, { id: ticket.id, view: side }, row.message_id ?? '')
  if (!message) return { cancelled: 'message_gone' }
  if (message.retracted_at !== null) return { cancelled: 'message_retracted' }
  return { user, ticket, side, message, mailbox }
}

async function isWanted(db: Reader, about: { kind: Kind; user: UserRow; ticket: KnownTicket; side: Side }): Promise<boolean> {
  const { kind, user, ticket, side } = about
  const { choices } = (await preferencesOf(db, [user.id])).get(user.id) ?? usualPreferences
  if (wayOf(kind, side, choices) === 'off') return false
  return (await notifyOf(db, ticket, [user.id])).get(user.id) !== 'none'
}

async function replyToken(
  db: Reader,
  { keys }: Desk,
  { mailbox, ticket, user }: { mailbox: MailboxRow; ticket: SeenTicket; user: UserRow },
): Promise<string> {
  if (mailbox.plus_addressing !== 1) return mailbox.address
  const party = { ticket_id: ticket.id, user_id: user.id, number: ticket.number }
  return replyAddress(mailbox.address, party, await keys.current(db)) ?? mailbox.address
}

/** Who wrote it; to staff also who did what the mail tells. */
async function actorName(
  db: Reader,
  { side, message, cause }: { side: Side; message: SignedMessage | null; cause: string | undefined },
): Promise<string | null> {
  if (message) return message.author_name ?? 'Beckon'
  if (side !== 'staff' || cause === undefined) return null
  const event = await db.selectFrom('events').select('actor_id').where('id', '=', cause).executeTakeFirst()
  return (await findUser(db, event?.actor_id ?? ''))?.name ?? null
}

/** What one click turns off: for whom the mail is by name, or whose request it is, that kind; for others the whole ticket. */
function subscriptionOf(kind: Kind, { user, ticket, side }: Pick<Found, 'user' | 'ticket' | 'side'>): Subscription | null {
  if (kind === 'reply' && ticket.requester_id === user.id && side === 'requester') return null
  return kind === 'reply' || kind === 'note'
    ? { user_id: user.id, what: { ticket_id: ticket.id } }
    : { user_id: user.id, what: { kind } }
}

export function urlOf({ publicUrl, secrets }: Pick<Desk, 'publicUrl' | 'secrets'>, subscription: Subscription): string
export function urlOf(
  { publicUrl, secrets }: Pick<Desk, 'publicUrl' | 'secrets'>,
  subscription: Subscription | null,
): string | null
export function urlOf(
  { publicUrl, secrets }: Pick<Desk, 'publicUrl' | 'secrets'>,
  subscription: Subscription | null,
): string | null {
  return subscription && `${publicUrl}/unsubscribe?token=${unsubscribeToken(secrets, subscription)}`
}

/**
 * Where a mail stands in its thread (RFC 5322 §3.6.4): it answers the last mail that came in, else follows the last that its recipient got.
 * Before that one, in the order in which they came: the first that he got, by which his program finds the thread, and what else led there.
 */
async function threadOf(
  db: Reader,
  row: OutboundMailRow,
  ticket_id: string,
): Promise<Pick<Letter, 'in_reply_to' | 'references'>> {
  const mine = db
    .selectFrom('outbound_mails')
    .select(['header_id as header', 'created_at'])
    .where('ticket_id', '=', ticket_id)
    .where('to_key', '=', row.to_key)
    .where('state', '=', 'sent')
    .where('id', '!=', row.id)
  const first = await mine.orderBy('created_at').orderBy('id').limit(1).execute()
  const last = await mine.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(1).execute()
  const foreign = (await referencesOf(db, ticket_id)).filter(({ direction }) => direction === 'in')
  const parent = foreign.at(-1) ?? last[0]
  if (!parent) return { references: [], in_reply_to: null }
  // What was owed in the very moment in which a mail came in was owed because of it.
  const sent = [...first, ...last].filter(({ created_at }) => created_at < parent.created_at)
  const before = [...foreign.slice(0, -1), ...sent].sort((a, b) => a.created_at - b.created_at)
  const chain = [...before.map(({ header }) => header), parent.header]
  return { references: chain.filter((id, i) => i === chain.lastIndexOf(id)), in_reply_to: parent.header }
}

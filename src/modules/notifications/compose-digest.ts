import type { Reader } from '../../platform/database/schema.ts'
import { getSettings } from '../desk/index.ts'
import { findUser, type UserRow } from '../directory/index.ts'
import { findMailbox } from '../mailboxes/index.ts'
import { findMessage } from '../messages/index.ts'
import type { Compose } from '../sending/index.ts'
import { whoSees } from '../tickets/index.ts'
import { isForStaff, type Kind, kinds } from './choices.ts'
import { type Desk, urlOf } from './compose.ts'
import { layOut } from './layout.ts'
import { ticketOf } from './owed.ts'
import { fillIn } from './placeholders.ts'
import type { DigestItemRow } from './tables.ts'
import type { Wording } from './wording/wording.ts'
import { wordingFor } from './wordings.ts'

// A mail in which more stands is read by nobody.
const MOST_TICKETS = 100

/** Writes the one mail in which everything stands that waited for it: by ticket, and only what its reader sees at this moment. */
export function composeDigest(desk: Desk): Compose {
  return async (db, row) => {
    const user = await findUser(db, row.user_id ?? '')
    if (user?.active !== 1) return { cancelled: 'recipient_gone' }
    if (user.email_key !== row.to_key) return { cancelled: 'address_changed' }
    const mailbox = row.mailbox_id === null ? undefined : await findMailbox(db, row.mailbox_id)
    const { mail_locale } = await getSettings(db)
    const wording = wordingFor([user.locale, mail_locale])
    const items = db.selectFrom('digest_items').selectAll().where('outbound_mail_id', '=', row.id).where('user_id', '=', user.id)
    const byTicket = Map.groupBy(await items.orderBy('id').execute(), ({ ticket_id }) => ticket_id)
    const groups: { title: string; lines: string[] }[] = []
    for (const [ticket_id, own] of [...byTicket].slice(0, MOST_TICKETS)) {
      const group = await groupOf(db, { ticket_id, items: own, user, wording })
      if (group) groups.push(group)
    }
    if (groups.length === 0) return { cancelled: 'nothing_left' }
    const unsubscribe_url = urlOf(desk, { user_id: user.id, what: { digests: true } })
    const values = { 'recipient.name': user.name, 'recipient.first_name': user.name.trim().split(/\s+/)[0] }
    const subject = fillIn(wording.digest.subject, values)
    const bodies = layOut({
      wording,
      language: wording.locale,
      subject,
      is_answerable: false,
      greeting: fillIn(wording.greeting, values),
      body: wording.digest.body,
      message: null,
      groups,
      signature: '',
      unsubscribe_url,
    })
    return {
      ...bodies,
      subject,
      language: wording.locale,
      from: mailbox ? { name: mailbox.name, address: mailbox.address } : desk.from,
      reply_to: null,
      to: { name: user.name, address: row.to_address },
      in_reply_to: null,
      references: [],
      auto_submitted: 'auto-generated',
      list_unsubscribe: { url: unsubscribe_url, mailto: null },
    }
  }
}

interface Grouped {
  ticket_id: string
  items: readonly DigestItemRow[]
  user: UserRow
  wording: Wording
}

/** What there is to tell of one ticket; undefined where nothing is left of it for this reader. */
async function groupOf(db: Reader, { ticket_id, items, user, wording }: Grouped) {
  const ticket = await ticketOf(db, ticket_id)
  const side = ticket && (await whoSees(db, ticket, [user.id])).get(user.id)?.view
  if (!ticket || !side) return undefined
  const lines: string[] = []
  for (const { kind: name, message_id } of items) {
    const kind = kinds.find((one) => one === name)
    if (!kind || (isForStaff(kind) && side !== 'staff')) continue
    const line = await lineOf(db, { kind, message_id, ticket: { id: ticket.id, view: side }, wording })
    if (line !== undefined && !lines.includes(line)) lines.push(line)
  }
  return lines.length === 0 ? undefined : { title: `#${ticket.number} ${ticket.subject}`, lines }
}

async function lineOf(
  db: Reader,
  about: { kind: Kind; message_id: string | null; ticket: { id: string; view: 'staff' | 'requester' }; wording: Wording },
): Promise<string | undefined> {
  const words = about.wording.items[about.kind]
  if (about.message_id === null) return fillIn(words, {})
  const message = await findMessage(db, about.ticket, about.message_id)
  if (!message || message.retracted_at !== null) return undefined
  return fillIn(words, { 'actor.name': message.author_name ?? 'Beckon' })
}

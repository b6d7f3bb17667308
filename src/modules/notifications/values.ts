import type { Reader } from '../../platform/database/schema.ts'
import { findQueue, isUsableQueue } from '../desk/index.ts'
import { findUser, type UserRow } from '../directory/index.ts'
import type { MailboxRow } from '../mailboxes/index.ts'
import type { SeenTicket } from '../tickets/index.ts'
import { publicStatus, statusOf } from '../workflow/index.ts'
import type { Side } from './choices.ts'
import type { Wording } from './wording/wording.ts'

/** What the placeholders of a mail stand for, as far as its reader may know. */
export async function valuesFor(
  db: Reader,
  about: {
    ticket: SeenTicket
    side: Side
    user: Pick<UserRow, 'name'>
    /** Who wrote, or did it; null where the reader is not to know. */
    actor_name: string | null
    mailbox: Pick<MailboxRow, 'name'> | undefined
    wording: Wording
  },
): Promise<Record<string, string | undefined>> {
  const { ticket, side, user, actor_name, mailbox, wording } = about
  const queue = await findQueue(db, ticket.queue_id)
  const isQueueKnown = queue && (side === 'staff' || (queue.public === 1 && isUsableQueue(queue)))
  const requester = await findUser(db, ticket.requester_id)
  return {
    'ticket.number': String(ticket.number),
    'ticket.subject': ticket.subject,
    'ticket.status': statusText(ticket, side, wording),
    'queue.name': isQueueKnown ? queue.name : undefined,
    'requester.name': requester?.name,
    'requester.first_name': firstWord(requester?.name),
    'recipient.name': user.name,
    'recipient.first_name': firstWord(user.name),
    'actor.name': actor_name ?? undefined,
    'mailbox.name': mailbox?.name,
  }
}

/** A status that the desk has named itself is called so; the usual ones are called what the language calls them. */
function statusText({ lifecycle, status, status_category }: SeenTicket, side: Side, { statuses }: Wording): string {
  const definition = statusOf(lifecycle, status)
  const shown = side === 'staff' ? status : publicStatus(definition)
  if (shown === status_category) return statuses[status_category]
  return side === 'staff' ? definition.label : (definition.requester_label ?? statuses[status_category])
}

function firstWord(name: string | undefined): string | undefined {
  return name?.trim().split(/\s+/)[0]
}

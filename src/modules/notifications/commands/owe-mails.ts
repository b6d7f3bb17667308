import { systemActor } from '../../../platform/actor.ts'
import { forUpdate } from '../../../platform/database/dialect.ts'
import { news } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { type MailKeys, mailLoopTripped, signedMessageId } from '../../mail/index.ts'
import { type MailboxRow, mailboxOfQueue } from '../../mailboxes/index.ts'
import { type OwedMail, queueMail } from '../../sending/index.ts'
import { changeTicket, findVisibleTicket } from '../../tickets/index.ts'
import { brokenBudget, isWithinUnproven, LOOP, type LoopScope, UNPROVEN } from '../budgets.ts'
import { isDecided, type Recipient, type Telling } from '../owed.ts'
import { endOfQuiet } from '../quiet-hours.ts'
import { keepForDigest } from './keep-for-digest.ts'

/** What a mail's Message-ID is made with. */
export interface Postmark {
  keys: MailKeys
  /** The domain of mail without a mailbox. */
  domain: string
}

/**
 * Writes down who is owed what for an act: a mail each, or an item of a digest. Twice is the same as once, because what somebody is
 * owed for an act goes by the act and him. What changes after it was decided is seen when the mail is written.
 */
export async function oweMails(tx: Tx, telling: Telling, postmark: Postmark): Promise<void> {
  // In the order of their ids, so that two acts never wait for each other. What is counted and set for each rests on this, and so does the
  // look whether another node has decided: it may have read other budgets and other wishes, and would owe the same in another way.
  const ids = telling.recipients.map(({ user }) => user.id)
  await forUpdate(tx.db, tx.db.selectFrom('users').select('id').where('id', 'in', ids).orderBy('id')).execute()
  if (await isDecided(tx.db, telling.act)) return
  const mailbox = await mailboxOfQueue(tx.db, telling.ticket.queue_id)
  const tripped: { scope: LoopScope; user_id: string }[] = []
  for (const recipient of telling.recipients) {
    const broken = await owe(tx, { telling, recipient, mailbox, postmark })
    if (broken) tripped.push({ scope: broken, user_id: recipient.user.id })
  }
  if (tripped.length > 0) await sayTripped(tx, { ticket_id: telling.ticket.id, tripped })
}

interface Owing {
  telling: Telling
  recipient: Recipient
  mailbox: MailboxRow | undefined
  postmark: Postmark
}

/** Writes what one person is owed; answers the loop budget that it broke first in its window. */
async function owe(tx: Tx, { telling, recipient, mailbox, postmark }: Owing): Promise<LoopScope | undefined> {
  const { ticket, act } = telling
  const { user, automatic } = recipient
  const mail = { to_key: user.email_key, ticket_id: ticket.id, mailbox_id: mailbox?.id ?? null }
  const item = { ...recipient, act_id: act.id, ticket_id: ticket.id }
  if (recipient.way === 'digest') {
    // A summary tells what others wrote: not to an address that nobody proved.
    if (recipient.is_proven) await keepForDigest(tx, item)
    return undefined
  }
  const isUnproven = automatic && !recipient.is_proven
  let suppressed: string | undefined
  let broken: Awaited<ReturnType<typeof brokenBudget>>
  if (isUnproven && !(await isWithinUnproven(tx.db, mail, tx.now))) suppressed = UNPROVEN
  else if (automatic) {
    broken = await brokenBudget(tx.db, mail, tx.now)
    // Staff loses nothing by it: the rest comes in one mail.
    if (broken && recipient.side === 'staff') return void (await keepForDigest(tx, item))
    if (broken) suppressed = `${LOOP}:${broken.scope}`
  }
  const row = await queueMail(tx, {
    ...owedMail(telling, recipient),
    suppressed,
    ...(await addressing(tx, { telling, recipient, mailbox, postmark })),
  })
  return row && broken?.is_first ? broken.scope : undefined
}

function owedMail({ act, ticket }: Telling, { user, kind, automatic, is_proven, ...owed }: Recipient) {
  return {
    key: `${act.id} ${user.id}`,
    kind,
    automatic,
    to: { user_id: user.id, address: user.email, address_key: user.email_key },
    ticket_id: ticket.id,
    message_id: owed.message_id,
    event_id: act.id,
    content: automatic && !is_proven ? { unproven: true } : { cause: owed.event_id },
  }
}

async function addressing(
  tx: Tx,
  { telling, recipient: { user, preferences }, mailbox, postmark }: Owing,
): Promise<Pick<OwedMail, 'mailbox_id' | 'send_after' | 'header_id'>> {
  const key = await postmark.keys.current(tx.db)
  const domain = mailbox ? mailbox.address.slice(mailbox.address.lastIndexOf('@') + 1) : postmark.domain
  const { quiet } = preferences
  return {
    mailbox_id: mailbox?.id ?? null,
    ...(quiet === null ? {} : { send_after: endOfQuiet(tx.now, quiet, user.time_zone ?? 'UTC') }),
    header_id: (outbound_mail_id) =>
      signedMessageId({ ticket_id: telling.ticket.id, user_id: user.id, outbound_mail_id }, { domain, key }),
  }
}

/** Tells, in the ticket, of each budget that was broken. */
async function sayTripped(
  tx: Tx,
  about: { ticket_id: string; tripped: readonly { scope: LoopScope; user_id: string }[] },
): Promise<void> {
  const ticket = await findVisibleTicket(tx.db, systemActor, about.ticket_id, 'for update')
  if (!ticket) return
  const announce = about.tripped.map(({ scope, user_id }) => {
    return news(mailLoopTripped, { visibility: 'internal', data: { scope, direction: 'out', user_id } })
  })
  await changeTicket(tx, systemActor, ticket, { set: {}, announce })
}

import { systemActor } from '../../../platform/actor.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import type { Secrets } from '../../../platform/secrets.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { isOurMessageId, isReplyTokenOf, type MailKeys, readMessageId, readOwnMark, readReplyAddress } from '../../mail/index.ts'
import { type Bounce, reportBounce } from '../../sending/index.ts'
import { findVisibleTicket } from '../../tickets/index.ts'
import { type ReadBounce, readBounce } from '../bounces.ts'
import { recipientsOf } from '../judging.ts'
import type { ParsedMail } from '../parsed-mail.ts'
import type { InboundMailRow } from '../tables.ts'
import { rememberStep } from './remember-step.ts'

interface Bounced {
  row: InboundMailRow
  mail: ParsedMail
  keys: MailKeys
  secrets: Pick<Secrets, 'key'>
}

type Named = Pick<Bounce, 'header_id' | 'outbound_mail_id'> & { by: string }

/**
 * A bounce tells how a mail of ours went, and does nothing else: it is no ticket, and one about a mail that we did not send changes
 * nothing.
 */
export async function applyBounce(tx: Tx, { row, mail, keys, secrets }: Bounced): Promise<void> {
  const bounce = readBounce(mail)
  // One mail of ours goes to one address: what a report says of others is about their mails.
  const [told] = bounce.recipients.toSorted((a, b) => Number(b.action === 'failed') - Number(a.action === 'failed'))
  const { address: recipient = null, action = 'failed', status = null, diagnostic = null } = told ?? {}
  for (const { by, ...named } of await namedBy(tx.db, { row, mail, bounce, keys, secrets })) {
    const id = await reportBounce(tx, { ...named, recipient, action, status, diagnostic })
    if (id === undefined) continue
    const { ticket_id, user_id } = await tx.db
      .selectFrom('outbound_mails')
      .select(['ticket_id', 'user_id'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    const step = { step: 'applied' as const, outbound_mail_id: id, by, action, status }
    return void (await rememberStep(tx, row, { state: 'applied', reason: 'bounce', ticket_id, user_id }, step))
  }
  const reason = 'bounce_of_no_mail_of_ours'
  await rememberStep(tx, row, { state: 'ignored', reason }, { step: 'applied', reason })
}

/** The mails of ours that a bounce names, the surest first: by our own field, by a Message-ID, by the reply address that it came to. */
async function namedBy(db: Reader, { row, mail, bounce, keys, secrets }: Bounced & { bounce: ReadBounce }): Promise<Named[]> {
  const named: Named[] = []
  for (const mark of bounce.marks) {
    const header_id = readOwnMark(secrets, mark)
    if (header_id !== undefined) named.push({ header_id, by: 'own_mark' })
  }
  for (const header_id of bounce.header_ids) {
    const id = readMessageId(header_id)
    const key = id && (await keys.find(db, id.key_id))
    if (id && key && isOurMessageId(id, key)) named.push({ outbound_mail_id: id.outbound_mail_id, by: 'signed_message_id' })
    // One that is signed by nobody: a mail of ours about no ticket has such an id.
    else if (!id) named.push({ header_id, by: 'message_id' })
  }
  for (const address of recipientsOf(row, mail)) {
    const outbound_mail_id = await lastMailAnsweredTo(db, address, keys)
    if (outbound_mail_id !== undefined) named.push({ outbound_mail_id, by: 'reply_address' })
  }
  return named
}

/** The last mail whose answers go to this address. */
async function lastMailAnsweredTo(db: Reader, address: string, keys: MailKeys): Promise<string | undefined> {
  const token = readReplyAddress(address)
  const key = token && (await keys.find(db, token.key_id))
  const ticket = token && (await findVisibleTicket(db, systemActor, String(token.number)))
  if (!token || !key || !ticket) return undefined
  const mails = db.selectFrom('outbound_mails').select(['id', 'user_id']).where('ticket_id', '=', ticket.id)
  const recent = await mails
    .where('user_id', 'is not', null)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(200)
    .execute()
  return recent.find(({ user_id }) => user_id !== null && isReplyTokenOf(token, { ticket_id: ticket.id, user_id }, key))?.id
}

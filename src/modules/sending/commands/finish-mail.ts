import { systemActor } from '../../../platform/actor.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { rememberReference } from '../../mail/index.ts'
import { isHardBounce } from '../bounce.ts'
import { mailBounced, mailFailed } from '../events.ts'
import type { OutboundMailRow } from '../tables.ts'
import { announceMail } from './announce-mail.ts'
import { suppressAddress } from './suppress-address.ts'

/** How a try of a mail ended. */
export type Ending = Pick<OutboundMailRow, 'state'> &
  Partial<Pick<OutboundMailRow, 'reason' | 'due_at' | 'smtp_code' | 'enhanced_code' | 'response'>> & {
    /** The Message-ID that the server put in the place of ours. */
    replaced_header_id?: string | undefined
  }

/** Writes down how a try ended. Only who still holds the lease may say so; answers whether it did. */
export async function finishMail(tx: Tx, mail: OutboundMailRow, { replaced_header_id, ...ending }: Ending): Promise<boolean> {
  const after: OutboundMailRow = {
    ...mail,
    ...{ reason: null, smtp_code: null, enhanced_code: null, response: null },
    ...ending,
    sent_at: ending.state === 'sent' ? tx.now : mail.sent_at,
    lease_token: null,
    updated_at: tx.now,
    version: mail.version + 1,
  }
  const { id: _id, ...written } = after
  const { numUpdatedRows } = await tx.db
    .updateTable('outbound_mails')
    .set(written)
    .where('id', '=', mail.id)
    .where('lease_token', '=', mail.lease_token)
    .executeTakeFirstOrThrow()
  if (Number(numUpdatedRows) === 0) return false
  await rememberSent(tx, after, replaced_header_id)
  await tell(tx, after)
  return true
}

/** What answers to a mail refer to is kept with its ticket. */
async function rememberSent(tx: Tx, mail: OutboundMailRow, replaced: string | undefined): Promise<void> {
  const { ticket_id, mailbox_id, message_id, user_id } = mail
  if (mail.state !== 'sent' || ticket_id === null) return
  for (const header of replaced === undefined ? [mail.header_id] : [mail.header_id, replaced])
    await rememberReference(tx, { header, mailbox_id, ticket_id, message_id, user_id, direction: 'out' })
}

async function tell(tx: Tx, mail: OutboundMailRow): Promise<void> {
  if (mail.state === 'failed') await announceMail(tx, mail, { event: mailFailed, data: { attempts: mail.attempts } })
  if (mail.state === 'bounced') await announceBounce(tx, mail)
}

/** Says that a mail came back, and sends nothing more to an address that does not exist. */
export async function announceBounce(tx: Tx, mail: OutboundMailRow, { isAddressed = true } = {}): Promise<void> {
  const is_hard = isAddressed && isHardBounce(mail)
  if (is_hard)
    await suppressAddress(tx, systemActor, {
      address: mail.to_address,
      reason: 'hard_bounce',
      detail: mail.response,
      outbound_mail_id: mail.id,
    })
  await announceMail(tx, mail, { event: mailBounced, data: { is_hard } })
}

import { createHash } from 'node:crypto'
import { toJson } from '../../../platform/codecs.ts'
import { insertIfAbsent } from '../../../platform/database/dialect.ts'
import { newId } from '../../../platform/ids.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { OutboundMailRow } from '../tables.ts'

/** A mail that is owed to one recipient. What it says is composed when it leaves: see `Compose`. */
export interface OwedMail {
  /** Names what is owed to whom, for ever: the same twice is one mail. */
  key: string
  kind: string
  /** Whether nobody in particular wrote it. What an agent writes is not automatic. */
  automatic: boolean
  to: { user_id: string | null; address: string; address_key: string }
  mailbox_id: string | null
  ticket_id: string | null
  message_id: string | null
  event_id: string | null
  /** Small facts that route; never a text that somebody wrote. */
  content?: Record<string, unknown>
  /** Not before, epoch milliseconds: for second thoughts. */
  send_after?: number
  /** Why it does not leave: it is kept as `suppressed`, for whoever looks. */
  suppressed?: string | undefined
  /** Its Message-ID, without which the mail would have another one on every try. */
  header_id(outbound_mail_id: string): string
}

/** Owes a mail; answers its row, or undefined where it was owed already. */
export async function queueMail(tx: Tx, owed: OwedMail): Promise<OutboundMailRow | undefined> {
  const id = newId('mail')
  const header_id = owed.header_id(id)
  const row: OutboundMailRow = {
    id,
    dedupe_key: createHash('sha256').update(owed.key).digest('hex'),
    kind: owed.kind,
    automatic: owed.automatic ? 1 : 0,
    mailbox_id: owed.mailbox_id,
    ticket_id: owed.ticket_id,
    message_id: owed.message_id,
    event_id: owed.event_id,
    user_id: owed.to.user_id,
    to_address: owed.to.address,
    to_key: owed.to.address_key,
    to_domain: owed.to.address_key.slice(owed.to.address_key.lastIndexOf('@') + 1),
    header_id,
    header_key: createHash('sha256').update(header_id).digest('hex'),
    content: toJson(owed.content ?? {}),
    state: owed.suppressed === undefined ? 'queued' : 'suppressed',
    reason: owed.suppressed ?? null,
    attempts: 0,
    due_at: Math.max(tx.now, owed.send_after ?? 0),
    lease_token: null,
    smtp_code: null,
    enhanced_code: null,
    response: null,
    sent_at: null,
    request_id: tx.request_id,
    created_at: tx.now,
    updated_at: tx.now,
    version: 1,
  }
  if (!(await insertIfAbsent(tx.db, 'outbound_mails', row))) return undefined
  tx.carryTrace(id)
  return row
}

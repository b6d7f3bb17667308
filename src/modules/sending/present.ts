import type { Static } from 'typebox'
import { toTime, toTimeOrNull } from '../../platform/codecs.ts'
import type { MessageDelivery } from '../messages/index.ts'
import type { MailDelivery } from './queries.ts'
import type * as shape from './schema.ts'
import type { OutboundMailRow, SuppressionRow } from './tables.ts'

/** A mail as staff see it. */
export function toOutboundMail(row: OutboundMailRow): Static<typeof shape.OutboundMail> {
  const { id, kind, user_id, ticket_id, message_id, mailbox_id, header_id, state, reason, attempts, version } = row
  return {
    ...{ id, object: 'outbound_mail', kind, to: row.to_address, user_id, ticket_id, message_id, mailbox_id, header_id },
    ...{ state, reason, attempts, next_attempt_at: nextAttemptAt(row) },
    ...{ smtp_code: row.smtp_code, enhanced_code: row.enhanced_code, response: row.response },
    sent_at: toTimeOrNull(row.sent_at),
    created_at: toTime(row.created_at),
    updated_at: toTime(row.updated_at),
    version,
  }
}

/** A mail as it is shown with the message that it brings. */
export function toMessageDelivery(row: MailDelivery): Static<typeof MessageDelivery> {
  const { id, user_id, state, reason, attempts, smtp_code, enhanced_code, response } = row
  return {
    ...{ id, user_id, to: row.to_address, state, reason, attempts, next_attempt_at: nextAttemptAt(row) },
    ...{ sent_at: toTimeOrNull(row.sent_at), smtp_code, enhanced_code, response },
  }
}

/** When a mail is tried next; null where it is under way, or has ended. */
export function nextAttemptAt({ state, due_at }: Pick<OutboundMailRow, 'state' | 'due_at'>): string | null {
  return state === 'queued' || state === 'deferred' ? toTime(due_at) : null
}

export function toSuppression(row: SuppressionRow): Static<typeof shape.Suppression> {
  const { id, address, reason, detail, outbound_mail_id, version } = row
  return {
    ...{ id, object: 'suppression', address, reason, detail, outbound_mail_id },
    created_at: toTime(row.created_at),
    updated_at: toTime(row.updated_at),
    version,
  }
}

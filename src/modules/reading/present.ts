import type { Static } from 'typebox'
import { toTimeOrNull } from '../../platform/codecs.ts'
import { type Receipt, receiptOf } from './mark.ts'
import type { Reading, ShownMark } from './queries.ts'
import type * as shape from './schema.ts'

/** A mark as a side of its ticket may know it. */
export function toReadMark(
  { ticket_id, user_id, name }: { ticket_id: string; user_id: string; name: string },
  shown: ShownMark | undefined,
): shape.ReadMark {
  return {
    object: 'read_mark',
    ticket_id,
    user_id,
    name,
    last_read_message_id: shown?.last_read_message_id ?? null,
    last_read_at: toTimeOrNull(shown?.last_read_at ?? null),
    last_delivered_message_id: shown?.last_delivered_message_id ?? null,
    last_delivered_at: toTimeOrNull(shown?.last_delivered_at ?? null),
  }
}

/** What has become of a message with somebody. */
export function toReceipt(
  { user_id, name, mark }: Reading,
  message: Parameters<typeof receiptOf>[1],
): Static<typeof shape.Receipt> {
  const { state, delivered_at, read_at }: Receipt = receiptOf(mark, message)
  return { user: { id: user_id, name }, state, delivered_at: toTimeOrNull(delivered_at), read_at: toTimeOrNull(read_at) }
}

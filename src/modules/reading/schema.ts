import { type Static, Type } from 'typebox'
import { listOf, named, nullable, PageQuery, strict, Time } from '../../platform/http/schemas.ts'
import { TicketParams } from '../tickets/index.ts'

const MessageId = Type.String({ pattern: '^msg_[0-9a-hjkmnp-tv-z]{26}$' })

const how = {
  last_read_message_id: nullable(
    Type.String({ description: 'The last message that has been read, of those that you see; what stands before it, too.' }),
  ),
  last_read_at: nullable({ ...Time, description: 'When that was said.' }),
  last_delivered_message_id: nullable(
    Type.String({ description: 'The last message that has reached the person, of those that you see.' }),
  ),
  last_delivered_at: nullable(Time),
}

export const ReadMark = named(
  'ReadMark',
  Type.Object({
    object: Type.Literal('read_mark'),
    ticket_id: Type.String(),
    user_id: Type.String(),
    name: Type.String(),
    ...how,
    unread_count: Type.Optional(
      Type.Integer({ description: 'In the answer to your own mark: how many messages you have not read.' }),
    ),
  }),
)
export type ReadMark = Static<typeof ReadMark>
export const ReadMarkList = listOf('ReadMarkList', ReadMark)

export const NewReadMark = named(
  'NewReadMark',
  strict({
    message_id: Type.Optional({ ...MessageId, description: 'Up to which message; without it up to the last that you see.' }),
    state: Type.Optional(
      Type.Enum(['read', 'delivered'], {
        type: 'string',
        default: 'read',
        description: '`delivered`: it has reached your device. `read`: you have seen it, too.',
      }),
    ),
  }),
)

export const Receipt = named(
  'Receipt',
  Type.Object({
    user: Type.Object({ id: Type.String(), name: Type.String() }),
    state: Type.Enum(['sent', 'delivered', 'read'], { type: 'string' }),
    delivered_at: nullable(Time),
    read_at: nullable(Time),
  }),
)
export const ReceiptList = listOf('ReceiptList', Receipt)

export const ReadingQuery = strict(PageQuery)
export const ReceiptParams = strict({
  ...TicketParams.properties,
  message: { ...MessageId, description: 'A message of this ticket.' },
})

/** What those hear who listen to a ticket when somebody reads on in it, or more reaches him. */
export const ReadFrame = Type.Object({
  type: Type.Literal('read'),
  ticket_id: Type.String(),
  user: Type.Object({ id: Type.String(), name: Type.String() }),
  last_read_message_id: nullable(Type.String()),
  last_read_at: nullable(Time),
  last_delivered_message_id: nullable(Type.String()),
})
export type ReadFrame = Static<typeof ReadFrame>

/** What one node tells the others. */
export const Told = Type.Object({
  ticket_id: Type.String(),
  staff: Type.Union([ReadFrame, Type.Null()]),
  requester: Type.Union([ReadFrame, Type.Null()]),
})
export type Told = Static<typeof Told>

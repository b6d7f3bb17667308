import { Type } from 'typebox'
import { IncludeTotal } from '../../platform/http/list.ts'
import { listOf, named, PageQuery, strict } from '../../platform/http/schemas.ts'
import { AttachmentIds } from '../attachments/index.ts'
import { Body, ImagesWanted, Message } from '../messages/index.ts'
import { TicketParams } from '../tickets/index.ts'

const ClientId = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: '^\\S(.*\\S)?$',
  description: 'Your own id of this message: posting it again answers the first one.',
})

export const MessageParams = strict({
  ...TicketParams.properties,
  message: Type.String({ pattern: '^msg_[0-9a-hjkmnp-tv-z]{26}$', description: 'A message of this ticket.' }),
})

export const MessageList = listOf('MessageList', Message)
export const NewMessageByRequester = strict({
  body: Body,
  visibility: Type.Optional(Type.Literal('public')),
  client_id: Type.Optional(ClientId),
  attachment_ids: Type.Optional(AttachmentIds),
})
export const NewMessage = named(
  'NewMessage',
  strict({
    body: Body,
    visibility: Type.Optional(Type.Enum(['public', 'internal'], { type: 'string' })),
    client_id: Type.Optional(ClientId),
    attachment_ids: Type.Optional(AttachmentIds),
  }),
)
export const MessageChanges = strict({ body: Body })
export const OneMessageQuery = strict({ images: ImagesWanted })
export const MessageQuery = strict({
  ...PageQuery,
  include: IncludeTotal,
  images: ImagesWanted,
  sort: Type.Optional(
    Type.Enum(['created_at', '-created_at'], { type: 'string', default: 'created_at', description: 'Oldest or newest first.' }),
  ),
})

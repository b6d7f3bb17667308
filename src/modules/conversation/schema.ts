import { Type } from 'typebox'
import { IncludeTotal } from '../../platform/http/list.ts'
import { listOf, named, PageQuery, strict } from '../../platform/http/schemas.ts'
import { AttachmentIds } from '../attachments/index.ts'
import { Body, ImagesWanted, Message, MessageRevision } from '../messages/index.ts'
import { TicketParams } from '../tickets/index.ts'

const ClientId = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: '^\\S(.*\\S)?$',
  description: 'Your own id of this message: posting it again answers the first one.',
})

const DraftVersion = Type.Integer({
  minimum: 1,
  description: 'The version of your draft in this ticket that you send: the draft goes with it, unless it was saved again since.',
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
  draft_version: Type.Optional(DraftVersion),
})
export const NewMessage = named(
  'NewMessage',
  strict({
    body: Body,
    visibility: Type.Optional(Type.Enum(['public', 'internal'], { type: 'string' })),
    client_id: Type.Optional(ClientId),
    attachment_ids: Type.Optional(AttachmentIds),
    draft_version: Type.Optional(DraftVersion),
  }),
)
export const OneMessageQuery = strict({ images: ImagesWanted })
export const MessageChangesByRequester = strict({ body: Body })
export const MessageChanges = {
  ...strict({
    body: Type.Optional(Body),
    visibility: Type.Optional(Type.Literal('internal', { description: 'Takes it from the public side, for good.' })),
  }),
  minProperties: 1,
}
export const RevisionList = listOf('MessageRevisionList', MessageRevision)
export const RevisionQuery = strict(PageQuery)
export const Redaction = strict({
  passage: Type.String({
    minLength: 2,
    maxLength: 1000,
    pattern: '\\S[\\s\\S]*\\S',
    description: 'What is to go, letter for letter as `body` has it: at least two characters that are no blanks.',
  }),
})
export const MessageQuery = strict({
  ...PageQuery,
  include: IncludeTotal,
  images: ImagesWanted,
  sort: Type.Optional(
    Type.Enum(['created_at', '-created_at'], { type: 'string', default: 'created_at', description: 'Oldest or newest first.' }),
  ),
})

import { Type } from 'typebox'
import { listOf, named, nullable, PageQuery, strict } from '../../platform/http/schemas.ts'
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

/** The last message that an author knows. */
export const ExpectedLastMessage = Type.Optional(
  nullable(
    Type.String({
      pattern: '^msg_[0-9a-hjkmnp-tv-z]{26}$',
      description:
        'The last message that you see, null where there is none: if another one is the last by now, nothing is written, and 409 `conversation_moved_on` names it. Notes that you may not see do not count.',
    }),
  ),
)

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
  expected_last_message_id: ExpectedLastMessage,
})
export const NewMessage = named(
  'NewMessage',
  strict({
    body: Body,
    visibility: Type.Optional(Type.Enum(['public', 'internal'], { type: 'string' })),
    client_id: Type.Optional(ClientId),
    attachment_ids: Type.Optional(AttachmentIds),
    draft_version: Type.Optional(DraftVersion),
    expected_last_message_id: ExpectedLastMessage,
  }),
)
export const OneMessageQuery = strict({
  images: ImagesWanted,
  include: Type.Optional(
    Type.Array(Type.Enum(['quoted'], { type: 'string' }), {
      maxItems: 1,
      description: '`quoted`: what a mail said beside the message.',
    }),
  ),
})
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
  include: Type.Optional(
    Type.Array(Type.Enum(['total', 'deliveries'], { type: 'string' }), {
      description:
        '`total`: say how many there are in all. `deliveries`: to whom each goes by mail and how far that is; only for who works on the ticket.',
    }),
  ),
  images: ImagesWanted,
  sort: Type.Optional(
    Type.Enum(['created_at', '-created_at'], { type: 'string', default: 'created_at', description: 'Oldest or newest first.' }),
  ),
})

import { Type } from 'typebox'
import { listOf, named, nullable, PageQuery, strict, Time } from '../../platform/http/schemas.ts'
import { BODY_MAX } from '../messages/index.ts'

const MessageId = Type.String({ pattern: '^msg_[0-9a-hjkmnp-tv-z]{26}$' })
const AttachmentId = Type.String({ pattern: '^att_[0-9a-hjkmnp-tv-z]{26}$' })
const aboutBase = 'The newest message that its author had read when he wrote it.'

export const Draft = named(
  'Draft',
  Type.Object({
    object: Type.Literal('draft'),
    ticket_id: Type.String(),
    body: Type.String(),
    visibility: Type.Enum(['public', 'internal'], { type: 'string', description: 'What it is to become: a reply or a note.' }),
    attachment_ids: Type.Array(Type.String()),
    lost_attachment_ids: Type.Array(Type.String(), {
      description: 'Those of them that cannot be sent: removed since, sent with another message, or found to be harmful.',
    }),
    last_message_id: nullable(Type.String({ description: aboutBase })),
    is_stale: Type.Boolean({
      description: 'The conversation has gone on since: there are new messages, or the ticket was merged.',
    }),
    new_message_count: Type.Integer({
      description: 'How many messages others have written since that you may see; retracted ones do not count.',
    }),
    created_at: Time,
    updated_at: Time,
    version: Type.Integer({ description: 'Plus one with every change, also when it is discarded and begun anew.' }),
  }),
)

export const DraftList = listOf('DraftList', Draft)
export const DraftQuery = strict(PageQuery)

const said = {
  body: Type.String({ maxLength: BODY_MAX, description: 'Markdown or plain text; empty only where there are attachments.' }),
  attachment_ids: Type.Optional(
    Type.Array(AttachmentId, {
      maxItems: 100,
      uniqueItems: true,
      description:
        'Your own uploads, which are kept as long as they stand in a draft. One that is lost may stay until you take it out.',
    }),
  ),
  last_message_id: Type.Optional({
    ...MessageId,
    description: `${aboutBase} Left out: as it was; with a new draft the newest that you see.`,
  }),
}
export const SavedDraft = named(
  'SavedDraft',
  strict({
    ...said,
    visibility: Type.Optional(Type.Enum(['public', 'internal'], { type: 'string', default: 'public' })),
  }),
)
export const SavedDraftByRequester = strict({ ...said, visibility: Type.Optional(Type.Literal('public')) })

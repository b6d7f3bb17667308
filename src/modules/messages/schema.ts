import { Type } from 'typebox'
import { named, nullable, Time } from '../../platform/http/schemas.ts'
import { Attachment } from '../attachments/index.ts'
import { BODY_MAX } from './text.ts'

/** What somebody writes. */
export const Body = Type.String({ minLength: 1, maxLength: BODY_MAX, pattern: '\\S', description: 'Markdown or plain text.' })

export const Message = named(
  'Message',
  Type.Object({
    id: Type.String(),
    object: Type.Literal('message'),
    ticket_id: Type.String(),
    author: Type.Object({
      id: Type.String(),
      name: Type.String(),
      kind: Type.Enum(['requester', 'agent', 'api_key', 'system'], { type: 'string' }),
    }),
    visibility: Type.Enum(['public', 'internal'], { type: 'string' }),
    body: Type.String({ description: 'Empty once the message was retracted.' }),
    body_html: Type.String({
      description:
        'What `body` says, safe to put into a page: Markdown without HTML; no script, no style; links with `rel`, and with the host beside them where their text is another address. Images are links, and those of attachments their words, unless you ask for `images`. A body that takes too long to read as Markdown is shown as plain text.',
    }),
    channel: Type.String(),
    attachments: Type.Array(Attachment, {
      description: 'Their `scan_state` may move without a new version of the message. None once a requester sees it retracted.',
    }),
    client_id: nullable(Type.String()),
    edited_at: nullable(Time),
    retracted_at: nullable(Time),
    redacted_at: nullable({ ...Time, description: 'When an admin last took a passage out of it.' }),
    created_at: Time,
    updated_at: Time,
    version: Type.Integer(),
  }),
)

export const MessageRevision = named(
  'MessageRevision',
  Type.Object({
    id: Type.String(),
    object: Type.Literal('message_revision'),
    message_id: Type.String(),
    body: Type.String({ description: 'What the message said in this version.' }),
    replaced_by: Type.Object({ type: Type.Enum(['user', 'api_key', 'system'], { type: 'string' }), id: Type.String() }),
    replaced_at: Time,
    version: Type.Integer({ description: 'The version of the message that said so.' }),
  }),
)

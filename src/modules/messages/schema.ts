import { Type } from 'typebox'
import { named, nullable, Time } from '../../platform/http/schemas.ts'
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
    body_html: Type.String({ description: 'Sanitised: no script, no image, no style.' }),
    channel: Type.String(),
    attachments: Type.Array(Type.Object({})),
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

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
    body_html: Type.String({ description: 'Sanitised: no script, no image, no style.' }),
    channel: Type.String(),
    attachments: Type.Array(Attachment, {
      description: 'Their `scan_state` may move without a new version of the message. None once a requester sees it retracted.',
    }),
    client_id: nullable(Type.String()),
    edited_at: nullable(Time),
    retracted_at: nullable(Time),
    created_at: Time,
    updated_at: Time,
    version: Type.Integer(),
  }),
)

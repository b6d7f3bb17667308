import { Type } from 'typebox'
import { named, nullable, Time } from '../../platform/http/schemas.ts'
import { Attachment } from '../attachments/index.ts'
import { BODY_MAX } from './text.ts'

/** What somebody writes. */
export const Body = Type.String({ minLength: 1, maxLength: BODY_MAX, pattern: '\\S', description: 'Markdown or plain text.' })

/** A mail that brings a message to somebody, and how far it is. */
export const MessageDelivery = named(
  'MessageDelivery',
  Type.Object({
    id: Type.String({ description: 'The mail: see `GET /v1/outbound-mails/{id}`.' }),
    user_id: nullable(Type.String()),
    to: Type.String(),
    state: Type.String({ description: 'As that of the mail: `queued`, `sending`, `sent`, `deferred`, `bounced` …' }),
    reason: nullable(Type.String()),
    attempts: Type.Integer(),
    next_attempt_at: nullable(Time),
    sent_at: nullable(Time),
    smtp_code: nullable(Type.Integer()),
    enhanced_code: nullable(Type.String()),
    response: nullable(Type.String({ description: 'What the mail server said last.' })),
  }),
)

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
    channel: Type.String({ description: 'How it came: `api`, or `mail`.' }),
    mail: nullable(
      Type.Object(
        {
          trust: Type.Enum(['verified', 'unverified', 'auto_reply'], {
            type: 'string',
            description:
              '`verified`: the domain of the sender vouches for it (DMARC). `unverified`: anybody may have written it. `auto_reply`: a machine did, out of office for one.',
          }),
          quoted: Type.Optional(
            nullable(
              Type.String({ description: 'What was cut off: the quote. Only with `include=quoted`; null where nothing was.' }),
            ),
          ),
        },
        { description: 'Of a message that came by mail; null of any other.' },
      ),
    ),
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
    deliveries: Type.Optional(
      Type.Array(MessageDelivery, {
        description:
          'With `include=deliveries`, for who works on the ticket: to whom it goes by mail, and how far that is. It moves without a new version of the message.',
      }),
    ),
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

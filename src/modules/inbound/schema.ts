import { type Static, Type } from 'typebox'
import { CreationQuery } from '../../platform/http/list.ts'
import { listOf, named, nullable, strict, Time } from '../../platform/http/schemas.ts'
import { inboundSources, inboundStates } from './tables.ts'

const text = { type: 'string' } as const

export const InboundMail = named(
  'InboundMail',
  Type.Object(
    {
      id: Type.String(),
      object: Type.Literal('inbound_mail'),
      state: Type.Enum([...inboundStates], {
        ...text,
        description:
          '`received`, `parsed` and `routed` are on their way; `applied`: it did something; `ignored`: rightly nothing; `quarantined` and `failed`: somebody has to look at it.',
      }),
      reason: nullable(Type.String({ description: 'Why it was ignored or put aside.' })),
      classification: nullable(Type.String({ description: 'What kind of mail it is.' })),
      source: Type.Enum([...inboundSources], { ...text, description: 'The door by which it came.' }),
      mailbox_id: nullable(Type.String()),
      header_id: nullable(
        Type.String({ description: 'Its Message-ID; where it has none, one made of its content, at `missing.invalid`.' }),
      ),
      from: nullable(Type.String({ description: 'Whom it says that it is from: not to be believed by itself.' })),
      subject: nullable(Type.String()),
      envelope_from: nullable(Type.String({ description: 'Empty for a bounce; null where the door does not know.' })),
      envelope_to: Type.Array(Type.String()),
      sent_at: nullable(Time),
      size: Type.Integer({ description: 'Bytes.' }),
      is_kept: Type.Boolean({ description: 'Whether its bytes are still there.' }),
      copies: Type.Integer({ description: 'How often it came: it is worked on once.' }),
      attempts: Type.Integer(),
      next_attempt_at: nullable(Time),
      last_error: nullable(Type.String()),
      ticket_id: nullable(Type.String()),
      message_id: nullable(Type.String()),
      user_id: nullable(Type.String({ description: 'Whose it was found to be.' })),
      explain: Type.Optional(
        Type.Array(Type.Record(Type.String(), Type.Unknown()), {
          description: 'Every step and decision, the first one first. Only of one mail.',
        }),
      ),
      received_at: Time,
      created_at: Time,
      updated_at: Time,
      version: Type.Integer(),
    },
    { description: 'A mail that came in, and what became of it.' },
  ),
)
export type InboundMail = Static<typeof InboundMail>

export const InboundMailList = listOf('InboundMailList', InboundMail)

export const InboundMailParams = strict({ inbound_mail: Type.String({ minLength: 1, maxLength: 100 }) })

export const InboundMailQuery = strict({
  ...CreationQuery,
  state: Type.Optional(Type.Array(Type.Enum([...inboundStates], text), { description: 'In one of these states.' })),
  source: Type.Optional(Type.Array(Type.Enum([...inboundSources], text), { description: 'By one of these doors.' })),
  mailbox_id: Type.Optional(Type.String({ maxLength: 100 })),
  ticket_id: Type.Optional(Type.String({ maxLength: 100 })),
  from: Type.Optional(Type.String({ maxLength: 320, description: 'The address that it says it is from.' })),
})

export const RawQuery = strict({
  mailbox: Type.Optional(
    Type.String({ minLength: 1, maxLength: 320, description: 'The mailbox that it came to: its id or its address.' }),
  ),
  to: Type.Optional(
    Type.Array(Type.String({ minLength: 3, maxLength: 320 }), {
      maxItems: 100,
      description: 'To whom it was sent, as the envelope says. Each mailbox among them gets it.',
    }),
  ),
  from: Type.Optional(Type.String({ maxLength: 320, description: 'Who sent it, as the envelope says; empty for a bounce.' })),
})

export const MailgunQuery = strict({
  as: Type.Optional(Type.Literal('mime', { description: 'Mailgun sends the mail as it is where the address ends in `mime`.' })),
})

export const Received = named(
  'ReceivedMail',
  Type.Object(
    {
      object: Type.Literal('received_mail'),
      mails: Type.Array(
        Type.Object({
          id: Type.String(),
          copy: Type.Boolean({ description: 'Whether it was there already.' }),
          mailbox_id: nullable(Type.String()),
        }),
      ),
    },
    { description: 'What a mail is kept as: one for each mailbox that it came to.' },
  ),
)
export type Received = Static<typeof Received>

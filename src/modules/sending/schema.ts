import { Type } from 'typebox'
import { CreationQuery } from '../../platform/http/list.ts'
import { listOf, named, nullable, strict, Time } from '../../platform/http/schemas.ts'
import { outboundStates } from './tables.ts'

const Address = Type.String({ minLength: 3, maxLength: 254, pattern: '^[^\\s@<>()\\[\\],;:\\\\"]+@[^\\s@<>()\\[\\],;:\\\\"]+$' })

export const OutboundMail = named(
  'OutboundMail',
  Type.Object({
    id: Type.String(),
    object: Type.Literal('outbound_mail'),
    kind: Type.String({ description: 'What it tells, as in the preferences.' }),
    to: Type.String(),
    user_id: nullable(Type.String()),
    ticket_id: nullable(Type.String()),
    message_id: nullable({ ...Type.String(), description: 'The message that it brings.' }),
    mailbox_id: nullable(Type.String()),
    header_id: Type.String({ description: 'Its Message-ID: the same on every attempt.' }),
    state: Type.Enum(outboundStates, {
      type: 'string',
      description:
        '`queued`: waits for its turn, or for second thoughts; `sending`; `sent`: a mail server has taken it; `deferred`: will be tried again; `bounced`: refused for good, or came back; `failed`: tried for five days; `suppressed`: its address gets no mail; `cancelled`: called back, or its reason has gone.',
    }),
    reason: nullable({
      ...Type.String(),
      description: 'Why it is in its state, in a word: `put_off`, `no_connection`, `refused` …',
    }),
    attempts: Type.Integer(),
    next_attempt_at: nullable({ ...Time, description: 'When it is tried (again); null where it is not.' }),
    smtp_code: nullable(Type.Integer({ description: 'What the mail server said last (RFC 5321).' })),
    enhanced_code: nullable(Type.String({ description: 'RFC 3463.' })),
    response: nullable(Type.String()),
    sent_at: nullable(Time),
    created_at: Time,
    updated_at: Time,
    version: Type.Integer(),
  }),
)
export const OutboundMailList = listOf('OutboundMailList', OutboundMail)
export const OutboundMailQuery = strict({
  ...CreationQuery,
  state: Type.Optional(
    Type.Array(Type.Enum(outboundStates, { type: 'string' }), { minItems: 1, maxItems: 8, description: 'Only in these states.' }),
  ),
  ticket_id: Type.Optional(Type.String({ pattern: '^tkt_[0-9a-hjkmnp-tv-z]{26}$', description: 'Only about this ticket.' })),
  message_id: Type.Optional(Type.String({ pattern: '^msg_[0-9a-hjkmnp-tv-z]{26}$', description: 'Only about this message.' })),
  to: Type.Optional({ ...Address, description: 'Only to this address.' }),
})
export const OutboundMailParams = strict({
  id: Type.String({ pattern: '^mail_[0-9a-hjkmnp-tv-z]{26}$', description: 'A mail that went out, or will.' }),
})

export const Suppression = named(
  'Suppression',
  Type.Object({
    id: Type.String(),
    object: Type.Literal('suppression'),
    address: Type.String(),
    reason: Type.Enum(['hard_bounce', 'complaint', 'manual'], {
      type: 'string',
      description: '`hard_bounce`: a mail server said that there is no such address.',
    }),
    detail: nullable({ ...Type.String(), description: 'What the mail server said, or what the admin noted.' }),
    outbound_mail_id: nullable({ ...Type.String(), description: 'The mail that came back.' }),
    created_at: Time,
    updated_at: Time,
    version: Type.Integer(),
  }),
)
export const SuppressionList = listOf('SuppressionList', Suppression)
export const SuppressionQuery = strict({
  ...CreationQuery,
  address: Type.Optional({ ...Address, description: 'Only this address.' }),
})
export const SuppressionParams = strict({
  id: Type.String({ pattern: '^sup_[0-9a-hjkmnp-tv-z]{26}$', description: 'An address that gets no mail.' }),
})
export const NewSuppression = named(
  'NewSuppression',
  strict({
    address: Address,
    detail: Type.Optional(nullable(Type.String({ maxLength: 500, description: 'Why, for your colleagues.' }))),
  }),
)

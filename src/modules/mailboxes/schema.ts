import { type Static, Type } from 'typebox'
import { CreationQuery } from '../../platform/http/list.ts'
import { listOf, named, nullable, strict, Time } from '../../platform/http/schemas.ts'
import { Id, Name } from '../directory/index.ts'

const id = (example: string) => Type.String({ examples: [example] })
const stamps = { created_at: Time, updated_at: Time, version: Type.Integer({ description: 'Plus one with every change.' }) }

const Address = Type.String({ format: 'email', maxLength: 254, examples: ['support@example.com'] })
const Host = Type.String({
  minLength: 1,
  maxLength: 253,
  // A name, an IPv4 address, or an IPv6 address.
  pattern: '^[A-Za-z0-9_.:-]+$',
  description: 'The name or the address of the mail server.',
  examples: ['imap.example.com'],
})
const Folder = { minLength: 1, maxLength: 255, pattern: '^\\P{Cc}+$' }
const OneLine = { minLength: 1, maxLength: 255, pattern: '^\\P{Cc}+$' }

const mailbox = {
  name: { ...Name, description: 'Who mail comes from: the name beside the address.' },
  queue_id: { ...Id, description: 'Where tickets from its mail go, and whose tickets it answers.' },
  signature: Type.String({ maxLength: 4000, description: 'Stands under every mail that leaves from it. Plain text.' }),
  enabled: Type.Boolean({ description: 'False: no mail is fetched, taken in or sent.' }),
  plus_addressing: Type.Boolean({
    description:
      'Whether mail to `support+anything@…` arrives in it (RFC 5233). True: answers come back to an address of their own, which says whose they are.',
  }),
  trusted_authserv_id: nullable(
    Type.String({
      maxLength: 255,
      pattern: '^[A-Za-z0-9_.:-]+$',
      description:
        'The name by which your mail server signs its `Authentication-Results` (RFC 8601): what it says of SPF, DKIM and DMARC is believed. Null: Beckon checks by itself.',
      examples: ['mx.example.com'],
    }),
  ),
}

const imap = {
  host: Host,
  port: Type.Integer({ minimum: 1, maximum: 65_535, description: 'Without it 993 with `implicit`, else 143.' }),
  security: Type.Enum(['implicit', 'starttls', 'none'], {
    type: 'string',
    description:
      '`implicit`: TLS from the first byte. `starttls`: refused where the server does not offer it. `none`: in clear text.',
  }),
  user: Type.String(OneLine),
  folder: Type.String({ ...Folder, description: 'Which folder is read.', examples: ['INBOX'] }),
  after: Type.String({
    maxLength: 260,
    pattern: '^(keep|seen|delete|move:\\P{Cc}+)$',
    description:
      'What becomes of a mail once it is safe here: `keep` leaves it as it is, `seen` marks it as read, `delete` deletes it, `move:FOLDER` moves it.',
    examples: ['seen'],
  }),
  since: nullable({
    ...Time,
    description:
      'Only mail that arrived there since then is taken in; null: all that lies in the folder. Without it: from now on.',
  }),
}
const password = Type.String({ minLength: 1, maxLength: 1000, description: 'Kept encrypted, and never shown.' })

const Imap = Type.Object(
  { ...imap, has_password: Type.Boolean({ description: 'False: it must be given before mail is fetched.' }) },
  { description: 'Where its mail is fetched from.' },
)

export const Mailbox = named(
  'Mailbox',
  Type.Object({
    id: id('mbx_01k9zz3c5pe6nrzv8d1a2b3c4d'),
    object: Type.Literal('mailbox'),
    address: Type.String(),
    ...mailbox,
    imap: nullable(Imap),
    ...stamps,
  }),
)
export type Mailbox = Static<typeof Mailbox>

export const MailboxList = listOf('MailboxList', Mailbox)
export const MailboxQuery = strict({
  ...CreationQuery,
  queue_id: Type.Optional(Id),
  enabled: Type.Optional(Type.Boolean()),
})

export const NewMailbox = named(
  'NewMailbox',
  strict({
    address: Address,
    name: mailbox.name,
    queue_id: Type.Optional({ ...Id, description: 'Where tickets from its mail go; without it the default queue.' }),
    signature: Type.Optional({ ...mailbox.signature, default: '' }),
    enabled: Type.Optional({ ...mailbox.enabled, default: true }),
    plus_addressing: Type.Optional({ ...mailbox.plus_addressing, default: true }),
    trusted_authserv_id: Type.Optional(mailbox.trusted_authserv_id),
    imap: Type.Optional(
      nullable(
        strict(
          {
            host: imap.host,
            port: Type.Optional(imap.port),
            security: Type.Optional({ ...imap.security, default: 'implicit' }),
            user: imap.user,
            password,
            folder: Type.Optional({ ...imap.folder, default: 'INBOX' }),
            after: Type.Optional({ ...imap.after, default: 'keep' }),
            since: Type.Optional(imap.since),
          },
          'Where its mail is fetched from. Without it mail comes by SMTP or LMTP, or is posted.',
        ),
      ),
    ),
  }),
)

export const MailboxPatch = named(
  'MailboxPatch',
  strict({
    address: Type.Optional(Address),
    name: Type.Optional(mailbox.name),
    queue_id: Type.Optional(mailbox.queue_id),
    signature: Type.Optional(mailbox.signature),
    enabled: Type.Optional(mailbox.enabled),
    plus_addressing: Type.Optional(mailbox.plus_addressing),
    trusted_authserv_id: Type.Optional(mailbox.trusted_authserv_id),
    imap: Type.Optional(
      nullable(
        strict(
          {
            host: Type.Optional(imap.host),
            port: Type.Optional(imap.port),
            security: Type.Optional(imap.security),
            user: Type.Optional(imap.user),
            password: Type.Optional(password),
            folder: Type.Optional(imap.folder),
            after: Type.Optional(imap.after),
            since: Type.Optional(imap.since),
          },
          'What is absent stays; null: mail is fetched no more. Where host, user or folder change, the folder is read from the start again, as far as `since` lets it.',
        ),
      ),
    ),
  }),
)

export const MailboxStatus = named(
  'MailboxStatus',
  Type.Object({
    object: Type.Literal('mailbox_status'),
    mailbox_id: Type.String(),
    state: Type.Enum(['off', 'waiting', 'reading', 'failing'], {
      type: 'string',
      description:
        '`off`: nothing is fetched. `waiting`: no node has begun. `reading`: one is connected. `failing`: it did not work the last time, and is tried again.',
    }),
    folder: nullable(Type.String()),
    last_uid: nullable(Type.Integer({ description: 'How far the folder has been read (RFC 9051 §2.3.1.1).' })),
    checked_at: nullable({ ...Time, description: 'When the folder was last looked at.' }),
    last_error: nullable(Type.String({ description: 'What went wrong, and how it is mended.' })),
  }),
)
export type MailboxStatus = Static<typeof MailboxStatus>

const Domain = Type.String({
  minLength: 3,
  maxLength: 253,
  pattern: '^(?=.{3,253}$)[^\\s.@/\\\\]{1,63}(\\.[^\\s.@/\\\\]{1,63})+$',
  examples: ['example.com'],
})
const Selector = Type.String({
  maxLength: 63,
  pattern: '^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$',
  description: 'The name of the key (RFC 6376 §3.1).',
  examples: ['beckon'],
})

export const SendingDomain = named(
  'SendingDomain',
  Type.Object({
    id: id('dom_01k9zz3c5pe6nrzv8d1a2b3c4d'),
    object: Type.Literal('sending_domain'),
    domain: Type.String(),
    selector: Type.String(),
    enabled: Type.Boolean({ description: 'Whether mail of the domain is signed.' }),
    dns: Type.Object(
      { name: Type.String({ examples: ['beckon._domainkey.example.com'] }), type: Type.Literal('TXT'), value: Type.String() },
      {
        description:
          'The record to publish in the DNS of the domain. Where one text may have 255 characters only, split the value.',
      },
    ),
    ...stamps,
  }),
)
export type SendingDomain = Static<typeof SendingDomain>

export const SendingDomainList = listOf('SendingDomainList', SendingDomain)
export const SendingDomainQuery = strict(CreationQuery)
export const NewSendingDomain = named(
  'NewSendingDomain',
  strict({
    domain: Domain,
    selector: Type.Optional({ ...Selector, default: 'beckon' }),
    enabled: Type.Optional(Type.Boolean({ default: true, description: 'False: mail is signed only once it is switched on.' })),
  }),
)
export const SendingDomainPatch = named('SendingDomainPatch', strict({ enabled: Type.Optional(Type.Boolean()) }))

export const SendingDomainCheck = named(
  'SendingDomainCheck',
  Type.Object({
    object: Type.Literal('sending_domain_check'),
    sending_domain_id: Type.String(),
    state: Type.Enum(['published', 'different', 'missing', 'unknown'], {
      type: 'string',
      description: 'Whether the DNS has the record of this key; `unknown`: the DNS did not answer.',
    }),
    found: Type.Array(Type.String(), { description: 'The TXT records that stand there, at most ten.' }),
  }),
)
export type SendingDomainCheck = Static<typeof SendingDomainCheck>

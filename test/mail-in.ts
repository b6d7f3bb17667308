import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createBringing } from '../src/modules/attachments/bringing.ts'
import type { Resolve } from '../src/modules/inbound/authentication.ts'
import { keepArrived } from '../src/modules/inbound/commands/keep-arrived.ts'
import type { ParsedMail } from '../src/modules/inbound/parsed-mail.ts'
import { createProcessing } from '../src/modules/inbound/processing.ts'
import type { InboundMailRow } from '../src/modules/inbound/tables.ts'
import { createMailKeys, type MailKey, replyAddress, signedMessageId } from '../src/modules/mail/index.ts'
import type { MailboxRow } from '../src/modules/mailboxes/tables.ts'
import { insertRow } from '../src/platform/database/prepared.ts'
import { openDiskStore } from '../src/platform/files/disk.ts'
import { newId } from '../src/platform/ids.ts'
import { createLog } from '../src/platform/log.ts'
import { createSecrets } from '../src/platform/secrets.ts'
import type { Desk } from './desk.ts'

/** The server whose `Authentication-Results` the mailboxes of a test trust. */
export const MX = 'mx.desk.example'

/** What a test says of a mail; everything else is as usual. */
export interface Written extends Partial<Omit<ParsedMail, 'from' | 'to' | 'cc'>> {
  from: string | ParsedMail['from']
  to?: string
  cc?: string[]
  /** Whether the mailbox's server says that the domain of `From` vouches for the mail. */
  aligned?: boolean
  envelope_from?: string | null
  raw?: Buffer
  source?: InboundMailRow['source']
}

/** The part of a desk to which mail comes, as it was read. */
export interface MailIn {
  mailbox(changes?: Partial<MailboxRow>): Promise<MailboxRow>
  /** Has a mail processed, and answers its row. */
  deliver(written: Written): Promise<InboundMailRow>
  /** The same mail once more. */
  replay(id: string, written: Written): Promise<InboundMailRow>
  /** The address that somebody answers to in a ticket. */
  addressFor(ticket: { id: string; number: number }, user: { id: string }): Promise<string>
  /** The Message-ID of a mail to somebody about a ticket. */
  messageIdFor(ticket: { id: string }, user: { id: string }, outbound_mail_id?: string): Promise<string>
  key(): Promise<MailKey>
  secrets: ReturnType<typeof createSecrets>
}

/** When no worker looks. */
const NEVER = Date.UTC(2199, 0)

let count = 0

/** A mail as the reader of mails hands it on. */
export function mailOf({ from, to = 'help@desk.example', cc = [], aligned = false, ...rest }: Written): ParsedMail {
  const author = typeof from === 'string' ? [{ name: '', address: from }] : from
  const domain = (author[0]?.address ?? '').split('@').at(-1) ?? ''
  const { envelope_from: _, raw: __, source: ___, ...given } = rest
  const text = given.text ?? 'It smokes.'
  const results = `${MX}; dmarc=${aligned ? 'pass' : 'fail'} header.from=${domain}`
  return {
    message_id: `<${++count}.${randomBytes(4).toString('hex')}@${domain || 'nowhere.example'}>`,
    in_reply_to: [],
    references: [],
    from: author,
    sender: null,
    reply_to: [],
    to: [{ name: '', address: to }],
    cc: cc.map((address) => ({ name: '', address })),
    delivered_to: [],
    return_path: null,
    subject: 'The printer',
    date: null,
    text,
    reply: text,
    quoted: null,
    html: null,
    reply_html: null,
    files: [],
    report: null,
    cut: [],
    ...given,
    headers: { 'authentication-results': [results], ...given.headers },
  }
}

/** Lets mail come in to a desk. */
export function openMailIn(t: TestContext, desk: Desk, resolve: Resolve = async () => []): MailIn {
  const secrets = createSecrets(randomBytes(32).toString('base64url'))
  const log = createLog({ level: 'silent', format: 'json' })
  const files = openDiskStore(join(desk.config.dataDir, 'attachments'))
  t.after(() => files.close())
  const limits = {
    limitBytes: desk.config.attachmentLimitBytes,
    allowedTypes: desk.config.attachmentAllowedTypes,
    deniedTypes: desk.config.attachmentDeniedTypes,
    perCaller: 1,
  }
  const { bring } = createBringing({ files, limits, isScanned: false })
  const { transact } = desk.app
  const process = createProcessing(
    { transact, database: desk.database, secrets, log },
    { bring, attachmentsPerMessage: desk.config.attachmentsPerMessage, resolve },
  )
  const keys = createMailKeys(secrets)
  const key = (): Promise<MailKey> => keys.current(desk.database.reader)

  const run = async (id: string, written: Written): Promise<InboundMailRow> => {
    const mail = mailOf(written)
    const row = await transact(async (tx) => {
      const from_address = mail.from[0]?.address || null
      const set = {
        lease_token: newId('lea'),
        state: 'parsed' as const,
        from_address,
        from_key: from_address?.toLowerCase() ?? null,
      }
      await tx.db
        .updateTable('inbound_mails')
        .set({ ...set, attempts: 1 })
        .where('id', '=', id)
        .execute()
      return tx.db.selectFrom('inbound_mails').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    })
    await process(row, mail, async () => written.raw ?? Buffer.alloc(0))
    return desk.database.reader.selectFrom('inbound_mails').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  }

  return {
    key,
    secrets,
    async mailbox(changes = {}) {
      const [queue] = await desk.query('select default_queue_id as id from settings')
      const address = changes.address ?? 'help@desk.example'
      const row: MailboxRow = {
        id: newId('mbx'),
        address,
        address_key: address,
        name: 'Help',
        queue_id: queue.id,
        signature: '',
        enabled: 1,
        plus_addressing: 1,
        trusted_authserv_id: MX,
        imap_host: null,
        imap_port: null,
        imap_security: null,
        imap_user: null,
        imap_password: null,
        imap_folder: null,
        imap_after: null,
        imap_since: null,
        created_at: desk.clock.now(),
        updated_at: desk.clock.now(),
        version: 1,
        ...changes,
      }
      await transact((tx) => insertRow(tx.db, 'mailboxes', row))
      return row
    },
    async deliver(written) {
      const mail = mailOf(written)
      const whole = { ...written, ...mail, to: written.to ?? 'help@desk.example', cc: written.cc ?? [] }
      const sha256 = createHash('sha256').update(randomBytes(16)).digest('hex')
      const { id } = await transact(async (tx) => {
        const kept = await keepArrived(tx, {
          source: written.source ?? 'http',
          source_ref: null,
          mailbox_id: null,
          envelope_from: written.envelope_from === undefined ? (mail.from[0]?.address ?? '') : written.envelope_from,
          envelope_to: [],
          storage_key: `${sha256}.x`,
          size: 1,
          sha256,
          fingerprint: {
            header_id: mail.message_id ?? `<${sha256}@made>`,
            has_header_id: mail.message_id !== null,
            sha256,
          } as never,
        })
        // The desk's own worker leaves it alone.
        await tx.db.updateTable('inbound_mails').set({ due_at: NEVER }).where('id', '=', kept.id).execute()
        return kept
      })
      return run(id, whole)
    },
    replay: run,
    addressFor: async (ticket, user) =>
      replyAddress('help@desk.example', { ticket_id: ticket.id, user_id: user.id, number: ticket.number }, await key()) ?? '',
    messageIdFor: async (ticket, user, outbound_mail_id = newId('mail')) =>
      signedMessageId({ ticket_id: ticket.id, user_id: user.id, outbound_mail_id }, { domain: 'desk.example', key: await key() }),
  }
}

import { once } from 'node:events'
import { hostname } from 'node:os'
import { SMTPServer, type SMTPServerAddress, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import { createLimiter } from '../../platform/http/rate-limit.ts'
import type { Ground } from '../../platform/module.ts'
import { Problem } from '../../platform/problems.ts'
import type { Receive } from '../inbound/index.ts'
import { findMailboxByAddress, type MailboxRow } from '../mailboxes/index.ts'
import { pour } from './pour.ts'
import { traceField } from './trace.ts'

/** Where to listen. */
export interface ListenAddress {
  host: string
  port: number
}

/** What a door is made of. */
export interface DoorParts {
  ground: Pick<Ground, 'database' | 'clock' | 'log'>
  receive: Receive
  /** How large a mail may be, our trace field included. */
  limitBytes: number
  /** LMTP instead of SMTP: an answer for each recipient (RFC 2033), and no limit on how often. */
  lmtp: boolean
  /** PEM; without it there is no STARTTLS. */
  tls: { key: string; cert: string } | undefined
  /** What this server calls itself. */
  name: string | undefined
  /** How many mails each address may hand over in a minute; 0 for any number. */
  mailsPerMinute: number
}

const CLIENTS_MAX = 500
const RECIPIENTS_MAX = 100
const STRANGERS_MAX = 20
const SILENCE_MS = 120_000
const CLOSE_MS = 3000
// Room for our own trace field.
const TRACE_BYTES = 2048

/** What the client of SMTP is told: a reply code, and a text with its enhanced code (RFC 3463). */
class Refusal extends Error {
  readonly responseCode: number
  constructor(responseCode: number, message: string) {
    super(message)
    this.responseCode = responseCode
  }
}

type Done = (error?: Error | null) => void

/**
 * Takes in mail for our mailboxes, and for nobody else: it relays nothing. 250 is said when the mail is synced and its row committed;
 * whatever stands in the way of that for a while is 4xx, so that the client keeps the mail and comes again.
 */
export async function openMailDoor(
  { host, port }: ListenAddress,
  parts: DoorParts,
): Promise<{ port: number; close(): Promise<void> }> {
  const { ground, receive, limitBytes, lmtp, tls } = parts
  const { log } = ground
  const name = parts.name ?? hostname()
  const limiter = createLimiter({ name: 'smtp', points: lmtp ? 0 : parts.mailsPerMinute, seconds: 60 })
  const strangers = new Map<string, number>()

  const server = new SMTPServer({
    lmtp,
    name,
    banner: 'Beckon',
    authOptional: true,
    disabledCommands: ['AUTH', 'VRFY', 'HELP', ...(tls ? [] : ['STARTTLS'])],
    ...(tls ?? {}),
    size: Math.max(1, limitBytes - TRACE_BYTES),
    rejectOversized: true,
    maxClients: CLIENTS_MAX,
    maxRecipients: RECIPIENTS_MAX,
    socketTimeout: SILENCE_MS,
    closeTimeout: CLOSE_MS,
    disableReverseLookup: true,
    logger: false,
    onMailFrom: (_, session, done) => void settle(done, () => admit(session)),
    onRcptTo: (address, session, done) => void settle(done, () => requireOurs(address, session)),
    onData: (stream, session, done) => void takeIn(stream, session).then((results) => done(null, results), done),
    onClose: (session) => void strangers.delete(session.id),
  })
  server.on('error', (err) => log.debug({ err }, 'a client of the mail server broke off'))

  const listener = server.listen(port, host)
  await once(listener, 'listening')
  const bound = listener.address()
  const open = { host, port: typeof bound === 'object' && bound !== null ? bound.port : port }
  log.info({ ...open, protocol: lmtp ? 'LMTP' : 'SMTP', starttls: tls !== undefined }, 'taking in mail')
  return {
    port: open.port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }

  async function admit({ remoteAddress }: SMTPServerSession): Promise<void> {
    try {
      await limiter.take(remoteAddress)
    } catch (error) {
      throw error instanceof Problem ? new Refusal(451, '4.7.1 Too much mail from this address, try again later') : error
    }
  }

  async function requireOurs({ address }: SMTPServerAddress, session: SMTPServerSession): Promise<void> {
    const mailbox = await mailboxOf(address)
    if (mailbox && mailbox.enabled === 0) throw new Refusal(450, '4.2.1 This mailbox is switched off, try again later')
    if (mailbox) return
    const count = (strangers.get(session.id) ?? 0) + 1
    strangers.set(session.id, count)
    if (count > STRANGERS_MAX) throw new Refusal(421, '4.7.0 Too many unknown recipients')
    throw new Refusal(550, '5.1.1 There is no such mailbox here')
  }

  async function mailboxOf(address: string): Promise<MailboxRow | undefined> {
    try {
      return await findMailboxByAddress(ground.database.reader, address)
    } catch (err) {
      log.warn({ err }, 'a recipient could not be looked up; the client comes again')
      throw new Refusal(451, '4.3.0 The recipient cannot be looked up now, try again later')
    }
  }

  /** Keeps the mail once for each mailbox, and answers for each recipient (LMTP), or throws what all are told. */
  async function takeIn(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<(string | Error)[]> {
    const recipients = session.envelope.rcptTo.map(({ address }) => address)
    const found = await Promise.all(recipients.map(mailboxOf)).catch((error) => {
      stream.resume()
      throw error
    })
    const groups = [...Map.groupBy(recipients, (_, i) => found[i]?.id ?? '')]
    const mailFrom = session.envelope.mailFrom
    const outcome = await pour(stream, {
      before: (i) => traceOf(session, groups[i]?.[1] ?? []),
      readers: groups.map(([mailbox_id, envelope_to]) => async (content) => {
        // Deleted since it was asked for.
        if (mailbox_id === '') throw new Refusal(550, '5.1.1 There is no such mailbox here')
        const envelope_from = mailFrom ? mailFrom.address : null
        return receive({ source: 'smtp', source_ref: null, mailbox_id, envelope_from, envelope_to, content })
      }),
    })
    const results = new Map(groups.map(([mailbox_id], i) => [mailbox_id, toReply(outcome[i])]))
    const replies = recipients.map((_, i) => results.get(found[i]?.id ?? '') ?? new Refusal(451, '4.3.0 Try again later'))
    if (lmtp) return replies
    // One answer for all: where one failed for a while, the mail comes again, and what is kept of it stays out.
    const failed = replies.filter((reply) => reply instanceof Refusal).sort((a, b) => a.responseCode - b.responseCode)[0]
    if (failed) throw failed
    return replies.slice(0, 1)
  }

  function traceOf(session: SMTPServerSession, recipients: readonly string[]): string {
    const { hostNameAppearsAs, remoteAddress, transmissionType, id } = session
    return traceField({
      helo: hostNameAppearsAs || 'unknown',
      address: remoteAddress,
      by: name,
      protocol: transmissionType,
      id: `${id}.${session.transaction}`,
      recipient: recipients.length === 1 ? (recipients[0] ?? null) : null,
      at: new Date(ground.clock.now()),
    })
  }

  function toReply(outcome: PromiseSettledResult<{ id: string }> | undefined): string | Refusal {
    if (outcome?.status === 'fulfilled') return `2.0.0 Kept as ${outcome.value.id}`
    const error: unknown = outcome?.reason
    if (error instanceof Refusal) return error
    if (error instanceof Problem && error.code === 'mail_too_large') return new Refusal(552, '5.3.4 The mail is too large')
    if (error instanceof Problem && error.statusCode === 507)
      return new Refusal(452, '4.3.1 There is no room now, try again later')
    log.warn({ err: error }, 'a mail could not be kept; the client comes again')
    return new Refusal(451, '4.3.0 The mail cannot be kept now, try again later')
  }
}

async function settle(done: Done, work: () => Promise<void>): Promise<void> {
  try {
    await work()
    done()
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)))
  }
}

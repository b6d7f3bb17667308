import { createTransport } from 'nodemailer'
import type { Clock } from '../../platform/clock.ts'
import { isOneAddress, messageIdOf, toHeaderLine } from './mail.ts'
import { isLoopback } from './policy.ts'

// Well under the lease of a delivery (120 s): a mail that still runs is never tried by another node.
const CONNECT_MS = 10_000
const SOCKET_MS = 20_000
const WHOLE_MS = 60_000

/** A mail as it goes out; `mark` names it. */
export interface Letter {
  mark: string
  to: string
  subject: string
  text: string
  html: string | null
}

/** A mail server. */
export interface Smtp {
  /** Hands a mail over; rejects unless the server took it. */
  send(letter: Letter): Promise<void>
  close(): void
}

/** Mail by SMTP: `smtp://` or `smtps://`, with nodemailer's options after `?` (`?tls.rejectUnauthorized=false`). */
export function createSmtp({ url, from, clock }: { url: string; from: string; clock: Clock }): Smtp {
  const { username, hostname } = new URL(url)
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: 3,
    // A connection that the server dropped while it was idle is replaced once; every other failure waits for its turn.
    maxRequeues: 1,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    dnsTimeout: CONNECT_MS,
    socketTimeout: SOCKET_MS,
    // A password never goes over the network in clear text, unless the URL says `?requireTLS=false`.
    requireTLS: username !== '' && !isLoopback(hostname.replace(/^\[(.*)\]$/, '$1')),
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    close: () => transport.close(),
    async send({ mark, to, subject, text, html }) {
      if (!isOneAddress(to)) throw new Error('the address of a mail is not one address')
      await transport.sendMail({
        messageId: messageIdOf(mark, from),
        date: new Date(clock.now()),
        from,
        to: { name: '', address: to },
        subject: toHeaderLine(subject),
        text,
        ...(html === null ? {} : { html }),
        // RFC 3834 §5: nobody's automaton answers it.
        headers: { 'Auto-Submitted': 'auto-generated' },
        signal: AbortSignal.timeout(WHOLE_MS),
      })
    },
  }
}

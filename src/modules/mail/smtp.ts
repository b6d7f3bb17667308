import { parseConnectionUrl } from 'nodemailer/lib/shared'
import type { Options } from 'nodemailer/lib/smtp-connection'
import { isLoopback } from './policy.ts'
import { openSession, type Session, type SmtpPatience } from './smtp-session.ts'
import type { Outcome, RawMail, Transport } from './transport.ts'

const CONNECT_MS = 10_000
const PATIENCE: SmtpPatience = { sendMs: 120_000, answerMs: 600_000 }
const IDLE_MS = 30_000
// Some servers close a connection after so many.
const MAILS_PER_SESSION = 100

/**
 * Mail by SMTP, over connections that are kept open for a while: `smtp://` or `smtps://`, with nodemailer's options after `?`
 * (`?tls.rejectUnauthorized=false`), and `sendTimeout` and `socketTimeout` in milliseconds for `SmtpPatience`.
 */
export function createSmtp({ url, connections }: { url: string; connections: number }): Transport {
  const { options, auth, patience } = readUrl(url)
  const idle: { session: Session; timer: NodeJS.Timeout }[] = []
  const busy = new Set<Session>()
  const waiting: (() => void)[] = []
  let taken = 0

  const enter = async (): Promise<void> => {
    if (taken < connections) taken++
    else await new Promise<void>((resolve) => waiting.push(resolve))
  }
  const leave = (): void => {
    const next = waiting.shift()
    if (next) next()
    else taken--
  }
  const takeIdle = (): Session | undefined => {
    for (;;) {
      const kept = idle.pop()
      if (!kept) return undefined
      clearTimeout(kept.timer)
      if (kept.session.isOpen()) return kept.session
    }
  }
  const keep = (session: Session): void => {
    if (session.sent >= MAILS_PER_SESSION) session.close()
    if (!session.isOpen()) return
    const timer = setTimeout(() => {
      idle.splice(idle.indexOf(kept), 1)
      session.close()
    }, IDLE_MS)
    timer.unref()
    const kept = { session, timer }
    idle.push(kept)
  }
  const through = async (session: Session, mail: RawMail) => {
    busy.add(session)
    const sent = await session.deliver(mail).finally(() => busy.delete(session))
    keep(session)
    return sent
  }

  return {
    connections,
    async send(mail): Promise<Outcome> {
      await enter()
      try {
        const used = takeIdle()
        if (used) {
          const { outcome, isSafeToRepeat } = await through(used, mail)
          // A connection that the server had dropped while it was idle costs no mail a try.
          if (!isSafeToRepeat) return outcome
        }
        const session = await openSession(options, { auth, patience, signal: mail.signal })
        if ('kind' in session) return session
        return (await through(session, mail)).outcome
      } finally {
        leave()
      }
    },
    close: () => {
      for (const { session, timer } of idle.splice(0)) {
        clearTimeout(timer)
        session.close()
      }
      for (const session of busy) session.close()
    },
  }
}

function readUrl(url: string): { options: Options; auth: object | undefined; patience: SmtpPatience } {
  const { username, hostname } = new URL(url)
  const { auth, sendTimeout, socketTimeout, ...given } = parseConnectionUrl(url) as Options & {
    auth?: object
    sendTimeout?: number
  }
  const options = {
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    dnsTimeout: CONNECT_MS,
    // A password never goes over the network in clear text, unless the URL says `?requireTLS=false`.
    requireTLS: username !== '' && !isLoopback(hostname.replace(/^\[(.*)\]$/, '$1')),
    ...given,
  }
  return { options, auth, patience: { sendMs: sendTimeout ?? PATIENCE.sendMs, answerMs: socketTimeout ?? PATIENCE.answerMs } }
}

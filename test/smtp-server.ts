import { createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { SMTPServer } from 'smtp-server'
import { type TakenMail, toTaken } from './mail-server.ts'

/** What a mail server does to a mail, or to a connection. */
export type Fault =
  /** Says nothing, not even hello. */
  | 'hangs'
  /** Says hello, and nothing to a recipient. */
  | 'hangs-at-recipient'
  | 'closes-at-once'
  /** Is not available, to anybody. */
  | '421'
  | '421-at-recipient'
  /** Not now (greylisting). */
  | '451'
  /** No such user. */
  | '550'
  /** Does not like what it says. */
  | '554-after-data'
  /** Has read the mail to its end, and hangs up without a word; keeps nothing. */
  | 'drops-after-data'
  /** Takes every mail, and says so one byte a second: `slowness` milliseconds here. */
  | 'one-byte-a-second'
  /** Talks no TLS where it should. */
  | 'broken-tls'
  /** Says that it can STARTTLS, and cannot. */
  | 'broken-starttls'
  | 'slow-recipient'

/** A mail server on this machine that goes wrong as it is told. */
export interface FaultServer {
  port: number
  /** `smtp://127.0.0.1:…` with short patience. */
  url: string
  /** What was taken, as the server said it took it. */
  taken: TakenMail[]
  /** Every mail that came whole, taken or not. */
  seen: TakenMail[]
  connections(): number
  close(): Promise<void>
}

interface Faults {
  /** For whole connections. */
  ofConnections?: () => Fault | undefined
  /** For mails, by their recipient. */
  ofMails?: (recipient: string) => Fault | undefined
  port?: number
  slowMs?: number
  /** Told of each mail that was taken, before the answer to it goes out. */
  onTaken?: (mail: TakenMail) => void
  keeps?: boolean
}

/** Opens a mail server with faults, closed when the test ends. */
export async function openFaultServer(t: Pick<TestContext, 'after'>, faults: Faults = {}): Promise<FaultServer> {
  const { ofConnections = () => undefined, ofMails = () => undefined, slowMs = 1000, onTaken = () => {}, keeps = true } = faults
  const taken: TakenMail[] = []
  const seen: TakenMail[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  let trickling = false

  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    hideSMTPUTF8: true,
    disableReverseLookup: true,
    closeTimeout: 20,
    onRcptTo: async ({ address }, _session, done) => {
      const fault = ofMails(address)
      if (fault === 'hangs-at-recipient') return
      if (fault === 'slow-recipient') await wait(slowMs)
      done(refusals[fault ?? ''])
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        const to = rcptTo.map(({ address }) => address)
        const mail = toTaken(Buffer.concat(chunks).toString('utf8'), { from: mailFrom ? mailFrom.address : '', to })
        if (keeps) seen.push(mail)
        const fault = ofMails(to[0] ?? '')
        if (fault === 'drops-after-data') return drop(session.remotePort)
        if (fault === '554-after-data') return done(answer(554, '5.7.1 This looks like spam'))
        if (keeps) taken.push(mail)
        onTaken(mail)
        done()
      })
    },
  })
  smtp.on('error', () => {})
  await new Promise<void>((listening) => smtp.listen(0, '127.0.0.1', listening))
  const inner = portOf(smtp.server)
  const drop = (port: number | undefined): void => {
    for (const socket of sockets) if (innerPorts.get(socket) === port) socket.destroy()
  }
  const innerPorts = new Map<Socket, number | undefined>()

  // The faults of whole connections happen in front of the server, on plain sockets.
  const { connect } = await import('node:net')
  const front = createServer((socket) => {
    connections++
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      innerPorts.delete(socket)
    })
    const fault = ofConnections()
    trickling = fault === 'one-byte-a-second'
    if (fault === 'hangs') return
    if (fault === 'closes-at-once') return void socket.destroy()
    if (fault === 'broken-tls') return void socket.end('220 no TLS here\r\n')
    if (fault === '421') return void socket.end('421 4.3.2 Shutting down\r\n')
    const behind = connect(inner, '127.0.0.1')
    behind.on('error', () => socket.destroy())
    behind.on('close', () => socket.end())
    behind.on('connect', () => innerPorts.set(socket, behind.localPort))
    socket.on('close', () => behind.destroy())
    if (fault === 'broken-starttls') return breakStarttls(socket, behind)
    socket.pipe(behind)
    if (trickling) trickle(behind, socket, slowMs)
    else behind.pipe(socket)
  })
  front.on('error', () => {})
  await new Promise<void>((listening) => front.listen(faults.port ?? 0, '127.0.0.1', listening))
  const port = portOf(front)
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise<void>((closed) => void front.close(() => closed()))
    await new Promise<void>((closed) => void smtp.close(() => closed()))
  }
  let closing: Promise<void> | undefined
  const closeOnce = (): Promise<void> => (closing ??= close())
  t.after(closeOnce)
  return {
    port,
    url: `smtp://127.0.0.1:${port}?connectionTimeout=400&greetingTimeout=400&sendTimeout=1500`,
    taken,
    seen,
    connections: () => connections,
    close: closeOnce,
  }
}

function answer(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode })
}

const refusals: Partial<Record<string, Error>> = {
  '421-at-recipient': answer(421, '4.4.2 Too many mails for that domain'),
  '451': answer(451, '4.7.1 Greylisted, come back later'),
  '550': answer(550, '5.1.1 No such user'),
}

function portOf(server: { address(): unknown }): number {
  return (server.address() as { port: number }).port // listens on a port, not on a pipe
}

function breakStarttls(socket: Socket, behind: Socket): void {
  behind.on('data', (data: Buffer) => socket.write(data.toString('latin1').replace(/^250 /m, '250-STARTTLS\r\n250 ')))
  socket.on('data', (data: Buffer) => {
    if (/^STARTTLS/i.test(data.toString('latin1'))) socket.write('220 Go ahead\r\nthis is no TLS\r\n')
    else behind.write(data)
  })
}

function trickle(from: Socket, to: Socket, everyMs: number): void {
  let rest: Promise<unknown> = Promise.resolve()
  from.on('data', (data: Buffer) => {
    for (const byte of data)
      rest = rest.then(async () => {
        await wait(everyMs)
        if (!to.destroyed) to.write(Buffer.of(byte))
      })
  })
}

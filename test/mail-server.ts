import type { TestContext } from 'node:test'
import { SMTPServer } from 'smtp-server'

/** A mail as the server got it. */
export interface TakenMail {
  from: string
  to: string[]
  /** The whole source. */
  text: string
  /** The value of a header, unfolded. */
  header(name: string): string | undefined
}

/** A real mail server on this machine. */
export interface MailServer {
  url: string
  taken: TakenMail[]
  refused: TakenMail[]
  /** Refuses the next mail for now, after it was sent whole. */
  refuseNext(): void
  dropConnections(): void
  /** How many connections there have been. */
  connections(): number
}

/** Opens a mail server that is closed when the test ends. */
export async function openMailServer(t: TestContext, { port = 0 }: { port?: number } = {}): Promise<MailServer> {
  const taken: TakenMail[] = []
  const refused: TakenMail[] = []
  let refusals = 0
  let connections = 0
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 20,
    onConnect: (_session, done) => {
      connections++
      done()
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom ? mailFrom.address : ''
        const to = rcptTo.map(({ address }) => address)
        const mail = toTaken(Buffer.concat(chunks).toString('utf8'), { from, to })
        if (refusals > 0) {
          refusals--
          refused.push(mail)
          done(Object.assign(new Error('Try again later'), { responseCode: 451 }))
        } else {
          taken.push(mail)
          done()
        }
      })
    },
  })
  server.on('error', () => {})
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(port, '127.0.0.1', resolve)
  await promise
  t.after(() => new Promise<void>((closed) => server.close(closed)))
  const address = server.server.address() as { port: number } // listens on a port, not on a pipe

  return {
    url: `smtp://127.0.0.1:${address.port}`,
    taken,
    refused,
    refuseNext: () => {
      refusals++
    },
    dropConnections: () => {
      for (const connection of server.connections) connection.close()
    },
    connections: () => connections,
  }
}

/** A mail as it was read from the network. */
export function toTaken(text: string, envelope: { from: string; to: string[] }): TakenMail {
  const head = text.slice(0, text.indexOf('\r\n\r\n')).replaceAll(/\r\n[ \t]+/g, ' ')
  const lines = head.split('\r\n').map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  const headers = new Map(lines)
  return { ...envelope, text, header: (name) => headers.get(name.toLowerCase()) }
}

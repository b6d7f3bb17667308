import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

/** A mail server that is read by IMAP (RFC 3501): one account with an empty INBOX, in clear text, on this machine. */
export interface ImapServer {
  port: number
  /** The commands that came, without their tags. */
  commands: string[]
}

/** Opens a server that knows one user, closed when the test ends. */
export async function openImapServer(t: TestContext, account: { user: string; password: string }): Promise<ImapServer> {
  const commands: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    socket.write('* OK [CAPABILITY IMAP4rev1 IDLE UIDPLUS] ready\r\n')
    let rest = ''
    socket.on('data', (data: Buffer) => {
      const lines = (rest + data.toString('latin1')).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const [tag = '', ...words] = line.split(' ')
        commands.push(words.join(' '))
        const { untagged = [], result = 'OK done' } = answer(words, account)
        socket.write([...untagged.map((one) => `* ${one}`), `${tag} ${result}`, ''].join('\r\n'))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, commands } // it listens on a port
}

function answer(
  [verb = '', ...rest]: string[],
  { user, password }: { user: string; password: string },
): { untagged?: string[]; result?: string } {
  switch (verb.toUpperCase()) {
    case 'CAPABILITY':
      return { untagged: ['CAPABILITY IMAP4rev1 IDLE UIDPLUS'] }
    case 'LOGIN':
      return rest.join(' ').replaceAll('"', '') === `${user} ${password}` ? {} : { result: 'NO [AUTHENTICATIONFAILED] no' }
    case 'NAMESPACE':
      return { untagged: ['NAMESPACE (("" "/")) NIL NIL'] }
    case 'LIST':
    case 'LSUB':
      return { untagged: [`${verb.toUpperCase()} () "/" INBOX`] }
    case 'EXAMINE':
    case 'SELECT':
      return rest.join(' ').replaceAll('"', '') === 'INBOX'
        ? {
            untagged: ['0 EXISTS', '0 RECENT', 'FLAGS (\\Seen)', 'OK [UIDVALIDITY 1] ok', 'OK [UIDNEXT 1] ok'],
            result: 'OK [READ-ONLY] done',
          }
        : { result: 'NO [NONEXISTENT] no such folder' }
    case 'LOGOUT':
      return { untagged: ['BYE'] }
    default:
      return {}
  }
}

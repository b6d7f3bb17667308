import { createServer, type Server, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

/** A scanner that speaks clamd's INSTREAM, and finds the word VIRUS. */
export interface TestClamd {
  url: string
  /** How many files it was asked about. */
  asked(): number
  /**
   * Until it is told otherwise it breaks off, says at the end that too much came, or says so at once and hangs up, finds clean what it has not seen yet, says what nobody
   * understands, or talks without end.
   */
  be(mood: 'well' | 'away' | 'overwhelmed' | 'abrupt' | 'hasty' | 'garbled' | 'babbling'): void
}

export async function openClamd(t: TestContext): Promise<TestClamd> {
  let mood: Parameters<TestClamd['be']>[0] = 'well'
  let asked = 0
  const server: Server = createServer((socket) => {
    socket.on('error', () => {}) // whoever asked has hung up
    if (mood === 'away') socket.destroy()
    else {
      asked++
      answer(socket, mood).catch(() => socket.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('it does not listen')
  return {
    url: `tcp://127.0.0.1:${address.port}`,
    asked: () => asked,
    be: (next) => {
      mood = next
    },
  }
}

const TOO_LARGE = 'INSTREAM size limit exceeded. ERROR\0'

async function answer(socket: Socket, mood: Parameters<TestClamd['be']>[0]): Promise<void> {
  if (mood === 'hasty') return void socket.end('stream: OK\0')
  if (mood === 'garbled') return void socket.end('\xff\xfe stream: OK or not\0')
  if (mood === 'babbling')
    for (;;) await new Promise((resolve, reject) => socket.write('b'.repeat(65_536), (e) => (e ? reject(e) : resolve(0))))
  let [seen, length] = [Buffer.alloc(65_536), 0]
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    if (mood === 'abrupt') return void socket.end(TOO_LARGE, () => socket.destroy())
    if (length + chunk.length > seen.length) seen = Buffer.concat([seen], 2 * (length + chunk.length))
    length += chunk.copy(seen, length)
    const content = contentOf(seen.subarray(0, length))
    if (content === undefined) continue
    if (mood === 'overwhelmed') return void socket.end(TOO_LARGE)
    return void socket.end(content.includes('VIRUS') ? 'stream: Test.Virus FOUND\0' : 'stream: OK\0')
  }
}

/** What was sent, once its end has come. */
function contentOf(seen: Buffer): string | undefined {
  const command = 'zINSTREAM\0'
  if (seen.toString('latin1', 0, command.length) !== command) return undefined
  const parts: Buffer[] = []
  for (let at = command.length; at + 4 <= seen.length; ) {
    const length = seen.readUInt32BE(at)
    if (length === 0) return Buffer.concat(parts).toString('latin1')
    parts.push(seen.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return undefined
}

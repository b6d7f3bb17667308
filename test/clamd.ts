import { createServer, type Server, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

/** A scanner that speaks clamd's INSTREAM, and finds the word VIRUS. */
export interface TestClamd {
  url: string
  /** How many files it was asked about. */
  asked(): number
  /** Lets it break off, or say that what comes is too large, until it is told otherwise. */
  be(mood: 'well' | 'away' | 'overwhelmed'): void
}

export async function openClamd(t: TestContext): Promise<TestClamd> {
  let mood: Parameters<TestClamd['be']>[0] = 'well'
  let asked = 0
  const server: Server = createServer((socket) => {
    if (mood === 'away') socket.destroy()
    else {
      asked++
      answer(socket, mood === 'overwhelmed').catch(() => socket.destroy())
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

async function answer(socket: Socket, isTooLarge: boolean): Promise<void> {
  let seen = Buffer.alloc(0)
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    seen = Buffer.concat([seen, chunk])
    const content = contentOf(seen)
    if (content === undefined) continue
    if (isTooLarge) return void socket.end('INSTREAM size limit exceeded. ERROR\0')
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

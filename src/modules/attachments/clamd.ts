import { connect, type Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { Verdict } from './commands/record-scan.ts'

/** Looks for what is harmful in a file. Throws when it cannot be asked, and may later. */
export type Scan = (content: Readable) => Promise<Verdict>

const SILENCE_MS = 60_000
const LONGEST_ANSWER = 4096
const CHUNK_BYTES = 1024 * 1024

/** Asks a clamd by INSTREAM: at `tcp://127.0.0.1:3310`, or `unix:/run/clamav/clamd.ctl`. Nothing is unpacked here, and no file is named. */
export function clamdScanner(url: string): Scan {
  return async (content) => {
    const socket = open(url)
    try {
      const answer = readAnswer(socket)
      // Told of by the answer's own failure.
      answer.catch(() => {})
      await write(socket, Buffer.from('zINSTREAM\0'))
      const sending = send(content, socket).then(() => true)
      const isWhole = await Promise.race([sending, answer.then(() => false)]).catch(async (reason) => {
        // Whoever has seen enough answers, and reads no further.
        if (content.errored || (await answer.catch(() => '')) === '') throw reason
        return false
      })
      const verdict = verdictOf(await answer)
      if (verdict.scan_state === 'clean' && !isWhole) throw new Error('clamd says that it is clean before it has all')
      return verdict
    } finally {
      content.destroy()
      socket.destroy()
    }
  }
}

function open(url: string): Socket {
  const { protocol, hostname, port, pathname } = new URL(url)
  const socket =
    protocol === 'unix:' ? connect(decodeURIComponent(pathname)) : connect(Number(port || 3310), hostname.replace(/^\[|\]$/g, ''))
  return socket.setTimeout(SILENCE_MS, () => socket.destroy(new Error('clamd is silent')))
}

async function send(content: Readable, socket: Socket): Promise<void> {
  for await (const chunk of content as AsyncIterable<Buffer>)
    for (let at = 0; at < chunk.length; at += CHUNK_BYTES) {
      const part = chunk.subarray(at, at + CHUNK_BYTES)
      await write(socket, Buffer.concat([lengthOf(part.length), part]))
    }
  await write(socket, lengthOf(0))
}

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes)
  return length
}

function write(socket: Socket, data: Buffer): Promise<void> {
  return new Promise((resolve, reject) => socket.write(data, (error) => (error ? reject(error) : resolve())))
}

/** What it says up to the end of it, whether it hangs up then or not. */
function readAnswer(socket: Socket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let text = ''
  // By its events: read as a stream, what came is lost when the connection breaks.
  socket.on('data', (chunk) => {
    text += String(chunk)
    if (text.includes('\0')) resolve(text.slice(0, text.indexOf('\0')).trim())
    else if (text.length > LONGEST_ANSWER) reject(new Error('clamd talks without end'))
  })
  socket.on('error', reject)
  socket.on('close', () => reject(new Error('clamd broke off')))
  return promise
}

function verdictOf(answer: string): Verdict {
  const [, signature] = /^stream: (.{1,200}) FOUND$/.exec(answer) ?? []
  if (signature !== undefined) return { scan_state: 'infected', signature }
  if (answer === 'stream: OK') return { scan_state: 'clean', signature: null }
  // Larger than it takes: asked again, it would say the same.
  if (/size limit exceeded/i.test(answer)) return { scan_state: 'failed', signature: null }
  throw new Error(`clamd says: ${answer.slice(0, 200)}`)
}

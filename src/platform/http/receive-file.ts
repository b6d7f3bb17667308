import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { Busboy, type BusboyFileStream } from '@fastify/busboy'
import { invalidField, Problem } from '../problems.ts'
import { BadRequest, MalformedForm, RequestTimeout, UnsupportedMediaType } from './problems.ts'

/** A file that is on its way in. */
interface IncomingFile {
  /** As its sender calls it: never to be used as a path. */
  name: string | undefined
  /** What its sender says that it is: not to be believed. */
  declared_type: string
  content: Readable
}

/**
 * Takes the one file of the request's form. `take` reads the content to its end and answers what it made of it, which is handed to
 * `undo` when something behind the file makes the whole request wrong.
 */
export type Receive = <T>(steps: Steps<T>) => Promise<T>

interface Steps<T> {
  /** Throws where a request of this length is not worth beginning, before anything of it is read. */
  requireFits?(length: number | undefined): void
  take(file: IncomingFile): Promise<T>
  undo(taken: T): Promise<void>
}

/** The one part that a form for uploads has. */
export const FILE_PART = 'file'

// So much must come in every such time: less is a client that only holds the place.
const LEAST_BYTES = 65_536
const BUFFER_BYTES = 262_144
// So much may stand around the file: lines of the form, and what the parser still holds of the file itself.
const AROUND_BYTES = 1_048_576
// A client that is refused while it still sends gets so long to read why.
const LINGER_MS = 5000

/** Reads a multipart/form-data request (RFC 7578) with one file, as it comes, in flat memory. */
export async function receiveFile<T>(
  request: IncomingMessage,
  { stallSeconds, onBegin }: { stallSeconds: number; onBegin: () => void },
  { requireFits, take, undo }: Steps<T>,
): Promise<T> {
  requireFits?.(lengthOf(request))
  const parser = openParser(request)
  const { promise: whole, resolve, reject } = Promise.withResolvers<void>()
  let content: BusboyFileStream | undefined
  let taking: Promise<T> | undefined

  parser.on('file', (part, stream, ...about) => {
    const [name, , declared_type] = about
    // What nobody listens to would end the process.
    stream.on('error', reject)
    if (taking || part !== FILE_PART) {
      stream.resume()
      return reject(unknownPart(part, taking !== undefined))
    }
    content = stream
    const begun = take({ name, declared_type, content: stream })
    begun.catch(reject)
    taking = begun
  })
  parser.on('field', (part) =>
    reject(
      part === FILE_PART
        ? invalidField(`/${FILE_PART}`, 'not_a_file', 'This part must be a file: give it a filename.')
        : unknownPart(part, false),
    ),
  )
  parser.on('finish', resolve)
  parser.on('error', (error) => reject(malformed(error)))
  const onClose = (): void => {
    if (!request.complete) reject(BadRequest({ detail: 'The request broke off.' }))
  }
  request.once('close', onClose)
  request.once('error', onClose)
  const watch = watchProgress(request, {
    stallSeconds,
    onStall: () => reject(RequestTimeout({ detail: 'The upload stalled.' })),
    onMore: (before) => {
      // What stands before and after the parts is passed over, and could go on for ever.
      if (before - (content?.bytesRead ?? 0) > AROUND_BYTES)
        reject(MalformedForm({ detail: 'There is too much around the file.' }))
    },
  })
  onBegin()
  request.pipe(parser)
  try {
    await whole
    if (!taking) throw invalidField(`/${FILE_PART}`, 'required', 'is required')
    return await taking
  } catch (error) {
    request.unpipe(parser)
    content?.destroy(error instanceof Error ? error : new Error(String(error)))
    const failed: unknown = await taking?.then(undo).then(
      () => undefined,
      (reason) => reason,
    )
    // Whoever stops reading ends the stream, which only says that it was ended: what counts is why.
    if (failed instanceof Problem || error instanceof Problem) throw failed instanceof Problem ? failed : error
    throw isCutForm(error) ? malformed(error) : error
  } finally {
    clearInterval(watch)
    request.off('close', onClose)
  }
}

/** What the parser says of a form without its end. */
function isCutForm(error: unknown): boolean {
  return error instanceof Error && /Unexpected end of|terminated early/.test(error.message)
}

function lengthOf({ headers }: IncomingMessage): number | undefined {
  const { 'content-length': length } = headers
  return length === undefined ? undefined : Number(length)
}

function openParser(request: IncomingMessage) {
  const { 'content-type': type = '' } = request.headers
  if (!/^multipart\/form-data\b/i.test(type)) throw UnsupportedMediaType({ detail: 'Send multipart/form-data.' })
  try {
    const limits = { headerPairs: 50, headerSize: 16_384, fieldSize: 1024, fields: 2, files: 2, parts: 4 }
    return new Busboy({
      headers: { ...request.headers, 'content-type': type },
      preservePath: true,
      limits,
      highWaterMark: BUFFER_BYTES,
      fileHwm: BUFFER_BYTES,
    })
  } catch (error) {
    throw malformed(error)
  }
}

function malformed(cause: unknown): Problem {
  return Object.assign(MalformedForm(), { cause })
}

function unknownPart(part: string | undefined, isSecond: boolean): Problem {
  const name = String(part ?? '').slice(0, 100)
  if (isSecond) return invalidField(`/${name}`, 'too_many', 'Send one file in one request.')
  return invalidField(
    `/${name}`,
    'unknown_field',
    `The form has a part that is not known here: the file goes into the part \`${FILE_PART}\`.`,
  )
}

/** Looks whether enough has come since the last look. */
export function watchProgress(
  request: IncomingMessage,
  { stallSeconds, onStall, onMore }: { stallSeconds: number; onStall: () => void; onMore: (before: number) => void },
): NodeJS.Timeout {
  let bytes = 0
  let before = 0
  request.on('data', (chunk: Buffer) => {
    onMore(bytes)
    bytes += chunk.length
  })
  const timer = setInterval(() => {
    if (!request.complete && bytes - before < LEAST_BYTES) onStall()
    before = bytes
  }, stallSeconds * 1000)
  return timer.unref()
}

/**
 * Lets the rest of a refused request pass, so that the answer is read, and gives up on who does not stop. Node would close at once,
 * and a connection that is closed while bytes come in throws away the answer that is on its way out.
 */
export function drain(request: IncomingMessage): void {
  if (request.complete || request.readableEnded || request.destroyed) return
  const { socket } = request
  socket.destroySoon = () => socket.end()
  request.resume()
  const timer = setTimeout(() => request.destroy(), LINGER_MS)
  timer.unref()
  request.once('end', () => {
    clearTimeout(timer)
    socket.destroySoon = Socket.prototype.destroySoon
    if (socket.writableEnded) socket.destroySoon()
  })
  request.once('close', () => clearTimeout(timer))
}

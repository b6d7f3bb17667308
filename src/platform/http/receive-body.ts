import type { IncomingMessage } from 'node:http'
import { PassThrough, type Readable } from 'node:stream'
import { BadRequest, RequestTimeout, UnsupportedMediaType } from './problems.ts'
import { watchProgress } from './receive-file.ts'

/** A body that its operation reads as it comes. */
export interface IncomingBody {
  /** Its media type, in lower case, without parameters. */
  type: string
  /** The whole Content-Type. */
  content_type: string
  /** The Authorization header, for who is known otherwise than by a bearer. */
  authorization: string | undefined
  /** What the sender says that it is long; undefined where he does not. */
  length: number | undefined
  content: Readable
}

/** Has an operation take the body of its request. */
export type TakeBody = <T>(take: (body: IncomingBody) => Promise<T>) => Promise<T>

/** Reads the body of a request as it comes, in flat memory: a client that stalls or goes ends it. */
export async function receiveBody<T>(
  request: IncomingMessage,
  { types, stallSeconds, onBegin }: { types: readonly string[]; stallSeconds: number; onBegin: () => void },
  take: (body: IncomingBody) => Promise<T>,
): Promise<T> {
  const { headers } = request
  const content_type = headers['content-type'] ?? ''
  const type = content_type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (!types.includes(type)) throw UnsupportedMediaType({ detail: `Send ${types.join(' or ')}.` })
  if (!/^\s*(?:identity)?\s*$/i.test(headers['content-encoding'] ?? ''))
    throw UnsupportedMediaType({ detail: 'Send the body without Content-Encoding.', headers: { 'Accept-Encoding': 'identity' } })
  const length = headers['content-length'] === undefined ? undefined : Number(headers['content-length'])
  const content = new PassThrough()
  // What nobody listens to would end the process.
  content.on('error', () => {})
  const onClose = (): void => {
    if (!request.complete) content.destroy(BadRequest({ detail: 'The request broke off.' }))
  }
  request.once('close', onClose)
  request.once('error', onClose)
  const watch = watchProgress(request, {
    stallSeconds,
    onStall: () => content.destroy(RequestTimeout({ detail: 'The body stalled.' })),
    onMore: () => {},
  })
  try {
    onBegin()
    request.pipe(content)
    return await take({ type, content_type, authorization: headers.authorization, length, content })
  } finally {
    request.unpipe(content)
    clearInterval(watch)
    request.off('close', onClose)
  }
}

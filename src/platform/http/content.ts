import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Answer, Content } from './answer.ts'
import { parseEntityTags } from './etag.ts'
import { RangeNotSatisfiable } from './problems.ts'

/** Answers with bytes: all, or the one range that is asked for (RFC 9110 §14), or 304 where the caller has them already. */
export async function sendContent(
  request: FastifyRequest,
  reply: FastifyReply,
  { headers, etag, content }: Answer & { content: Content },
): Promise<FastifyReply> {
  const { size, type } = content
  const known = parseEntityTags(request.headers['if-none-match'], 'If-None-Match')
  if (known?.some((tag) => tag === '*' || tag === etag || tag === `W/${etag}`))
    return reply
      .code(304)
      .headers({ ...headers, ETag: `"${etag}"` })
      .send()
  const range = isRangeFor(request, `"${etag}"`) ? readRange(request.headers.range ?? '', size) : undefined
  if (range === 'unsatisfiable') throw RangeNotSatisfiable({ headers: { 'Content-Range': `bytes */${size}` } })
  // Opened before anything is said of it: where it cannot be, the answer is a problem. A length that is told without bytes is left
  // as it is by the framework for a stream.
  const stream = request.method === 'HEAD' ? Readable.from([]) : await content.open(range)
  reply.headers({ ...headers, 'Accept-Ranges': 'bytes', ETag: `"${etag}"` })
  const length = range ? range.end - range.start + 1 : size
  if (range) reply.code(206).header('Content-Range', `bytes ${range.start}-${range.end}/${size}`)
  else reply.code(200)
  return reply.type(type).header('Content-Length', String(length)).send(stream)
}

/** Whether a range counts: If-Range names another state of the content otherwise (RFC 9110 §13.1.5). */
function isRangeFor({ method, headers }: FastifyRequest, etag: string): boolean {
  return method === 'GET' && headers.range !== undefined && (headers['if-range'] === undefined || headers['if-range'] === etag)
}

/** The one range of a Range header; undefined where the whole is to be sent: for several, or what is no range of bytes. */
function readRange(header: string, size: number): { start: number; end: number } | 'unsatisfiable' | undefined {
  const [, first, last] = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/i.exec(header) ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (last !== '' && Number(last) < start) return undefined
  return start >= size ? 'unsatisfiable' : { start, end }
}

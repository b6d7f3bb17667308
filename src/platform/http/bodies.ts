import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { type Problem, ValidationFailed } from '../problems.ts'
import { JsonError, parseJson } from './json.ts'
import { MalformedBody, UnsupportedMediaType } from './problems.ts'

/** Takes strict JSON in plain UTF-8, and forms where an operation takes a file: these it leaves unread. The text of JSON as it was sent stays in `raw_body`. */
export function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  leaveForms(app)
  leaveRawBodies(app)
  const types = ['application/json', 'application/merge-patch+json']
  app.addContentTypeParser(types, { parseAs: 'buffer' }, (request, buffer: Buffer, done) => {
    if (buffer.length === 0) return done(null, undefined)
    try {
      requireNoCoding(request.headers['content-encoding'])
      if (!isUtf8(buffer)) throw MalformedBody({ detail: 'The body is not UTF-8.' })
      request.raw_body = buffer.toString('utf8')
      done(null, parseJson(request.raw_body, {}))
    } catch (error) {
      done(error instanceof JsonError ? jsonProblem(error) : (error as Error))
    }
  })
}

/** A form is read by the operation that takes its file; one that is sent to a page is not read at all. */
function leaveForms(app: FastifyInstance): void {
  app.addContentTypeParser('multipart/form-data', (request, payload, done) => {
    const { isPage, operation } = request.routeOptions.config
    try {
      if (isPage) return passOver(payload, done)
      if (operation?.upload === undefined && operation?.rawBody === undefined) throw UnsupportedMediaType()
      requireNoCoding(request.headers['content-encoding'])
      done(null, undefined)
    } catch (error) {
      done(error as Error) // problems, both
    }
  })
}

/** Types that no other operation knows, and forms that are sent to a page. */
function leaveRawBodies(app: FastifyInstance): void {
  app.addContentTypeParser(['message/rfc822', 'application/x-www-form-urlencoded'], (request, payload, done) => {
    const { isPage, operation } = request.routeOptions.config
    if (isPage) return passOver(payload, done)
    done(operation?.rawBody === undefined ? UnsupportedMediaType() : null, undefined)
  })
}

/** What the parsers of an operation are given that reads its body by itself: nothing. */
export function emptyPayload(length: string | undefined): Readable & { receivedEncodedLength: number } {
  return Object.assign(Readable.from([]), { receivedEncodedLength: Number(length ?? 0) })
}

/** Lets a body come without looking at it. */
function passOver(payload: IncomingMessage, done: (error: null, body: undefined) => void): void {
  payload.resume()
  done(null, undefined)
}

function requireNoCoding(header: string | undefined): void {
  if (header === undefined || /^\s*(identity)?\s*$/i.test(header)) return
  throw UnsupportedMediaType({ detail: 'Send the body without Content-Encoding.', headers: { 'Accept-Encoding': 'identity' } })
}

function jsonProblem({ code, detail, pointer }: JsonError): Problem {
  // Text and numbers that no column can hold are wrong values in a body that can be read.
  if (code === 'bad_text' || code === 'bad_number')
    return ValidationFailed({ detail, errors: [{ ...(pointer === undefined ? {} : { pointer }), code, detail }] })
  return MalformedBody({ detail, errors: [{ ...(pointer === undefined ? {} : { pointer }), code, detail }] })
}

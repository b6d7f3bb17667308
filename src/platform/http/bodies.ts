import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'
import { type Problem, ValidationFailed } from '../problems.ts'
import { JsonError, parseJson } from './json.ts'
import { MalformedBody, UnsupportedMediaType } from './problems.ts'

/** Takes strict JSON in plain UTF-8, and forms where an operation takes a file: these it leaves unread. The text of JSON as it was sent stays in `raw_body`. */
export function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  leaveForms(app)
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

/** A form is read by the operation that takes its file. */
function leaveForms(app: FastifyInstance): void {
  app.addContentTypeParser('multipart/form-data', (request, _, done) => {
    try {
      if (request.routeOptions.config.operation?.upload === undefined) throw UnsupportedMediaType()
      requireNoCoding(request.headers['content-encoding'])
      done(null, undefined)
    } catch (error) {
      done(error as Error) // problems, both
    }
  })
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

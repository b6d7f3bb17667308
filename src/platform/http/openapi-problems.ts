import {
  DatabaseAway,
  DatabaseFull,
  Forbidden,
  InvalidParameter,
  NotFound,
  type ProblemDefinition,
  ValidationFailed,
} from '../problems.ts'
import { headerReferences, takesIdempotencyKey } from './openapi-headers.ts'
import type { Schema } from './openapi-schemas.ts'
import {
  BadHandshake,
  BadRequest,
  CursorMismatch,
  IdempotencyAnswerGone,
  IdempotencyInProgress,
  IdempotencyKeyReused,
  InternalError,
  InvalidToken,
  MalformedBody,
  MalformedForm,
  OriginNotAllowed,
  Overloaded,
  PayloadTooLarge,
  RangeNotSatisfiable,
  RateLimited,
  RequestTimeout,
  ShuttingDown,
  Unauthenticated,
  UnknownParameter,
  UnsupportedMediaType,
  UpgradeRequired,
} from './problems.ts'
import type { Route } from './route.ts'

/** Every problem that an operation can answer: its own, and those that the kernel answers for it. */
function problemsOf(operation: Route): ProblemDefinition[] {
  const { method, access, params, query, upload, rawBody, content, stream, socket, isProbe, problems = [] } = operation
  const all = [BadRequest, InvalidParameter, UnknownParameter, RateLimited, InternalError, DatabaseAway, DatabaseFull]
  if (stream || socket || isProbe) all.push(ShuttingDown)
  if (!isProbe) all.push(Overloaded)
  if (access !== 'open') all.push(Unauthenticated, InvalidToken, Forbidden)
  if (params) all.push(NotFound)
  if (query && Object.hasOwn(query.properties, 'cursor')) all.push(CursorMismatch)
  if (upload !== undefined) all.push(MalformedForm, RequestTimeout)
  if (rawBody !== undefined) all.push(RequestTimeout)
  if (socket !== undefined) all.push(BadHandshake, OriginNotAllowed, UpgradeRequired)
  if (content !== undefined) all.push(RangeNotSatisfiable)
  if (method !== 'GET') all.push(MalformedBody, PayloadTooLarge, UnsupportedMediaType, ValidationFailed)
  if (takesIdempotencyKey(operation)) all.push(IdempotencyInProgress, IdempotencyAnswerGone, IdempotencyKeyReused)
  return [...new Set([...all, ...problems])].sort((a, b) => a.status - b.status || (a.code < b.code ? -1 : 1))
}

/** Where the pages about the codes are, and what was seen in tests, by code. */
export interface ProblemExamples {
  baseUrl: string
  recorded: Record<string, unknown>
}

/** The error answers of an operation by status, as references to components that `components` collects. */
export function problemResponses(
  operation: Route,
  { components, examples }: { components: Map<string, Schema>; examples: ProblemExamples },
): Record<string, Schema> {
  const byStatus = Map.groupBy(problemsOf(operation), ({ status }) => status)
  return Object.fromEntries(
    [...byStatus].map(([status, definitions]) => {
      const name = [status, ...definitions.map(({ code }) => code)].join('.')
      if (!components.has(name)) components.set(name, problemResponse(status, definitions, examples))
      return [String(status), { $ref: `#/components/responses/${name}` }]
    }),
  )
}

function problemResponse(status: number, definitions: ProblemDefinition[], examples: ProblemExamples): Schema {
  const retryAfter = status === 429 || status === 503 || definitions.includes(IdempotencyInProgress)
  return {
    description: definitions.map(({ code, title }) => `- \`${code}\`: ${title}`).join('\n'),
    headers: headerReferences([
      'Request-Id',
      'RateLimit-Policy',
      'RateLimit',
      ...(retryAfter ? (['Retry-After'] as const) : []),
      ...(status === 401 ? (['WWW-Authenticate'] as const) : []),
      ...(status === 412 ? (['ETag'] as const) : []),
      ...(status === 416 ? (['Content-Range'] as const) : []),
    ]),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(
          definitions.map((definition) => [
            definition.code,
            { summary: definition.code, value: problemExample(definition, examples) },
          ]),
        ),
      },
    },
  }
}

function problemExample({ code, title, status }: ProblemDefinition, { baseUrl, recorded }: ProblemExamples): unknown {
  const seen = recorded[code]
  const type = `${baseUrl}/errors/${code}`
  if (typeof seen === 'object' && seen !== null) return { ...seen, type, title, status, code }
  return { type, title, status, code, request_id: 'req_01kb2m8h5zf3v9w4q7n1x6c0td' }
}

import { VersionConflict } from '../problems.ts'
import type { Schema } from './openapi-schemas.ts'
import { hasProperty } from './openapi-schemas.ts'
import type { Route } from './route.ts'

const text = (pattern?: string): Schema => ({ type: 'string', ...(pattern === undefined ? {} : { pattern }) })

/** Every response header that the document names. */
export const headerComponents = {
  'Request-Id': {
    description: 'Names this request. Tell it when you ask for help; it stands in the log and in the events.',
    required: true,
    schema: text('^req_[0-9a-z]{26}$'),
    example: 'req_01kb2m8h5zf3v9w4q7n1x6c0td',
  },
  'RateLimit-Policy': {
    description: 'The limit and its window in seconds (IETF draft). Absent where no limit is set.',
    schema: text(),
    example: '"default";q=600;w=60',
  },
  RateLimit: {
    description: 'How many requests are left, and in how many seconds the window ends. Absent where no limit is set.',
    schema: text(),
    example: '"default";r=598;t=42',
  },
  ETag: {
    description: 'A strong entity tag of the object. Send it as If-Match with a change, or as If-None-Match with a read.',
    required: true,
    schema: text('^"[^"]+"$'),
    example: '"i9"',
  },
  Location: { description: 'The path of the new object.', required: true, schema: text('^/'), example: '/v1/tickets/1042' },
  Link: {
    description: 'The next page, with `rel="next"`; absent on the last one.',
    schema: text(),
    example: '</v1/tickets?limit=25&cursor=…>; rel="next"',
  },
  'Accept-Ranges': { description: 'A part can be asked for.', required: true, schema: { type: 'string', const: 'bytes' } },
  'Content-Disposition': {
    description: 'Whether to show it, and its name (RFC 6266, RFC 8187).',
    required: true,
    schema: text('^(inline|attachment)'),
    example: 'attachment; filename="invoice.pdf"',
  },
  'Content-Range': {
    description: 'Which bytes of how many.',
    required: true,
    schema: text('^bytes '),
    example: 'bytes 0-1023/48213',
  },
  'Idempotent-Replayed': {
    description: '`true` where this is the kept answer to an earlier request with the same Idempotency-Key.',
    schema: { type: 'string', const: 'true' },
  },
  'Retry-After': { description: 'Wait this many seconds.', schema: { type: 'integer', minimum: 1 }, example: 1 },
  'WWW-Authenticate': { description: 'How to identify yourself.', required: true, schema: text('^Bearer'), example: 'Bearer' },
}

type HeaderName = keyof typeof headerComponents

/** References to header components. */
export function headerReferences(names: readonly HeaderName[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}

/** Every request header that the document names. Without examples: a reference that fills them in would send them. */
export const headerParameters = {
  'Idempotency-Key': {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'Makes a retry safe: for 24 hours the same request with the same key gets the first answer again, and changes nothing. Take a new one, such as a UUID, for each change.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  },
  'If-Match': {
    name: 'If-Match',
    in: 'header',
    description:
      'Entity tags that you know, `"i9"`: where the object has changed since, the answer is 412 and nothing is changed.',
    schema: { type: 'string' },
  },
  'If-None-Match': {
    name: 'If-None-Match',
    in: 'header',
    description: 'Entity tags that you know, `"i9"`: where the object has not changed since, the answer is 304 without a body.',
    schema: { type: 'string' },
  },
  Range: {
    name: 'Range',
    in: 'header',
    description: 'One range of bytes, `bytes=0-1023`; several are answered with the whole.',
    schema: { type: 'string' },
  },
  'Last-Event-ID': {
    name: 'Last-Event-ID',
    in: 'header',
    description: 'The `id` that came last: the stream goes on behind it. Counts more than `after`.',
    schema: { type: 'string', pattern: '^[0-9]{1,15}$' },
  },
  'If-Range': {
    name: 'If-Range',
    in: 'header',
    description: 'The entity tag that you have a part of: where the content is another one now, the whole is answered.',
    schema: { type: 'string' },
  },
}

/** Whether Idempotency-Key counts: for changes by somebody signed in, unless the answer holds a secret or the change lasts only for a moment. */
export function takesIdempotencyKey({ method, access, secret, momentary, rawBody }: Route): boolean {
  return method !== 'GET' && access !== 'open' && secret !== true && momentary !== true && rawBody === undefined
}

/** Whether If-Match counts: for the changes of one object. */
export function takesIfMatch({ problems = [] }: Route): boolean {
  return problems.includes(VersionConflict)
}

/** Whether an answer carries an entity tag: it is one object that has a version. */
export function answersETag(schema: object | null | undefined): boolean {
  return schema !== null && schema !== undefined && hasProperty(schema, 'object') && hasProperty(schema, 'version')
}

/** The headers of a 2xx answer. */
export function answerHeaders(operation: Route, status: number, schema: object | null): HeaderName[] {
  const names: HeaderName[] = ['Request-Id']
  if (operation.path.startsWith('/v1/')) names.push('RateLimit-Policy', 'RateLimit')
  if (answersETag(schema)) names.push('ETag')
  if (status === 201) names.push('Location')
  if (schema && hasProperty(schema, 'next_cursor')) names.push('Link')
  if (takesIdempotencyKey(operation)) names.push('Idempotent-Replayed')
  return names
}

import type { TObject } from 'typebox'
import {
  answerHeaders,
  answersETag,
  type headerParameters,
  headerReferences,
  takesIdempotencyKey,
  takesIfMatch,
} from './openapi-headers.ts'
import { type ProblemExamples, problemResponses } from './openapi-problems.ts'
import type { Schema, SchemaRegistry } from './openapi-schemas.ts'
import { FILE_PART } from './receive-file.ts'
import type { Route } from './route.ts'

/** A request and its answers as a test saw them. */
export interface OperationExample {
  request?: unknown
  responses: Record<string, unknown>
}

export interface OpenApiOperation {
  operationId: string
  summary: string
  description: string
  tags: string[]
  security: Record<string, string[]>[]
  parameters?: Schema[]
  requestBody?: Schema
  responses: Record<string, Schema>
}

/** What the operations of one document share. */
export interface Shared {
  schemas: SchemaRegistry
  responses: Map<string, Schema>
  examples: Record<string, OperationExample>
  problemExamples: ProblemExamples
}

/** One operation as OpenAPI describes it. */
export function describeOperation(operation: Route, shared: Shared): OpenApiOperation {
  const { operationId, summary, tag } = operation
  const parameters = describeParameters(operation, shared.schemas)
  const requestBody = describeBody(operation, shared)
  return {
    operationId,
    summary,
    description: describe(operation),
    tags: [tag],
    security: securityOf(operation),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(requestBody ? { requestBody } : {}),
    responses: {
      ...describeAnswers(operation, shared),
      ...problemResponses(operation, { components: shared.responses, examples: shared.problemExamples }),
    },
  }
}

function securityOf({ access, takesToken }: Route): Record<string, string[]>[] {
  if (access === 'open') return []
  return [{ bearer: [] }, ...(takesToken ? [{ realtime_token: [] }] : [])]
}

function describe({ description, access, requesterBody, secret, momentary }: Route): string {
  const lines = [description]
  if (access === 'open') lines.push('No credential is needed.')
  else {
    const roles = access.roles.map((role) => `${role}s`)
    const scopes = [access.scope, access.and_scope].flatMap((scope) => (scope ? [`\`${scope}\``] : []))
    const key =
      scopes.length === 0
        ? 'For people, not for API keys.'
        : `An API key needs the scope${scopes.length > 1 ? 's' : ''} ${scopes.join(' and ')}.`
    lines.push(`For ${roles.join(', ').replace(/, (\w+)$/, ' and $1')}. ${key}`)
  }
  if (requesterBody) lines.push(`A requester may send only ${keysOf(requesterBody)}.`)
  if (secret) lines.push('The answer holds a secret: it is never kept, and Idempotency-Key is ignored.')
  if (momentary)
    lines.push('It is written down nowhere, so that it may be said again at any time, and Idempotency-Key is ignored.')
  return lines.join('\n\n')
}

function keysOf({ properties }: TObject): string {
  return Object.keys(properties)
    .map((key) => `\`${key}\``)
    .join(', ')
}

function describeParameters(operation: Route, schemas: SchemaRegistry): Schema[] {
  const { params, query, method, answers, content, stream } = operation
  const headers: (keyof typeof headerParameters)[] = []
  if (takesIdempotencyKey(operation)) headers.push('Idempotency-Key')
  if (takesIfMatch(operation)) headers.push('If-Match')
  if (method === 'GET' && (content || answersETag(answers[200]))) headers.push('If-None-Match')
  if (content) headers.push('Range', 'If-Range')
  if (stream) headers.push('Last-Event-ID')
  return [
    ...parametersIn('path', params, schemas),
    ...parametersIn('query', query, schemas),
    ...headers.map((name) => ({ $ref: `#/components/parameters/${name}` })),
  ]
}

function parametersIn(place: 'path' | 'query', schema: TObject | undefined, schemas: SchemaRegistry): Schema[] {
  if (!schema) return []
  const required = new Set<string>(schema.required ?? [])
  const named = Object.entries(schema.properties).map(([name, property]) => {
    const { description, ...published } = schemas.publish(property)
    return {
      name,
      in: place,
      ...(place === 'path' || required.has(name) ? { required: true } : {}),
      ...(description === undefined ? {} : { description }),
      ...(published.type === 'array' ? { style: 'form', explode: false } : {}),
      schema: published,
    }
  })
  return [...named, ...familyIn(schema, schemas)]
}

/** Parameters of which only the form of their names is known: one parameter that is an object, as OpenAPI has it. */
function familyIn(schema: TObject, schemas: SchemaRegistry): Schema[] {
  const family = (schema as { 'x-family'?: { name: string; key: string; values: object; bounds: object; description: string } })[
    'x-family'
  ]
  if (!family) return []
  const { name, key, values, bounds, description } = family
  const member = { anyOf: [values, { type: 'object', properties: bounds, additionalProperties: false }] }
  return [
    {
      name,
      in: 'query',
      description,
      style: 'deepObject',
      explode: true,
      schema: schemas.publish({ type: 'object', patternProperties: { [`^${key}$`]: member }, additionalProperties: false }),
    },
  ]
}

const bytes: Schema = { type: 'string', format: 'binary' }

/** A form with one file (RFC 7578). */
function describeUpload(description: string): Schema {
  const schema = {
    type: 'object',
    properties: { [FILE_PART]: { ...bytes, description } },
    required: [FILE_PART],
    additionalProperties: false,
  }
  return { required: true, content: { 'multipart/form-data': { schema, example: { [FILE_PART]: 'the bytes of the file' } } } }
}

/** A body that the operation reads as it comes. */
function describeRawBody({ description, types }: NonNullable<Route['rawBody']>): Schema {
  const media = Object.entries(types).map(([type, example]) => {
    const isForm = type === 'multipart/form-data' || type === 'application/x-www-form-urlencoded'
    const isObject = isForm || type === 'application/json'
    return [type, isObject ? { schema: { type: 'object' }, example: JSON.parse(example) } : { schema: bytes, example }]
  })
  return { description, required: true, content: Object.fromEntries(media) }
}

function describeBody({ operationId, method, body, upload, rawBody }: Route, { schemas, examples }: Shared): Schema | undefined {
  if (upload !== undefined) return describeUpload(upload)
  if (rawBody) return describeRawBody(rawBody)
  if (!body) return undefined
  const example = examples[operationId]?.request
  const media = { schema: schemas.publish(body), ...(example === undefined ? {} : { example }) }
  return {
    required: (body as { required?: unknown }).required !== undefined,
    content: {
      'application/json': media,
      ...(method === 'PATCH' ? { 'application/merge-patch+json': media } : {}),
    },
  }
}

const meanings = {
  200: 'The answer.',
  201: 'Made: the new object.',
  202: 'Accepted; what comes of it follows by mail.',
  204: 'Done. There is no body.',
}

function describeAnswers(operation: Route, { schemas, examples }: Shared): Record<string, Schema> {
  if (operation.content !== undefined) return describeContent(operation, operation.content)
  if (operation.stream) return describeStream(operation, operation.stream)
  if (operation.socket) return describeSocket(operation, operation.socket)
  const { operationId, answers, method } = operation
  const described: Record<string, Schema> = {}
  for (const status of [200, 201, 202, 204] as const) {
    const schema = answers[status]
    if (schema === undefined) continue
    const example = examples[operationId]?.responses[status]
    described[status] = {
      description: meanings[status],
      headers: headerReferences(answerHeaders(operation, status, schema)),
      ...(schema === null
        ? {}
        : {
            content: {
              'application/json': { schema: schemas.publish(schema), ...(example === undefined ? {} : { example }) },
            },
          }),
    }
  }
  if (method === 'GET' && answersETag(answers[200]))
    described[304] = { description: 'Not changed. There is no body.', headers: headerReferences(['Request-Id', 'ETag']) }
  return described
}

/** Bytes, all of them or a part. */
function describeContent(operation: Route, description: string): Record<string, Schema> {
  const names = [...answerHeaders(operation, 200, null), 'ETag', 'Accept-Ranges', 'Content-Disposition'] as const
  const media = { '*/*': { schema: bytes, example: 'the bytes of the file' } }
  return {
    200: { description, headers: headerReferences(names), content: media },
    206: { description: 'The range that was asked for.', headers: headerReferences([...names, 'Content-Range']), content: media },
    304: { description: 'Not changed. There is no body.', headers: headerReferences(['Request-Id', 'ETag']) },
  }
}

/** Events as they happen (WHATWG HTML §9.2). */
function describeStream(operation: Route, { description, example }: NonNullable<Route['stream']>): Record<string, Schema> {
  const headers = headerReferences(answerHeaders(operation, 200, null))
  return { 200: { description, headers, content: { 'text/event-stream': { schema: { type: 'string' }, example } } } }
}

function describeSocket(operation: Route, { description }: NonNullable<Route['socket']>): Record<string, Schema> {
  return { 101: { description, headers: headerReferences(answerHeaders(operation, 101, null)) } }
}

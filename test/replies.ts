import assert from 'node:assert/strict'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { describeApi } from '../src/api-description.ts'
import type { App } from '../src/app.ts'
import { fromTime } from '../src/platform/codecs.ts'
import type { OpenApiDocument, OpenApiOperation } from '../src/platform/http/openapi.ts'
import type { Route } from '../src/platform/http/route.ts'
import { closed } from './answers.ts'
import type { Reply } from './desk.ts'

/** A request and its answer, as they went over the wire. */
export interface Exchange {
  method: string
  url: string
  body: unknown
  reply: Reply
  /** The operation that answered; undefined where there was none. */
  operation: Route | undefined
}

/** Sees every exchange of a desk, after it was checked. */
export type Watch = (exchange: Exchange) => void

/**
 * Gives a check of every answer against the OpenAPI document: its status, its headers, its media type, and a body without
 * anything that is not published.
 */
export function createReplyCheck(app: App, { isLimited, watch }: { isLimited: boolean; watch?: Watch | undefined }) {
  const operations = new Map<string, Route>()
  // A stream takes its answer into its own hands, so nothing later is run for each.
  app.server.addHook('onRequest', async (request) => {
    const { operation } = request.routeOptions.config
    if (operation) operations.set(request.id, operation)
  })
  return (exchange: Omit<Exchange, 'operation'>): void => {
    const { reply, url } = exchange
    const operation = operations.get(String(reply.headers['request-id']))
    operations.delete(String(reply.headers['request-id']))
    checkEveryReply(reply)
    if (isLimited && url.startsWith('/v1/')) for (const name of limitHeaders) assert.ok(reply.headers[name], `no ${name}: ${url}`)
    if (operation) contractOf(app.routes).check(operation, reply)
    else if (reply.status >= 400) contractOf(app.routes).checkProblem(reply)
    watch?.({ ...exchange, operation })
  }
}

const limitHeaders = ['ratelimit', 'ratelimit-policy']

/** What every answer has, whatever it is about. */
function checkEveryReply({ status, headers, body }: Reply): void {
  assert.match(String(headers['request-id']), /^req_[0-9a-z]{26}$/)
  if (status < 400) return
  assert.match(String(headers['content-type']), /^application\/problem\+json/)
  assert.equal(body.status, status)
  assert.equal(body.request_id, headers['request-id'])
}

/** A document that answers are held against. */
interface Contract {
  check(operation: Route, reply: Reply): void
  /** For an answer that no operation gave. */
  checkProblem(reply: Reply): void
}

const contracts = new Map<string, Contract>()

function contractOf(routes: readonly Route[]): Contract {
  const name = routes.map(({ operationId }) => operationId).join(' ')
  const contract = contracts.get(name) ?? createContract(describeApi({ routes, examples: { operations: {}, problems: {} } }))
  contracts.set(name, contract)
  return contract
}

function createContract(document: OpenApiDocument): Contract {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false, formats: { binary: true } })
  ajv.addFormat('date-time', (text: string) => fromTime(text) !== undefined)
  ajv.addFormat('email', true)
  ajv.addFormat('uri', true)
  // Only the shapes: an example may hold any key, and none is a schema.
  ajv.addSchema({ $id: 'https://openapi.test/', components: { schemas: closed(document.components.schemas) } })
  const validators = new Map<string, ValidateFunction>()
  const validatorOf = (key: string, schema: object): ValidateFunction => {
    const validate = validators.get(key) ?? ajv.compile({ $id: `https://openapi.test/${key}`, ...absolute(closed(schema)) })
    validators.set(key, validate)
    return validate
  }
  const operations = new Map<string, OpenApiOperation>()
  for (const methods of Object.values(document.paths))
    for (const operation of Object.values(methods)) operations.set(operation.operationId, operation)

  const checkBody = (key: string, schema: object, { body, text }: Reply): void => {
    const validate = validatorOf(key, schema)
    assert.ok(validate(body), `${key}: ${ajv.errorsText(validate.errors)}\n${text}`)
  }
  return {
    checkProblem: (reply) => checkBody('problem', { $ref: '#/components/schemas/Problem' }, reply),
    check({ operationId }, reply) {
      const { status, headers, text } = reply
      const key = `${operationId}/${status}`
      const declared = operations.get(operationId)?.responses[status]
      assert.ok(declared, `${operationId} answers ${status}, which it does not publish: ${text}`)
      const response = resolve(document, declared)
      if (status === 429 || status === 503) assert.ok(headers['retry-after'], `${key} sends no Retry-After`)
      checkHeaders(key, Object.keys(response.headers ?? {}), headers)
      if (!response.content) return assert.equal(text, '', `${key} has a body`)
      const [type = '', media] = Object.entries(response.content)[0] ?? []
      // Bytes, of whatever type.
      if (type === '*/*') return
      assert.equal(String(headers['content-type']).split(';')[0], type, `${key} is of another type`)
      if (type !== 'text/event-stream') checkBody(key, media?.schema ?? {}, reply)
    },
  }
}

interface Response {
  headers?: Record<string, object>
  content?: Record<string, { schema?: object }>
}

function resolve(document: OpenApiDocument, response: object & { $ref?: unknown }): Response {
  if (typeof response.$ref !== 'string') return response as Response
  return (document.components.responses?.[response.$ref.slice('#/components/responses/'.length)] ?? {}) as Response
}

/** References into the document, from a schema that stands outside of it. */
function absolute(schema: unknown): object {
  const text = JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"https://openapi.test/#/')
  return JSON.parse(text) as object
}

const toldWherePublished = ['etag', 'location', 'link', 'idempotent-replayed', 'retry-after', 'www-authenticate']
const alwaysThere = ['etag', 'location', 'www-authenticate']

function checkHeaders(key: string, published: string[], headers: Reply['headers']): void {
  const names = published.map((name) => name.toLowerCase())
  for (const name of toldWherePublished)
    if (headers[name] !== undefined) assert.ok(names.includes(name), `${key} sends ${name}, which it does not publish`)
  for (const name of alwaysThere)
    if (names.includes(name)) assert.ok(headers[name] !== undefined, `${key} publishes ${name} and does not send it`)
}

import { isUtf8 } from 'node:buffer'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import cors from '@fastify/cors'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { Actor } from '../actor.ts'
import type { Clock } from '../clock.ts'
import { isAway } from '../database/errors.ts'
import type { Reader } from '../database/schema.ts'
import { newId } from '../ids.ts'
import { DatabaseAway, Forbidden, InvalidParameter, Problem, ValidationFailed } from '../problems.ts'
import type { Transact } from '../transaction.ts'
import type { Answer } from './answer.ts'
import { parseEntityTags } from './etag.ts'
import { type Fingerprinted, type Idempotency, parseIdempotencyKey } from './idempotency.ts'
import { JsonError, parseJson } from './json.ts'
import { networkOf } from './network.ts'
import { takesIfMatch } from './openapi-headers.ts'
import type { Page } from './page.ts'
import {
  BadRequest,
  HeadersTooLarge,
  InternalError,
  MalformedBody,
  MethodNotAllowed,
  PayloadTooLarge,
  RequestTimeout,
  RouteNotFound,
  ShuttingDown,
  Unauthenticated,
  UnsupportedMediaType,
  UriTooLong,
} from './problems.ts'
import type { Limiter } from './rate-limit.ts'
import type { Route } from './route.ts'
import { bodyValidator, invalidParameter, parameterReader } from './validate.ts'

declare module 'fastify' {
  interface FastifyRequest {
    actor: Actor | null
    raw_body: string
    trace_id: string | null
  }
  interface FastifyContextConfig {
    operation?: Route
  }
}

/** What the kernel needs of the rest of the house. */
export interface ServerHouse {
  routes: readonly Route[]
  pages: readonly Page[]
  log: Logger
  clock: Clock
  db: Reader
  transactor: (origin: { request_id: string }) => Transact
  idempotency: Idempotency
  limiter: Limiter
  /** Who sends this credential; throws 401. */
  authenticate(bearer: string): Promise<Actor>
  publicUrl: string
  trustedProxies: readonly string[]
  corsOrigins: readonly string[]
  bodyLimitBytes: number
  requestTimeoutSeconds: number
  /** Sees every answer before it is serialised: for tests. */
  inspect?: (route: Route, answer: Answer) => void
}

const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-site',
  'Cache-Control': 'no-store',
}

/** Builds the HTTP server from the tables of operations. It listens when its owner says so. */
export async function createServer(house: ServerHouse): Promise<FastifyInstance> {
  const { log, publicUrl } = house
  const app = Fastify({
    logger: false,
    genReqId: () => newId('req'),
    bodyLimit: house.bodyLimitBytes,
    trustProxy: house.trustedProxies.length > 0 ? [...house.trustedProxies] : false,
    requestTimeout: house.requestTimeoutSeconds * 1000,
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    // Room for an external id of 200 characters, each of them two units.
    routerOptions: { maxParamLength: 500, ignoreTrailingSlash: false },
    // Slow headers hold a socket no longer than this; looked at every two seconds.
    // Node's own answer to a missing Host is no problem, so the check is ours.
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 2000, maxHeaderSize: 16_384, requireHostHeader: false },
    clientErrorHandler: (error, socket) => afterAnswersOwed(socket, () => answerBrokenRequest(error, socket, publicUrl)),
    frameworkErrors: (error, request, reply) => {
      reply.header('Request-Id', request.id)
      reply.headers(SECURITY_HEADERS)
      sendProblem(reply, toProblem(error), publicUrl)
    },
    return503OnClosing: false,
  })
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
  })
  app.decorateRequest('actor', null)
  app.decorateRequest('raw_body', '')
  app.decorateRequest('trace_id', null)
  const afterAnswersOwed = watchAnswers(app.server)
  // 100-continue is Node's business, and a server may ignore whatever else a client expects (RFC 9110 §10.1.1).
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  readBodies(app)

  // Before CORS, so that its answers have what every answer has; the rest after it, so that a browser may read refusals.
  app.addHook('onRequest', async (request, reply) => {
    reply.header('Request-Id', request.id)
    reply.headers(SECURITY_HEADERS)
    requireSoundHeaders(request.raw)
  })
  if (house.corsOrigins.length > 0) await app.register(cors, corsOptions(house.corsOrigins))
  app.addHook('onRequest', async (request, reply) => {
    request.trace_id = readTraceparent(request.headers.traceparent)
    if (closing) {
      reply.header('Connection', 'close')
      throw ShuttingDown({ headers: { 'Retry-After': '1' } })
    }
    // By the route that was found: the router reads `/%761/users` and `http://host/v1/users` as `/v1/users`, too.
    const path = request.routeOptions.url ?? request.url
    if (path.startsWith('/v1/') || path === '/v1') await admit(house, request, reply)
  })
  app.addHook('onResponse', async (request, reply) => {
    const ms = Math.round(reply.elapsedTime * 10) / 10
    const level = reply.statusCode >= 500 ? 'error' : 'info'
    log[level](
      {
        request_id: request.id,
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        ms,
        actor_id: request.actor?.id ?? null,
        ...(request.trace_id ? { trace_id: request.trace_id } : {}),
      },
      'request',
    )
  })
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error)
    // The database away is told once, by the line of the request.
    if (problem.statusCode >= 500 && problem.definition !== DatabaseAway)
      log.error({ request_id: request.id, route: request.routeOptions.url, err: error }, problem.code)
    sendProblem(reply, problem, publicUrl)
  })
  const methodsOf = methodsByPath([...house.routes, ...house.pages])
  app.setNotFoundHandler((request, reply) => {
    const allowed = methodsOf(request.url)
    const problem = allowed.length > 0 ? MethodNotAllowed({ headers: { Allow: allowed.join(', ') } }) : RouteNotFound()
    sendProblem(reply, problem, publicUrl)
  })
  // Validation is done in the handler by the readers of each operation; Fastify only serialises.
  app.setValidatorCompiler(() => () => true)
  for (const operation of house.routes) addRoute(app, house, operation)
  for (const page of house.pages) addPage(app, page)
  return app
}

function corsOptions(origins: readonly string[]) {
  return {
    origin: [...origins],
    strictPreflight: false,
    methods: ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'If-Match', 'If-None-Match', 'Idempotency-Key', 'Last-Event-ID'],
    exposedHeaders: [
      'ETag',
      'Link',
      'Location',
      'RateLimit',
      'RateLimit-Policy',
      'Request-Id',
      'Retry-After',
      'Idempotent-Replayed',
    ],
    maxAge: 3600,
  }
}

const HEADERS_MAX = 200

/** Refuses what a proxy in front of us might read in another way: no Host or two of them (RFC 9112 §3.2), and hordes of headers. */
function requireSoundHeaders({ rawHeaders, httpVersion }: IncomingMessage): void {
  if (rawHeaders.length > 2 * HEADERS_MAX) throw HeadersTooLarge({ detail: `There may be ${HEADERS_MAX} headers at most.` })
  let hosts = 0
  for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i]?.length === 4 && /^host$/i.test(rawHeaders[i] ?? '')) hosts++
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) throw BadRequest({ detail: 'Send one Host header.' })
}

/** Gives a way to do something on a connection after the answers that it still owes. */
function watchAnswers(server: Server): (socket: Socket, work: () => void) => void {
  const latest = new WeakMap<Socket, { request: IncomingMessage; response: ServerResponse }>()
  server.prependListener('request', (request, response) => latest.set(request.socket, { request, response }))
  return (socket, work) => {
    const { request, response } = latest.get(socket) ?? {}
    // One that has not arrived as a whole will never be answered otherwise.
    if (request?.complete && response && !response.writableFinished) response.once('close', work)
    else work()
  }
}

/** Authenticates, counts, and checks the role, before a byte of the body is read. */
async function admit(house: ServerHouse, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const operation = request.routeOptions.config.operation
  // Credentials that were refused count by the place they came from, and too many are not even looked at.
  const place = networkOf(request.ip)
  await house.limiter.check(`refused ${place}`)
  let refusal: unknown
  if (operation && operation.access !== 'open') {
    try {
      request.actor = await house.authenticate(bearerOf(request.headers.authorization))
    } catch (error) {
      refusal = error
      await house.limiter.take(`refused ${place}`)
    }
  }
  const window = await house.limiter.take(request.actor?.id ?? place)
  if (window.resetSeconds > 0) {
    reply.header('RateLimit-Policy', house.limiter.policy)
    reply.header('RateLimit', `"default";r=${window.remaining};t=${window.resetSeconds}`)
  }
  // The router takes `/v1/tickets/` for a ticket without a name.
  if (Object.values(request.params as Record<string, unknown>).includes('')) throw RouteNotFound()
  if (refusal) throw refusal
  if (operation && operation.access !== 'open' && request.actor) requireAccess(operation.access, request.actor)
}

function requireAccess({ roles, scope }: { roles: readonly string[]; scope: string | null }, actor: Actor): void {
  if (!roles.includes(actor.role)) throw Forbidden()
  if (actor.scopes === null || (scope !== null && (actor.scopes.includes(scope) || actor.scopes.includes('*')))) return
  throw Forbidden({
    detail: scope === null ? 'This operation is for people, not for API keys.' : `The API key lacks the scope ${scope}.`,
  })
}

function bearerOf(header: string | undefined): string {
  const [, token] = /^Bearer +([\x21-\x7e]+) *$/i.exec(header ?? '') ?? []
  if (!token) throw Unauthenticated({ headers: { 'WWW-Authenticate': 'Bearer' } })
  return token
}

/** The trace id of a W3C traceparent header; null when there is none, or none that is well-formed. */
function readTraceparent(header: string | string[] | undefined): string | null {
  if (typeof header !== 'string') return null
  return /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(header)?.[1] ?? null
}

function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
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

function addRoute(app: FastifyInstance, house: ServerHouse, operation: Route): void {
  const readParams = operation.params ? parameterReader(operation.params, 'declared names') : undefined
  const readQuery = parameterReader(operation.query ?? emptyQuery, 'declared names')
  const checkBody = operation.body ? bodyValidator(operation.body) : undefined
  const checkRequesterBody = operation.requesterBody ? bodyValidator(operation.requesterBody) : checkBody
  const bodyIsOptional = operation.body !== undefined && (operation.body as { required?: string[] }).required === undefined
  const response = Object.fromEntries(Object.entries(operation.answers).filter(([, schema]) => schema !== null))

  app.route({
    method: operation.method,
    url: operation.path,
    config: { operation },
    schema: { response },
    handler: async (request, reply) => {
      const { actor } = request
      if (operation.access !== 'open' && actor === null) throw new Error(`${operation.operationId} was reached without admission`)
      const params = readParams ? readParams(request.params as Record<string, unknown>) : {}
      requireReadableQuery(request.url)
      const query = readQuery(request.query as Record<string, unknown>)
      const body = request.body === undefined && bodyIsOptional ? {} : request.body
      const check = actor?.role === 'requester' ? checkRequesterBody : checkBody
      if (check) check(body)
      else if (request.body !== undefined) throw ValidationFailed({ detail: 'This operation takes no body.' })
      const if_match = parseEntityTags(request.headers['if-match'], 'If-Match')
      // RFC 9110 §13.1.1: what cannot be checked must not be performed.
      if (if_match && isChange(operation) && !takesIfMatch(operation))
        throw invalidParameter('If-Match', 'cannot be checked by this operation; leave it out')
      const keyed = keyedRequest(operation, request)
      const kept = keyed && (await house.idempotency.find(house.db, { ...keyed, now: house.clock.now() }))
      if (kept) return sendAnswer(request, reply, kept)
      const transact = house.transactor({ request_id: request.id })
      const answer = await operation.handle({
        actor,
        params,
        query,
        body,
        if_match,
        client: { address: request.ip, user_agent: request.headers['user-agent']?.slice(0, 300) ?? null },
        request_id: request.id,
        db: house.db,
        transact: keyed ? (work) => house.idempotency.once({ ...keyed, transact }, work) : transact<Answer>,
      })
      house.inspect?.(operation, answer)
      return sendAnswer(request, reply, answer)
    },
  })
}

/** The parser takes bad escapes for plain text; a caller who sends them means something else. */
function requireReadableQuery(url: string): void {
  const at = url.indexOf('?')
  if (at === -1 || !url.includes('%', at)) return
  try {
    decodeURIComponent(url.slice(at + 1))
  } catch {
    throw InvalidParameter({ detail: 'The query has an escape that is no UTF-8: write % itself as %25.' })
  }
}

const emptyQuery = { type: 'object', properties: {} } as unknown as NonNullable<Route['query']>

function isChange({ method }: Route): boolean {
  return method !== 'GET'
}

/** What the Idempotency-Key of a request stands for; undefined where there is none, or where it is ignored. */
function keyedRequest(
  operation: Route,
  request: FastifyRequest,
): { actor: Actor; key: string; fingerprinted: Fingerprinted } | undefined {
  const { actor, method, url, headers } = request
  const header = headers['idempotency-key']
  if (!actor || operation.secret || header === undefined || method === 'GET' || method === 'HEAD') return undefined
  const key = parseIdempotencyKey(String(header))
  if (key === undefined) return undefined
  return { actor, key, fingerprinted: { method, url, body: request.raw_body, if_match: headers['if-match'] } }
}

function sendAnswer(request: FastifyRequest, reply: FastifyReply, { status, body, headers, etag }: Answer): FastifyReply {
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const known = isRead && etag !== undefined ? parseEntityTags(request.headers['if-none-match'], 'If-None-Match') : undefined
  reply.headers(headers)
  if (etag !== undefined) reply.header('ETag', `"${etag}"`)
  if (known?.some((tag) => tag === '*' || tag === etag || tag === `W/${etag}`)) return reply.code(304).send()
  reply.code(status)
  if (status === 204) return reply.send()
  return reply.type('application/json; charset=utf-8').send(body)
}

function addPage(app: FastifyInstance, page: Page): void {
  app.route({
    method: page.method,
    url: page.path,
    handler: async (request, reply) => {
      const {
        status,
        type,
        body,
        headers = {},
      } = await page.handle({
        address: request.socket.remoteAddress ?? '',
        headers: request.headers,
        params: request.params as Record<string, string>,
        query: request.query as Record<string, unknown>,
      })
      return reply.code(status).headers(headers).type(type).send(body)
    },
  })
}

function methodsByPath(routes: readonly { method: string; path: string }[]): (url: string) => string[] {
  const patterns = routes.map(({ method, path }) => ({
    method,
    pattern: new RegExp(`^${path.replaceAll(/:[a-z_]+/g, '[^/]+')}$`),
  }))
  return (url) => {
    const path = url.split('?', 1)[0] ?? ''
    const methods = patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method)
    return [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))]
  }
}

function sendProblem(reply: FastifyReply, problem: Problem, publicUrl: string): void {
  reply.headers(problem.extras.headers ?? {})
  reply
    .code(problem.statusCode)
    .type('application/problem+json; charset=utf-8')
    .serializer((text: string) => text)
    .send(problemText(problem, String(reply.getHeader('Request-Id')), publicUrl))
}

function problemText(problem: Problem, request_id: string, publicUrl: string): string {
  const { definition, extras } = problem
  return JSON.stringify({
    type: `${publicUrl}/errors/${definition.code}`,
    title: definition.title,
    status: definition.status,
    code: definition.code,
    ...(extras.detail === undefined ? {} : { detail: extras.detail }),
    request_id,
    ...(extras.errors === undefined ? {} : { errors: extras.errors }),
    ...extras.members,
  })
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return PayloadTooLarge()
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_INVALID_TYPE':
      return UnsupportedMediaType()
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_ASYNC_CONSTRAINT':
    case 'ECONNRESET':
      return BadRequest()
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return UriTooLong()
  }
  if (isAway(error)) return DatabaseAway({ headers: { 'Retry-After': '1' } })
  if (error instanceof Error && 'statusCode' in error && error.statusCode === 400) return BadRequest()
  return InternalError()
}

/** What Node's parser refuses never reaches a route, and still gets a problem. */
function answerBrokenRequest(error: Error & { code?: string }, socket: Socket, publicUrl: string): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy()
    return
  }
  const problem =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? HeadersTooLarge()
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? RequestTimeout()
        : BadRequest()
  const request_id = newId('req')
  const text = problemText(problem, request_id, publicUrl)
  socket.end(
    [
      `HTTP/1.1 ${problem.statusCode} ${problem.code}`,
      'Content-Type: application/problem+json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(text)}`,
      `Request-Id: ${request_id}`,
      ...Object.entries(SECURITY_HEADERS).map(([name, value]) => `${name}: ${value}`),
      'Connection: close',
      '',
      text,
    ].join('\r\n'),
  )
}

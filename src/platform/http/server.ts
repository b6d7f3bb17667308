import type { Socket } from 'node:net'
import cors from '@fastify/cors'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Actor } from '../actor.ts'
import { newId } from '../ids.ts'
import { serve } from '../serving.ts'
import type { OpenSpan } from '../tracing/tracing.ts'
import { admit, type Gate } from './admission.ts'
import { emptyPayload, readBodies } from './bodies.ts'
import { answerBrokenRequest, limitArrival, watchAnswers } from './broken-requests.ts'
import { corsOptions, SECURITY_HEADERS } from './browser-headers.ts'
import { holdBack, letCome } from './continue.ts'
import { mountRoute, type RouteGround } from './mount-route.ts'
import type { Page } from './page.ts'
import { sendProblem, toProblem } from './problem-answers.ts'
import { MethodNotAllowed, RouteNotFound } from './problems.ts'
import { drain } from './receive-file.ts'
import { readTraceparent, requireSoundHeaders } from './request-headers.ts'
import { createRequestLog, type Failure } from './request-log.ts'
import type { Route } from './route.ts'
import type { Shedding } from './shedding.ts'
import { beginSpan, endSpan } from './spans.ts'
import { createUpgrades } from './upgrades.ts'

declare module 'fastify' {
  interface FastifyRequest {
    actor: Actor | null
    raw_body: string
    trace_id: string | null
    /** What is recorded of it, where traces go somewhere. */
    span: OpenSpan | null
    /** Its answer is an open connection. */
    is_live: boolean
    failure: Failure | null
  }
  interface FastifyContextConfig {
    operation?: Route
    /** No operation, but a page. */
    isPage?: boolean
  }
}

/** How a request was answered. */
export interface Answered {
  method: string
  route: string | null
  status: number
  seconds: number
  /** Its answer was an open connection, which lasted so long. */
  isStream: boolean
  /** The code of the problem, where it was one. */
  problem: string | null
}

/** What the kernel needs of the rest of the house. */
interface ServerHouse extends Gate, Omit<RouteGround, 'upgrades' | 'origins'> {
  routes: readonly Route[]
  pages: readonly Page[]
  publicUrl: string
  trustedProxies: readonly string[]
  corsOrigins: readonly string[]
  requestTimeoutSeconds: number
  /** Told of every answer; `route` is the template of its path. */
  onAnswered?: (answered: Answered) => void
  shedding: Shedding
  slowRequestMs: number
  /** Whether the process is about to stop: each connection then ends with its next answer. */
  isStopping: () => boolean
}

/** Builds the HTTP server from the tables of operations. It listens when its owner says so. */
export async function createServer(house: ServerHouse): Promise<FastifyInstance> {
  const { publicUrl, shedding } = house
  const logRequest = createRequestLog({ log: house.log, slowMs: house.slowRequestMs })
  const paths = new Set(house.routes.flatMap(({ path, socket }) => (socket ? [path] : [])))
  const upgrades = createUpgrades({ paths, bodyLimitBytes: house.bodyLimitBytes })
  const app = Fastify({
    logger: false,
    genReqId: () => newId('req'),
    bodyLimit: house.bodyLimitBytes,
    trustProxy: house.trustedProxies.length > 0 ? [...house.trustedProxies] : false,
    // Looked after by limitArrival: an upload takes as long as it takes.
    requestTimeout: 0,
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    // Room for an external id of 200 characters, each of them two units.
    routerOptions: { maxParamLength: 500, ignoreTrailingSlash: false },
    // Slow headers hold a socket no longer than this; looked at every two seconds.
    // Node's own answer to a missing Host is no problem, so the check is ours.
    http: {
      headersTimeout: 10_000,
      connectionsCheckingInterval: 2000,
      maxHeaderSize: 16_384,
      requireHostHeader: false,
      shouldUpgradeCallback: upgrades.isFor,
    },
    clientErrorHandler: (error, socket) => afterAnswersOwed(socket, () => answerBrokenRequest(error, socket, publicUrl)),
    frameworkErrors: (error, request, reply) => {
      reply.header('Request-Id', request.id)
      reply.headers(SECURITY_HEADERS)
      sendProblem(reply, toProblem(error), publicUrl)
    },
    return503OnClosing: false,
  })
  app.decorateRequest('actor', null)
  app.decorateRequest('raw_body', '')
  app.decorateRequest('trace_id', null)
  app.decorateRequest('span', null)
  app.decorateRequest('is_live', false)
  app.decorateRequest('failure', null)
  const afterAnswersOwed = watchAnswers(app.server)
  // Told to come only once it is let in, so that who is refused need not send his body.
  app.server.on('checkContinue', (request, response) => {
    holdBack(request)
    app.server.emit('request', request, response)
  })
  app.server.on('upgrade', (request, socket: Socket, head) => upgrades.route(app, request, { socket, head }))
  // A server may ignore whatever else a client expects (RFC 9110 §10.1.1).
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
    if (house.tracing) beginSpan(house.tracing, request)
    shedding.admit(request)
    if (!readsByItself(request.routeOptions.config.operation)) limitArrival(app.server, request.raw, house.requestTimeoutSeconds)
    // Whoever comes again opens a new connection, and a load balancer has it go to another node.
    if (house.isStopping()) reply.header('Connection', 'close')
    // By the route that was found: the router reads `/%761/users` and `http://host/v1/users` as `/v1/users`, too.
    const path = request.routeOptions.url ?? request.url
    if (path.startsWith('/v1/') || path === '/v1') await serve(request.id, () => admit(house, request, reply))
  })
  app.addHook('preParsing', async (request, reply, payload) => {
    const { operation } = request.routeOptions.config
    if (operation?.rawBody) return emptyPayload(request.headers['content-length'])
    if (!readsByItself(operation)) letCome(request.raw, reply.raw)
    return payload
  })
  app.addHook('preHandler', (request, _reply, done) => {
    shedding.enter(request)
    serve(request.id, done)
  })
  app.addHook('onSend', async (request) => {
    shedding.leave(request)
    if (readsByItself(request.routeOptions.config.operation)) drain(request.raw)
  })
  if (house.tracing) app.addHook('onResponse', async (request, reply) => endSpan(request, reply))
  app.addHook('onResponse', async (request, reply) => {
    shedding.leave(request)
    // A stream has a line of its own, also where its reader goes without a word.
    if (request.is_live) return
    logRequest(request, reply)
  })
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? null
    const { is_live: isStream, failure } = request
    const problem = failure?.problem.code ?? null
    const seconds = reply.elapsedTime / 1000
    house.onAnswered?.({ method: request.method, route, status: reply.statusCode, seconds, isStream, problem })
  })
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error)
    request.failure = { problem, error }
    sendProblem(reply, problem, publicUrl)
  })
  const methodsOf = methodsByPath([...house.routes, ...house.pages])
  app.setNotFoundHandler((request, reply) => {
    const allowed = methodsOf(request.url)
    const problem = allowed.length > 0 ? MethodNotAllowed({ headers: { Allow: allowed.join(', ') } }) : RouteNotFound()
    request.failure = { problem, error: problem }
    sendProblem(reply, problem, publicUrl)
  })
  const origins = new Set([new URL(publicUrl).origin, ...house.corsOrigins])
  for (const operation of house.routes) mountRoute(app, { ...house, upgrades, origins }, operation)
  for (const page of house.pages) mountPage(app, page)
  return app
}

/** Whether an operation reads what it is sent as it comes, which may take as long as it takes. */
function readsByItself(operation: Route | undefined): boolean {
  return operation?.upload !== undefined || operation?.rawBody !== undefined
}

function mountPage(app: FastifyInstance, page: Page): void {
  app.route({
    method: page.method,
    url: page.path,
    config: { isPage: true },
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

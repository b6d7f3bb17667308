import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../clock.ts'
import type { Reader } from '../database/schema.ts'
import type { Logger } from '../log.ts'
import { InvalidParameter, ValidationFailed } from '../problems.ts'
import type { Tracing } from '../tracing/tracing.ts'
import type { Transact } from '../transaction.ts'
import type { Answer } from './answer.ts'
import { letCome } from './continue.ts'
import { parseEntityTags } from './etag.ts'
import type { Idempotency } from './idempotency.ts'
import { keyedRequest } from './keyed-request.ts'
import { beginStream } from './live.ts'
import { takesIfMatch } from './openapi-headers.ts'
import { UnsupportedMediaType } from './problems.ts'
import { receiveBody } from './receive-body.ts'
import { receiveFile } from './receive-file.ts'
import type { Route } from './route.ts'
import { sendAnswer } from './send-answer.ts'
import type { Upgrades } from './upgrades.ts'
import { bodyValidator, invalidParameter, parameterReader } from './validate.ts'

/** What operations run on. */
export interface RouteGround {
  clock: Clock
  db: Reader
  transactor: (origin: { request_id: string }) => Transact
  idempotency: Idempotency
  bodyLimitBytes: number
  uploadStallSeconds: number
  log: Logger
  upgrades: Upgrades
  tracing?: Tracing | undefined
  /** Whose pages may open WebSockets. */
  origins: ReadonlySet<string>
  /** Sees every answer before it is serialised: for tests. */
  inspect?: (route: Route, answer: Answer) => void
}

/** How large a body may be where no long text is said: reading JSON keeps everybody else waiting. */
const SHORT_BODY_BYTES = 1_048_576

// The operation has a limit of its own: this one is only not to be in its way.
const RAW_BODY_BYTES = 1_073_741_824

/** Puts an operation on the server: its handler gets a request that is checked by the operation's own schemas. */
export function mountRoute(app: FastifyInstance, ground: RouteGround, operation: Route): void {
  const readParams = operation.params ? parameterReader(operation.params, 'declared names') : undefined
  const readQuery = parameterReader(operation.query ?? emptyQuery, 'declared names')
  const checkBody = operation.body ? bodyValidator(operation.body) : undefined
  const checkRequesterBody = operation.requesterBody ? bodyValidator(operation.requesterBody) : checkBody
  const bodyIsOptional = operation.body !== undefined && (operation.body as { required?: string[] }).required === undefined

  app.route({
    method: operation.method,
    url: operation.path,
    config: { operation },
    bodyLimit: operation.rawBody
      ? RAW_BODY_BYTES
      : operation.longBody
        ? ground.bodyLimitBytes
        : Math.min(ground.bodyLimitBytes, SHORT_BODY_BYTES),
    handler: async (request, reply) => {
      const { actor } = request
      if (operation.access !== 'open' && actor === null) throw new Error(`${operation.operationId} was reached without admission`)
      const params = readParams ? readParams(request.params as Record<string, unknown>) : {}
      requireReadableQuery(request.url)
      const query = readQuery(request.query as Record<string, unknown>)
      const body = request.body === undefined && bodyIsOptional ? {} : request.body
      const check = actor?.role === 'requester' ? checkRequesterBody : checkBody
      if (check) check(body)
      else if (request.body !== undefined && operation.upload !== undefined)
        throw UnsupportedMediaType({ detail: 'Send multipart/form-data.' })
      else if (request.body !== undefined) throw ValidationFailed({ detail: 'This operation takes no body.' })
      const if_match = parseEntityTags(request.headers['if-match'], 'If-Match')
      // RFC 9110 §13.1.1: what cannot be checked must not be performed.
      if (if_match && isChange(operation) && !takesIfMatch(operation))
        throw invalidParameter('If-Match', 'cannot be checked by this operation; leave it out')
      const { stream, socket } = operation
      if (socket) ground.upgrades.requireSound(request, { ...socket, origins: ground.origins })
      const last_event_id = stream && readLastEventId(request.headers['last-event-id'])
      // Whoever asks for the head of a stream does not want to listen.
      if (stream && request.method === 'HEAD') return reply.type('text/event-stream; charset=utf-8').send()
      const keyed = keyedRequest(operation, request)
      // What an upload is, is known once it has come.
      const kept =
        keyed &&
        operation.upload === undefined &&
        (await ground.idempotency.find(ground.db, { ...keyed, now: ground.clock.now() }))
      if (kept) return sendAnswer(request, reply, kept)
      const transact = ground.transactor({ request_id: request.id })
      const handled: Parameters<Route['handle']>[0] = {
        actor,
        params,
        query,
        body,
        if_match,
        last_event_id,
        client: { address: request.ip, user_agent: request.headers['user-agent']?.slice(0, 300) ?? null },
        request_id: request.id,
        db: ground.db,
        transact: keyed
          ? (work, received) => ground.idempotency.once({ ...withReceived(keyed, received), transact }, work)
          : transact<Answer>,
        receive: async (steps) => {
          if (operation.upload === undefined) throw new Error(`${operation.operationId} takes no file`)
          try {
            const onBegin = () => letCome(request.raw, reply.raw)
            return await receiveFile(request.raw, { stallSeconds: ground.uploadStallSeconds, onBegin }, steps)
          } catch (error) {
            // What is still on its way would be read as the next request.
            if (!request.raw.complete) reply.header('Connection', 'close')
            throw error
          }
        },
        takeBody: async (take) => {
          const { rawBody } = operation
          if (rawBody === undefined) throw new Error(`${operation.operationId} takes no body of its own`)
          try {
            const onBegin = () => letCome(request.raw, reply.raw)
            const types = Object.keys(rawBody.types)
            return await receiveBody(request.raw, { types, stallSeconds: ground.uploadStallSeconds, onBegin }, take)
          } catch (error) {
            if (!request.raw.complete) reply.header('Connection', 'close')
            throw error
          }
        },
      }
      const { span } = request
      const answer = await (ground.tracing && span
        ? ground.tracing.within(span, () => operation.handle(handled))
        : operation.handle(handled))
      if (answer.stream || answer.socket) span?.end()
      ground.inspect?.(operation, answer)
      const { log } = ground
      if (answer.stream) return beginStream(request, reply, { live: answer.stream, log })
      if (answer.socket && socket) return ground.upgrades.begin(request, reply, { live: answer.socket, log, ...socket })
      if (answer.content) giveUpUnread(reply.raw, ground.uploadStallSeconds)
      return sendAnswer(request, reply, answer)
    },
  })
}

/** Bytes that their caller does not read hold a file open: for so long. */
function giveUpUnread(response: ServerResponse, seconds: number): void {
  response.setTimeout(seconds * 1000, () => response.destroy())
}

function withReceived<K extends NonNullable<ReturnType<typeof keyedRequest>>>(keyed: K, received: string | undefined): K {
  return received === undefined ? keyed : { ...keyed, fingerprinted: { ...keyed.fingerprinted, body: received } }
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

/** The position after which a stream goes on; undefined where it begins. */
function readLastEventId(header: string | string[] | undefined): number | undefined {
  if (header === undefined || header === '') return undefined
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header)
  throw invalidParameter('Last-Event-ID', 'is not one that Beckon gave')
}

const emptyQuery = { type: 'object', properties: {} } as unknown as NonNullable<Route['query']>

function isChange({ method }: Route): boolean {
  return method !== 'GET'
}

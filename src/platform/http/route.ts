import type { Static, TObject, TSchema } from 'typebox'
import type { Actor, Role } from '../actor.ts'
import type { Reader } from '../database/schema.ts'
import type { ProblemDefinition } from '../problems.ts'
import type { Tx } from '../transaction.ts'
import type { Access } from './access.ts'
import type { Answer } from './answer.ts'
import type { TakeBody } from './receive-body.ts'
import type { Receive } from './receive-file.ts'

/** Who sent a request, as far as the network tells. */
export interface Client {
  address: string
  user_agent: string | null
}

/** What a handler gets: a request that is authenticated, allowed to this role, and valid. */
export interface Handled<P, Q, B, A = Actor> {
  actor: A
  params: P
  query: Q
  body: B
  /** The entity tags of If-Match, without quotes; undefined where there is no such header; `['*']` for `*`. */
  if_match: readonly string[] | undefined
  /** The Last-Event-ID of an event stream that goes on. */
  last_event_id: number | undefined
  client: Client
  request_id: string
  /** Reads outside any transaction. */
  db: Reader
  /**
   * Runs the request's one transaction. With an Idempotency-Key the answer is kept in it, and a retry gets it back
   * without running `work` again. An upload says by `received` what came, since nobody keeps its body to compare it.
   */
  transact(work: (tx: Tx) => Promise<Answer>, received?: string): Promise<Answer>
  /** Takes the file of an operation that has an `upload`. */
  receive: Receive
  /** Takes the body of an operation that has a `rawBody`. */
  takeBody: TakeBody
}

/** What stands in the table of a module's operations, and in the OpenAPI. */
interface Described<P extends TObject, Q extends TObject, B extends TSchema> {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** The whole path, with `:name` for a parameter. */
  path: `/${string}`
  operationId: string
  summary: string
  description: string
  tag: string
  params?: P
  query?: Q
  body?: B
  /** The body is a form with one file instead: `multipart/form-data`. Says what the file is. */
  upload?: string
  /** The body is read by the operation as it comes, and is of one of these types: says what it is, with an example of each. */
  rawBody?: { description: string; types: Readonly<Record<string, string>> }
  /** The body as far as a requester may send it; other keys are unknown to him. */
  requesterBody?: TObject
  /** The shapes of the answers that are no failures; null for an answer without a body of JSON. */
  answers: Partial<Record<101 | 200 | 201 | 202 | 204, TSchema | null>>
  /** It answers bytes, of which a range may be asked for, instead of JSON: says what they are. */
  content?: string
  /** It answers an event stream, which goes on for as long as both sides want: says what is told, with an example of it. */
  stream?: { description: string; example: string }
  /** It answers 101, and the connection becomes a WebSocket of this subprotocol. */
  socket?: { protocol: string; description: string }
  /** A realtime token in the query, `?token=`, is a credential for it as well as one in the header. */
  takesToken?: true
  /** What it can answer beside what every operation can. */
  problems?: readonly ProblemDefinition[]
  /** Its body may hold long texts: it may be as large as the setting says, and not just `SHORT_BODY_BYTES`. */
  longBody?: true
  /** The answer holds a secret: it is never kept, and Idempotency-Key is ignored. */
  secret?: boolean
  /** Machines ask it again and again to see how the process is: it is never refused, and its lines in the log are few. */
  isProbe?: true
  /** What it does lasts only for a moment, and is written down nowhere: nor is its answer, and Idempotency-Key is ignored. */
  momentary?: true
}

interface OpenRoute<P extends TObject, Q extends TObject, B extends TSchema> extends Described<P, Q, B> {
  access: 'open'
  handle(request: Handled<Static<P>, Static<Q>, Static<B>, null>): Promise<Answer>
}

interface ClosedRoute<P extends TObject, Q extends TObject, B extends TSchema> extends Described<P, Q, B> {
  access: Access
  handle(request: Handled<Static<P>, Static<Q>, Static<B>>): Promise<Answer>
}

/** A route as the kernel sees it, its types forgotten. */
export interface Route extends Described<TObject, TObject, TSchema> {
  access: 'open' | Access
  handle(request: Handled<unknown, unknown, unknown, Actor | null>): Promise<Answer>
}

/** Declares an operation. The types of its handler follow from its schemas. */
export function route<P extends TObject, Q extends TObject, B extends TSchema>(
  options: OpenRoute<P, Q, B> | ClosedRoute<P, Q, B>,
): Route {
  // The kernel calls `handle` only with what these very schemas have validated.
  return options as unknown as Route
}

export const everyone: readonly Role[] = ['requester', 'agent', 'admin']
export const staff: readonly Role[] = ['agent', 'admin']
export const admins: readonly Role[] = ['admin']

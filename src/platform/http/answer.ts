import type { Readable } from 'node:stream'
import type { Live, OpenSocket, StreamBody } from './live.ts'

/** Bytes that are answered instead of JSON. The kernel sees to ranges, HEAD and 304; the answer has an `etag`. */
export interface Content {
  type: string
  size: number
  /** Opens the bytes, or a part of them, both ends included. */
  open(range?: { start: number; end: number }): Promise<Readable>
}

/** What a route answers. The kernel adds the headers that every answer has, serialises the body, and keeps it for a retry. */
export interface Answer {
  status: 101 | 200 | 201 | 202 | 204
  body: unknown
  headers: Record<string, string>
  /** A strong entity tag without quotes, RFC 9110 §8.8.3. */
  etag?: string
  /** What must still be visible to the caller before this answer may be given again: a ticket, and the side he saw. */
  subject?: { id: string; view: string }
  /** Holds what ends by itself: who has this version is answered in full all the same, never 304. */
  perishable?: true
  content?: Content
  /** The body is written as things happen. */
  stream?: Live<StreamBody>
  /** The connection becomes a WebSocket. */
  socket?: Live<OpenSocket>
  /** Kept for no retry: nothing was changed, and a fresh look may find something. */
  fleeting?: true
}

type Extras = Pick<Answer, 'etag' | 'subject' | 'fleeting' | 'perishable'> & { headers?: Record<string, string> }

function answer(status: Answer['status'], body: unknown, { headers = {}, ...extras }: Extras = {}): Answer {
  return { status, body, headers, ...extras }
}

/** Bytes, under a strong entity tag. */
export function bytes(content: Content, { etag, headers = {} }: { etag: string; headers?: Record<string, string> }): Answer {
  return { status: 200, body: null, headers, etag, content }
}

/** An event stream. */
export function eventStream(stream: Live<StreamBody>): Answer {
  return { status: 200, body: null, headers: {}, stream }
}

/** A WebSocket. */
export function webSocket(socket: Live<OpenSocket>): Answer {
  return { status: 101, body: null, headers: {}, socket }
}

export function ok(body: unknown, extras?: Extras): Answer {
  return answer(200, body, extras)
}

/** 201 with the place of the new object. */
export function created(location: string, body: unknown, extras: Extras = {}): Answer {
  return answer(201, body, { ...extras, headers: { ...extras.headers, Location: location } })
}

export function accepted(body: unknown, extras?: Extras): Answer {
  return answer(202, body, extras)
}

export function noContent(extras?: Extras): Answer {
  return answer(204, null, extras)
}

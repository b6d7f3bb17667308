import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import type { Logger } from '../log.ts'

/** What takes a connection over that stays open. */
export interface Live<C> {
  /** The connection is its own from here on, until one side ends it. */
  begin(connection: C): void
  /** It was gone before it could begin. */
  abandon(): void
}

/** A connection that has become a WebSocket. */
export interface OpenSocket {
  webSocket: WebSocket
  /** How many bytes have come in. */
  bytesRead(): number
  /** Hands a whole frame, header and all, to the network; what is sent through `webSocket` keeps its place. Only while that is open. */
  writeFrame(frame: Buffer, onWritten: () => void): void
  /** What is written within goes to the network in one piece. */
  atOnce(work: () => void): void
}

/** The body of an event stream, as it goes out. */
export type StreamBody = Writable & Pick<ServerResponse, 'socket'>
export type { WebSocket }

// A peer that is gone without a word is noticed by the system within some minutes.
const KEEP_ALIVE_MS = 60_000

/** Begins an event stream (WHATWG HTML §9.2): not compressed, and passed on by proxies as it comes. */
export function beginStream(
  request: FastifyRequest,
  reply: FastifyReply,
  { live, log }: { live: Live<StreamBody>; log: Logger },
): FastifyReply {
  // As Fastify has collected them; it knows all names, and Node's types do not.
  const headers = reply.getHeaders() as OutgoingHttpHeaders
  reply.hijack()
  const response = reply.raw
  if (response.destroyed || response.socket?.destroyed) {
    live.abandon()
    return reply
  }
  request.raw.socket.setKeepAlive?.(true, KEEP_ALIVE_MS)
  request.is_live = true
  logLife(log, { request, status: 200, onEnd: (call) => response.once('close', call) })
  response.writeHead(200, {
    ...headers,
    'Content-Type': 'text/event-stream; charset=utf-8',
    'X-Accel-Buffering': 'no',
    // What follows the end of a stream is a new one, maybe on another node.
    Connection: 'close',
  })
  response.flushHeaders()
  live.begin(response)
  return reply
}

/** A line when a connection begins and one when it is over; holds nothing of the request meanwhile but its names. */
export function logLife(
  log: Logger,
  { request, status, onEnd }: { request: FastifyRequest; status: number; onEnd: (call: () => void) => void },
): void {
  const facts = {
    request_id: request.id,
    method: request.method,
    route: request.routeOptions.url ?? null,
    status,
    actor_id: request.actor?.id ?? null,
    ...(request.trace_id ? { trace_id: request.trace_id } : {}),
  }
  log.debug(facts, 'a live connection begins')
  const began = performance.now()
  onEnd(() => log.info({ ...facts, ms: Math.round((performance.now() - began) * 10) / 10 }, 'request'))
}

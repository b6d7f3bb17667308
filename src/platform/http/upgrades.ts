import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { WebSocketServer } from 'ws'
import type { Logger } from '../log.ts'
import { type Live, logLife, type OpenSocket } from './live.ts'
import { BadHandshake, OriginNotAllowed, UpgradeRequired } from './problems.ts'

// A handshake takes one look at the database, and its refusal is short: whoever has not taken it by then is cut off.
const HANDSHAKE_MS = 10_000
// After a close frame, for who does not answer it.
const CLOSING_MS = 5000
/** What a frame may have around the longest body of a message. */
const ENVELOPE_BYTES = 16_384
const KEY = /^[+/0-9A-Za-z]{22}==$/

/** What is asked of a handshake. */
interface Asked {
  protocol: string
  /** Whose pages may open one, beside our own: absent origins are welcome, they are no browsers. */
  origins: ReadonlySet<string>
}

interface Handshake {
  socket: Socket
  head: Buffer
  /** What is answered to it. */
  protocol: string
  headers: string[]
}

/** The connections that ask to become WebSockets (RFC 6455), each answered by the operation that it names. */
export interface Upgrades {
  /** Whether a request is such a connection; any other with an Upgrade header is answered as if it had none (RFC 9110 §7.8). */
  isFor(request: IncomingMessage): boolean
  /** Has the server answer the handshake like any request. */
  route(app: FastifyInstance, request: IncomingMessage, { socket, head }: { socket: Socket; head: Buffer }): void
  /** Throws 426 for a request that is no handshake, 400 for a wrong one, and 403 for a page that may not. */
  requireSound(request: FastifyRequest, asked: Asked): void
  /** Finishes the handshake, and hands the connection over. */
  begin(
    request: FastifyRequest,
    reply: FastifyReply,
    { live, log, protocol }: { live: Live<OpenSocket>; log: Logger; protocol: string },
  ): FastifyReply
}

/** `paths` are those of the operations that become WebSockets; a message may be as long as the body of a request. */
export function createUpgrades({ paths, bodyLimitBytes }: { paths: ReadonlySet<string>; bodyLimitBytes: number }): Upgrades {
  const waiting = new WeakMap<IncomingMessage, Handshake>()
  const options = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: bodyLimitBytes + ENVELOPE_BYTES,
    // Counted first, by whoever takes the connection over.
    autoPong: false,
    // Not known to its types yet.
    closeTimeout: CLOSING_MS,
    // It was looked for among those that were offered.
    handleProtocols: (_: Set<string>, request: IncomingMessage) => waiting.get(request)?.protocol ?? false,
  }
  const server = new WebSocketServer(options)
  server.on('headers', (headers, request) => headers.push(...(waiting.get(request)?.headers ?? [])))

  return {
    // One with a body is none: Node hands over no socket for it.
    isFor: ({ method, url = '', headers }) =>
      method === 'GET' &&
      /^websocket$/i.test(headers.upgrade ?? '') &&
      headers['content-length'] === undefined &&
      headers['transfer-encoding'] === undefined &&
      paths.has(url.split('?', 1)[0] ?? ''),
    route(app, request, { socket, head }) {
      socket.on('error', cutOff)
      socket.setTimeout(HANDSHAKE_MS)
      socket.on('timeout', cutOff)
      waiting.set(request, { socket, head, protocol: '', headers: [] })
      const response = new ServerResponse(request)
      response.shouldKeepAlive = false
      response.assignSocket(socket)
      // Only a refusal has an end.
      response.once('finish', () => socket.destroySoon())
      app.routing(request, response)
    },
    requireSound(request, { protocol, origins }) {
      const { headers } = request
      if (!waiting.has(request.raw)) throw UpgradeRequired({ headers: { Upgrade: 'websocket', Connection: 'Upgrade' } })
      if (headers['sec-websocket-version'] !== '13')
        throw UpgradeRequired({ detail: 'Speak version 13.', headers: { 'Sec-WebSocket-Version': '13', Upgrade: 'websocket' } })
      if (!KEY.test(String(headers['sec-websocket-key'])))
        throw BadHandshake({ detail: 'Sec-WebSocket-Key is missing or wrong.' })
      const offered = String(headers['sec-websocket-protocol'] ?? '').split(',')
      if (!offered.some((one) => one.trim() === protocol))
        throw BadHandshake({ detail: `Offer the subprotocol ${protocol} in Sec-WebSocket-Protocol.` })
      // A page of this very server, whatever name it is reached by: no credential comes by itself, so a name proves nothing either way.
      const { origin, host = '' } = headers
      const isOwn = origin === undefined || URL.parse(origin)?.host === host.toLowerCase()
      if (!isOwn && !origins.has(origin)) throw OriginNotAllowed()
    },
    begin(request, reply, { live, log, protocol }) {
      const given = waiting.get(request.raw)
      if (!given) throw new Error('this request is no handshake')
      const { socket, head } = given
      given.protocol = protocol
      given.headers = Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
        passedOn.test(name) ? [`${name}: ${value}`] : [],
      )
      reply.hijack()
      // From here on nothing may hold the request or its answer: ten thousand of them stay open.
      if (reply.raw.socket) reply.raw.detachSocket(socket)
      socket.off('timeout', cutOff)
      let begun = false
      server.handleUpgrade(request.raw, socket, head, (webSocket) => {
        begun = true
        logLife(log, { request, status: 101, onEnd: (call) => webSocket.once('close', call) })
        live.begin({
          webSocket,
          bytesRead: () => socket.bytesRead,
          // ws writes to the same socket at once: nothing is compressed, so it queues nothing.
          writeFrame: (frame, onWritten) => void socket.write(frame, onWritten),
          atOnce: (work) => {
            socket.cork()
            work()
            socket.uncork()
          },
        })
      })
      if (begun) socket.off('error', cutOff)
      else live.abandon()
      return reply
    },
  }
}

const passedOn = /^(request-id|ratelimit|ratelimit-policy)$/i

function cutOff(this: Socket): void {
  this.destroy()
}

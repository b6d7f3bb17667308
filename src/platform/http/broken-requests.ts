import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { newId } from '../ids.ts'
import { SECURITY_HEADERS } from './browser-headers.ts'
import { problemText } from './problem-answers.ts'
import { BadRequest, HeadersTooLarge, RequestTimeout } from './problems.ts'

/** Gives a way to do something on a connection after the answers that it still owes. */
export function watchAnswers(server: Server): (socket: Socket, work: () => void) => void {
  const latest = new WeakMap<Socket, { request: IncomingMessage; response: ServerResponse }>()
  server.prependListener('request', (request, response) => latest.set(request.socket, { request, response }))
  return (socket, work) => {
    const { request, response } = latest.get(socket) ?? {}
    // One that has not arrived as a whole will never be answered otherwise.
    if (request?.complete && response && !response.writableFinished) response.once('close', work)
    else work()
  }
}

/** What Node's parser refuses never reaches a route, and still gets a problem. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket, publicUrl: string): void {
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

/** Ends a connection whose request has not arrived as a whole in time, as Node does by itself where all requests have the same time. */
export function limitArrival(server: Server, request: IncomingMessage, seconds: number): void {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers
  if (coding === undefined && (length === undefined || length === '0')) return
  const timer = setTimeout(() => {
    // A request that no network brought has no connection to end.
    if (request.complete || request.socket.destroyed !== false) return
    const error = Object.assign(new Error('the request did not arrive in time'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
    server.emit('clientError', error, request.socket)
  }, seconds * 1000)
  timer.unref()
  for (const over of ['end', 'close']) request.once(over, () => clearTimeout(timer))
}

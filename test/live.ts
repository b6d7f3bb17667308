import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { type Desk, type DeskOptions, type Json, openDesk } from './desk.ts'

// Clients of streams as tests use them: each waits for the very thing that it expects, and for no time.

const PROTOCOL = 'beckon.v1+json'
// What does not come by then never comes: only a test that fails takes so long.
const NEVER_MS = 10_000

/** Something that comes one after the other, and is waited for. */
export interface Coming<T> {
  /** All that came. */
  readonly all: T[]
  /** Resolves with the first, among those that came and those that will, which is like this. */
  until(isIt: (one: T) => boolean): Promise<T>
  push(one: T): void
  /** Has everybody who still waits wait in vain. */
  end(why: string): void
}

export function coming<T>(): Coming<T> {
  const all: T[] = []
  const waiting = new Set<{ isIt: (one: T) => boolean; resolve: (one: T) => void; reject: (why: Error) => void }>()
  let ended: string | undefined
  return {
    all,
    until: (isIt) => {
      const found = all.find(isIt)
      if (found !== undefined) return Promise.resolve(found)
      const seen = () => `; there came: ${JSON.stringify(all).slice(0, 4000)}`
      if (ended !== undefined) return Promise.reject(new Error(ended + seen()))
      const { promise, resolve, reject } = Promise.withResolvers<T>()
      const one = { isIt, resolve, reject }
      waiting.add(one)
      const timer = setTimeout(() => reject(new Error(`it never came${seen()}`)), NEVER_MS)
      return promise.finally(() => {
        clearTimeout(timer)
        waiting.delete(one)
      })
    },
    push(one) {
      all.push(one)
      for (const each of waiting) if (each.isIt(one)) each.resolve(one)
    },
    end(why) {
      ended = why
      for (const { reject } of waiting) reject(new Error(`${why}; there came: ${JSON.stringify(all).slice(0, 4000)}`))
    },
  }
}

/** A desk that listens on loopback. */
export interface LiveDesk extends Desk {
  port: number
  url: string
  /** A raw connection. */
  raw(): Socket
  /** Opens an event stream; throws the problem when it is refused. */
  stream(query: string, options?: Opening): Promise<LiveStream>
  /** Opens a WebSocket; throws the problem when it is refused. */
  socket(query: string, options?: Opening): Promise<LiveSocket>
}

interface Opening {
  bearer?: string
  headers?: Record<string, string>
  protocols?: string[]
}

/** A block of an event stream. */
export interface Block {
  id?: string
  event?: string
  comment?: string
  data?: Json
  retry?: string
}

export interface LiveStream {
  response: IncomingMessage
  blocks: Coming<Block>
  /** All bytes that came. */
  text(): string
  ended: Promise<void>
  close(): void
}

export interface LiveSocket {
  socket: WebSocket
  frames: Coming<Json>
  text(): string
  closed: Promise<{ code: number; reason: string }>
  say(frame: object): void
  headers: Record<string, string | string[] | undefined>
}

/** Why a stream was refused. */
export class Refused extends Error {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Json
  constructor(response: IncomingMessage, text: string) {
    super(`refused with ${response.statusCode}: ${text}`)
    this.status = response.statusCode ?? 0
    this.headers = response.headers
    this.body = text === '' ? null : JSON.parse(text)
  }
}

async function refusal(response: IncomingMessage): Promise<Refused> {
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return new Refused(response, text)
}

/** Opens a desk that listens, and whose connections are cut when the test ends. */
export async function openLiveDesk(t: TestContext, options: DeskOptions = {}): Promise<LiveDesk> {
  const desk = await openDesk(t, options)
  const { server } = desk.app
  await server.listen({ port: 0, host: '127.0.0.1' })
  const { port } = server.server.address() as AddressInfo // it listens on TCP
  const clients = clientsOf(t, port)
  // On a server what was announced has its place in the log only a moment after its commit: a stream that begins now would hear of it.
  return {
    ...desk,
    ...clients,
    stream: async (...opening) => {
      await desk.settle()
      return clients.stream(...opening)
    },
    socket: async (...opening) => {
      await desk.settle()
      return clients.socket(...opening)
    },
  }
}

/** Clients of a server on loopback. */
export function clientsOf(t: TestContext, port: number) {
  const cuts = new Set<() => void>()
  t.after(() => {
    for (const cut of cuts) cut()
  })
  const url = `http://127.0.0.1:${port}`
  const headersOf = ({ bearer, headers = {} }: Opening) => ({
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    ...headers,
  })
  return {
    port,
    url,
    raw(): Socket {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {}) // a reset is an end like another
      cuts.add(() => socket.destroy())
      return socket
    },
    async stream(query: string, options: Opening = {}): Promise<LiveStream> {
      const request = get(`${url}/v1/stream${query}`, { headers: headersOf(options), agent: false })
      request.on('error', () => {})
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      if (response.statusCode !== 200) throw await refusal(response)
      const blocks = coming<Block>()
      const texts: string[] = []
      let rest = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        texts.push(chunk)
        rest += chunk
        for (let end = rest.indexOf('\n\n'); end !== -1; end = rest.indexOf('\n\n')) {
          blocks.push(blockOf(rest.slice(0, end)))
          rest = rest.slice(end + 2)
        }
      })
      response.on('error', () => {})
      const ended = new Promise<void>((resolve) => response.on('close', resolve)).then(() => blocks.end('the stream has ended'))
      const close = (): void => void request.destroy()
      cuts.add(close)
      return { response, blocks, text: () => texts.join(''), ended, close }
    },
    async socket(query: string, { protocols = [PROTOCOL], ...options }: Opening = {}): Promise<LiveSocket> {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/ws${query}`, protocols, { headers: headersOf(options) })
      cuts.add(() => socket.terminate())
      const frames = coming<Json>()
      const texts: string[] = []
      socket.on('message', (data) => {
        texts.push(String(data))
        frames.push(JSON.parse(String(data)))
      })
      socket.on('error', () => {})
      const closed = new Promise<{ code: number; reason: string }>((resolve) => {
        socket.on('close', (code, reason) => {
          frames.end(`the socket was closed with ${code}`)
          resolve({ code, reason: String(reason) })
        })
      })
      const answered = Promise.withResolvers<IncomingMessage>()
      socket.once('upgrade', answered.resolve)
      socket.once('unexpected-response', (_, response) => answered.resolve(response))
      socket.once('close', () => answered.reject(new Error('closed before it was answered')))
      const response = await answered.promise
      if (response.statusCode !== 101) throw await refusal(response)
      if (socket.readyState === WebSocket.CONNECTING) await once(socket, 'open')
      const say = (frame: object): void => socket.send(JSON.stringify(frame))
      return { socket, frames, text: () => texts.join('\n'), closed, say, headers: response.headers }
    },
  }
}

function blockOf(text: string): Block {
  const block: Record<string, Json> = {}
  for (const line of text.split('\n')) {
    const at = line.indexOf(':')
    const [name, value] = [line.slice(0, at), line.slice(at + 1).replace(/^ /, '')]
    block[name === '' ? 'comment' : name] = name === 'data' ? JSON.parse(value) : value
  }
  return block
}

/** The problem with which something is refused. */
export async function refusedWith(opening: Promise<unknown>): Promise<Refused> {
  try {
    await opening
  } catch (error) {
    if (error instanceof Refused) return error
    throw error
  }
  return assert.fail('it was not refused')
}

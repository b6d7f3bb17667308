// One live connection as a bare client has it: an event stream or a WebSocket, told as the same frames.
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'

// What the server tells is read as it comes: shapes are checked by what is done with it.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Frame = Record<string, any> & { type: string }

export type Kind = 'event stream' | 'web socket'

export interface StreamOptions {
  kind: Kind
  url: string
  token: string
  topics: readonly string[]
  /** From now on where it is not given. */
  after?: number | undefined
  /** One of 127.0.0.0/8, for more connections than one address has ports. */
  localAddress?: string
  /** Everything that comes, before it is understood. */
  onBytes?(bytes: Buffer): void
  /** Takes each message whole instead of `onFrame`, and nothing is parsed. */
  onMessage?(message: Buffer): void
  onFrame(frame: Frame): void
  /** Once, when the connection is gone, or was refused. */
  onEnd(why: string): void
}

export interface Stream {
  /** As if the cable were pulled. */
  cut(): void
  /** Reads nothing from here on. */
  pause(): void
  /** Does nothing on an event stream, or before it is open. */
  send(frame: Frame): void
}

const MAX_PROBLEM = 2000

export function openStream(options: StreamOptions): Stream {
  return options.kind === 'web socket' ? openWebSocket(options) : openEventStream(options)
}

function pathOf(path: string, { topics, after }: Pick<StreamOptions, 'topics' | 'after'>): string {
  const query = topics.map(encodeURIComponent).join(',')
  return `${path}?topics=${query}${after === undefined ? '' : `&after=${after}`}`
}

function openEventStream(options: StreamOptions): Stream {
  const { url, token, localAddress, onBytes, onMessage, onFrame } = options
  let incoming: IncomingMessage | undefined
  const end = once(options.onEnd)
  const outgoing: ClientRequest = request(new URL(pathOf('/v1/stream', options), url), {
    agent: false,
    headers: { accept: 'text/event-stream', authorization: `Bearer ${token}` },
    ...(localAddress === undefined ? {} : { localAddress }),
  })
  outgoing.on('error', (error) => end(error.message))
  outgoing.on('close', () => end('closed'))
  outgoing.on('response', (response) => {
    incoming = response
    response.on('error', (error) => end(error.message))
    if (response.statusCode !== 200) return void readProblem(response, end)
    const takeBlock = (block: Buffer): void => {
      if (onMessage) onMessage(block)
      else for (const frame of framesIn(block.toString('utf8'))) onFrame(frame)
    }
    const take = blocksOf(takeBlock)
    response.on('data', (bytes: Buffer) => {
      onBytes?.(bytes)
      take(bytes)
    })
    response.on('end', () => end('ended'))
  })
  outgoing.end()
  return {
    cut: () => void outgoing.destroy(),
    pause: () => {
      incoming?.removeAllListeners('data')
      incoming?.pause()
    },
    send: () => {},
  }
}

/** Cuts a stream of bytes into its blocks, each with an empty line behind it. */
function blocksOf(take: (block: Buffer) => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (bytes) => {
    // Where the end of a block may have been cut in two.
    let from = Math.max(0, rest.length - 1)
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
    for (let at = rest.indexOf('\n\n', from); at !== -1; at = rest.indexOf('\n\n')) {
      const block = rest.subarray(0, at)
      rest = rest.subarray(at + 2)
      from = 0
      take(block)
    }
  }
}

/** The frame of a block, if it has any; a heartbeat as `ping`. */
function framesIn(block: string): Frame[] {
  let type: string | undefined
  let position: number | undefined
  const data: string[] = []
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) type = line.slice(7)
    else if (line.startsWith('data: ')) data.push(line.slice(6))
    else if (line.startsWith('id: ')) position = Number(line.slice(4))
  }
  if (data.length === 0) return position === undefined ? [] : [{ type: 'ping', position }]
  const said = JSON.parse(data.join('\n'))
  if (type !== undefined) return [said]
  return [{ type: 'event', event: said, id: position }]
}

function openWebSocket({ onBytes, onMessage, onFrame, ...options }: StreamOptions): Stream {
  const { url, token, localAddress } = options
  const end = once(options.onEnd)
  const socket = new WebSocket(new URL(pathOf('/v1/ws', options), url.replace('http', 'ws')), ['beckon.v1+json'], {
    perMessageDeflate: false,
    headers: { authorization: `Bearer ${token}` },
    ...(localAddress === undefined ? {} : { localAddress }),
  })
  let raw: Socket | undefined
  socket.on('upgrade', (response) => {
    raw = response.socket
  })
  // Not before: what came together with the answer to the handshake would go to this listener alone.
  socket.on('open', () => {
    if (onBytes) raw?.on('data', onBytes)
  })
  socket.on('unexpected-response', (outgoing, response) => {
    readProblem(response, (why) => {
      end(why)
      outgoing.destroy()
    })
  })
  socket.on('error', (error) => end(error.message))
  socket.on('close', (code, reason) => end(`${code} ${reason}`))
  // It was not told to give them otherwise.
  socket.on('message', (message) => (onMessage ? onMessage(message as Buffer) : onFrame(JSON.parse(String(message)))))
  return {
    cut: () => {
      if (raw) raw.destroy()
      else socket.terminate()
    },
    pause: () => socket.pause(),
    send: (frame) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame))
    },
  }
}

function readProblem(response: IncomingMessage, end: (why: string) => void): void {
  let text = ''
  response.setEncoding('utf8')
  response.on('data', (more: string) => {
    if (text.length < MAX_PROBLEM) text += more
  })
  response.on('end', () => end(`${response.statusCode} ${text}`))
}

function once(onEnd: (why: string) => void): (why: string) => void {
  let isOver = false
  return (why) => {
    if (isOver) return
    isOver = true
    onEnd(why)
  }
}

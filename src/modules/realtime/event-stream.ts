import type { Live, StreamBody } from '../../platform/http/live.ts'
import { encodeFrame } from './encoded.ts'
import { comesBackInMs } from './farewell.ts'
import type { Beating, Heartbeat } from './heartbeat.ts'
import type { Encoded, EndReason, Line, Peer } from './live.ts'

// After the end, for who does not take what is left.
const CLOSING_MS = 5000
// What a browser waits before it comes back.
const RETRY = Buffer.from('retry: 2000\n\n')
const HIGH_BYTES = 64 * 1024

/** What event streams share. */
export interface StreamParts {
  heartbeat: Heartbeat
  /** Says why a stream ends. */
  say(reason: EndReason): Encoded
}

/** A connection that carries what is told as an event stream (WHATWG HTML §9.2). What comes before it has begun waits. */
export class EventStream implements Peer, Live<StreamBody>, Beating {
  readonly #parts: StreamParts
  #line: Line | undefined
  #body: StreamBody | undefined
  #early: Encoded[] = []
  #turn = -1
  #isEnded = false

  constructor(parts: StreamParts) {
    this.#parts = parts
  }

  /** Says whose it is. */
  attach(line: Line): void {
    this.#line = line
  }

  begin(body: StreamBody): void {
    this.#body = body
    // A peer that resets the connection has closed it.
    body.on('error', () => {})
    body.on('close', () => this.#close())
    body.on('drain', () => this.#line?.drained())
    body.write(RETRY)
    for (const frame of this.#early) body.write(frame.eventStream())
    this.#early = []
    if (this.#isEnded) this.#finish(body)
    else this.#turn = this.#parts.heartbeat.add(this)
  }

  abandon(): void {
    this.#early = []
    this.#close()
  }

  send(frame: Encoded): void {
    if (this.#isEnded) return
    const body = this.#body
    if (body) this.atOnce(() => void body.write(frame.eventStream()))
    else this.#early.push(frame)
  }

  // Left to itself Node would write at the end of the turn: nobody could tell how long it takes.
  atOnce(work: () => void): void {
    const socket = this.#body?.socket
    socket?.cork()
    work()
    socket?.uncork()
  }

  pendingBytes(): number {
    if (this.#body) return this.#body.writableLength
    return this.#early.reduce((total, frame) => total + frame.bytes, 0)
  }

  beat(): void {
    if (this.#line && this.pendingBytes() < HIGH_BYTES) this.send(encodeFrame({ type: 'ping', position: this.#line.position }))
  }

  end(reason: EndReason): void {
    if (this.#isEnded) return
    // Everybody comes back, and not all of them at once.
    if (reason === 'stopping') this.#body?.write(`retry: ${comesBackInMs()}\n\n`)
    this.send(this.#parts.say(reason))
    this.#isEnded = true
    if (this.#body) this.#finish(this.#body)
  }

  #finish(body: StreamBody): void {
    body.end()
    setTimeout(() => body.destroy(), CLOSING_MS).unref()
  }

  #close(): void {
    this.#isEnded = true
    this.#parts.heartbeat.remove(this, this.#turn)
    this.#line?.close()
  }
}

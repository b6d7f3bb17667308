import type { Live, OpenSocket } from '../../platform/http/live.ts'
import type { ProblemBody } from '../../platform/http/schemas.ts'
import { newId } from '../../platform/ids.ts'
import { Arrivals } from './arrivals.ts'
import { Budget } from './budget.ts'
import { encodeFrame } from './encoded.ts'
import { type Names, readFrame } from './frame-reader.ts'
import type { ClientFrame, ServerFrame } from './frames.ts'
import type { Beating, Heartbeat } from './heartbeat.ts'
import type { Encoded, EndReason, Line, Peer } from './live.ts'
import type { Client, Doors, Obeying } from './obeying.ts'
import { TooManyFrames, UnreadableFrame } from './problems.ts'
import { closeCodes } from './protocol.ts'
import { Turns } from './turns.ts'
import { Unanswered } from './unanswered.ts'

// Frames that hold no message need not be longer.
const SHORT_BYTES = 65_536
const HIGH_BYTES = 65_536
// In so many beats a client that is there has answered one.
const SILENT_BEATS = 3
// What costs little is counted by the connection, all else as requests are.
const LIGHT: ReadonlySet<string> = new Set(['ping', 'ack', 'typing', 'presence'])

/** What WebSockets share. */
export interface SocketParts extends Obeying {
  heartbeat: Heartbeat
  doors: Pick<Doors, 'leave' | 'markDelivered'>
  explain(error: unknown, request_id: string): ProblemBody
  /** Hears of what could not be kept, and is not missed. */
  onLost(error: unknown): void
}

/** A connection that carries what is told as frames of a WebSocket, and does what the client's frames say, one after the other. */
export class SocketPeer implements Peer, Live<OpenSocket>, Beating, Client {
  readonly #parts: SocketParts
  #line: Line | undefined
  #socket: OpenSocket | undefined
  #early: Encoded[] = []
  #turn = -1
  #isEnded = false
  #endedAs: keyof typeof closeCodes | undefined
  /** Whether something is pending: the hub wants to know when nothing is any more. */
  #isFull = false
  readonly #unanswered = new Unanswered((ping) => this.#socket?.webSocket.ping(ping))
  #silentBeats = 0
  /** How much had come in when a message was there as a whole, and at the beat after it. */
  #bytesAtMessage = 0
  #bytesAtBeat = 0
  #turns: Turns | undefined
  readonly #budget = new Budget()
  #arrivals: Arrivals | undefined
  #holder: string | undefined

  constructor(parts: SocketParts) {
    this.#parts = parts
  }

  /** Says whose it is. */
  attach(line: Line): void {
    this.#line = line
  }

  get line(): Line {
    if (!this.#line) throw new Error('the connection has no line yet')
    return this.#line
  }

  get holder(): string {
    this.#holder ??= newId('con')
    return this.#holder
  }

  begin(socket: OpenSocket): void {
    this.#socket = socket
    const { webSocket } = socket
    // What cannot be a frame closes the connection by itself, with the code of RFC 6455 §7.4.
    webSocket.on('error', () => {})
    webSocket.on('close', () => this.#close())
    webSocket.on('message', (data, isBinary) => this.#read(data as Buffer, isBinary)) // one buffer, as ws hands it over unless told otherwise
    webSocket.on('ping', (data) => this.#pong(data))
    webSocket.on('pong', (data) => {
      this.#silentBeats = 0
      this.#unanswered.answer(data)
      this.#lookIfDrained()
    })
    for (const frame of this.#early) this.#write(frame)
    this.#early = []
    if (this.#endedAs) webSocket.close(closeCodes[this.#endedAs].code, this.#endedAs)
    if (this.#isEnded) return
    this.#turn = this.#parts.heartbeat.add(this)
  }

  abandon(): void {
    this.#early = []
    this.#close()
  }

  send(frame: Encoded): void {
    if (this.#isEnded) return
    if (frame.message) this.#note(frame)
    if (this.#socket) this.#write(frame)
    else this.#early.push(frame)
  }

  tell(frame: ServerFrame): void {
    this.send(encodeFrame(frame))
  }

  pendingBytes(): number {
    if (!this.#socket) return this.#early.reduce((total, frame) => total + frame.bytes, 0)
    return Math.max(this.#socket.webSocket.bufferedAmount, this.#unanswered.excess())
  }

  atOnce(work: () => void): void {
    if (this.#socket) this.#socket.atOnce(work)
    else work()
  }

  beat(): void {
    if (!this.#socket) return
    const { webSocket } = this.#socket
    this.#silentBeats++
    if (this.#silentBeats > SILENT_BEATS || this.#isStuck(this.#socket.bytesRead())) {
      webSocket.terminate()
      return
    }
    if (this.pendingBytes() >= HIGH_BYTES) return
    this.tell({ type: 'ping', position: this.line.position })
    webSocket.ping()
  }

  /** Whether a message is still not here as a whole of which a good part was here a whole round ago. */
  #isStuck(read: number): boolean {
    const [now, before] = [read - this.#bytesAtMessage, this.#bytesAtBeat - this.#bytesAtMessage]
    this.#bytesAtBeat = read
    return Math.min(now, before) > SHORT_BYTES
  }

  end(reason: EndReason): void {
    this.#cut(reason)
  }

  #cut(reason: keyof typeof closeCodes): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#endedAs = reason
    this.#turns?.clear()
    const { webSocket } = this.#socket ?? {}
    if (webSocket?.isPaused) webSocket.resume()
    webSocket?.close(closeCodes[reason].code, reason)
  }

  #write(frame: Encoded): void {
    if (!this.#socket || this.#socket.webSocket.readyState !== this.#socket.webSocket.OPEN) return
    const bytes = frame.webSocketFrame()
    this.#socket.writeFrame(bytes, this.#lookIfDrained)
    this.#unanswered.add(bytes.length)
    if (this.pendingBytes() > 0) this.#isFull = true
  }

  readonly #lookIfDrained = (): void => {
    if (!this.#isFull || this.pendingBytes() > 0) return
    this.#isFull = false
    this.#line?.drained()
    this.#turns?.goOn()
  }

  #pong(data: Buffer): void {
    if (!this.#budget.take()) this.#cut('too_many_frames')
    else if (this.pendingBytes() < HIGH_BYTES) this.#socket?.webSocket.pong(data)
  }

  #read(data: Buffer, isBinary: boolean): void {
    if (this.#isEnded) return
    this.#silentBeats = 0
    this.#bytesAtMessage = this.#socket?.bytesRead() ?? 0
    let names: Names = {}
    try {
      if (isBinary) throw UnreadableFrame({ detail: 'Send text, not bytes.' })
      const frame = readFrame(data.toString(), (read) => {
        names = read
      })
      if (data.length > SHORT_BYTES && frame.type !== 'send') this.#cut('frame_too_large')
      else this.#take(frame, data.length)
    } catch (error) {
      const problem = this.#parts.explain(error, newId('req'))
      this.tell({ type: 'error', ...names, problem })
      if (problem.code === UnreadableFrame.code) this.#cut('unreadable')
      else if (!this.#budget.take()) this.#cut('too_many_frames')
    }
  }

  #take(frame: ClientFrame, bytes: number): void {
    if (LIGHT.has(frame.type) && !this.#budget.take()) this.#refuseMore()
    else if (frame.type === 'ping') {
      const ref = frame.ref === undefined ? {} : { ref: frame.ref }
      this.tell({ type: 'pong', ...ref, position: this.line.position })
    } else if (frame.type === 'ack') this.#arrivals?.upTo(frame.position)
    else {
      this.#turns ??= new Turns({
        obey: (command) => this.#parts.obey(this, command),
        isReading: () => this.pendingBytes() < HIGH_BYTES,
        holdBack: (isHeld) => this.#holdBack(isHeld),
      })
      if (!this.#turns.add(frame, bytes)) this.#refuseMore()
    }
  }

  #holdBack(isHeld: boolean): void {
    const { webSocket } = this.#socket ?? {}
    if (!webSocket || this.#isEnded || webSocket.isPaused === isHeld) return
    if (isHeld) webSocket.pause()
    else webSocket.resume()
  }

  #refuseMore(): void {
    this.tell({ type: 'error', problem: this.#parts.explain(TooManyFrames(), newId('req')) })
    this.#cut('too_many_frames')
  }

  #note(frame: Encoded): void {
    const { actor } = this.line
    if (actor.type !== 'user') return
    this.#arrivals ??= new Arrivals((messages) => {
      this.#parts.doors.markDelivered(this.line.actor, messages).catch(this.#parts.onLost)
    })
    this.#arrivals.note(frame, actor.id)
  }

  #close(): void {
    this.#isEnded = true
    this.#turns?.clear()
    this.#parts.heartbeat.remove(this, this.#turn)
    this.#arrivals?.close()
    if (this.#holder !== undefined) this.#parts.doors.leave(this.#holder)
    this.#line?.close()
  }
}

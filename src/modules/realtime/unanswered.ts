// So often a peer is asked whether it has read so far.
const ASK_BYTES = 64 * 1024
// So much may be on its way, in the buffers of both systems and between them; what is more lies before the peer.
const UNDERWAY_BYTES = 256 * 1024

/**
 * What was sent to a peer that has not answered the pings behind it. A system takes some megabytes for a peer that reads nothing, and
 * says nothing of it; a pong comes from who has read what was before its ping (RFC 6455 §5.5.3).
 */
export class Unanswered {
  #sent = 0
  #asked = 0
  #answered = 0
  readonly #ask: (ping: Buffer) => void

  /** `ask` sends a ping behind what was sent. */
  constructor(ask: (ping: Buffer) => void) {
    this.#ask = ask
  }

  add(bytes: number): void {
    this.#sent += bytes
    if (this.#sent - this.#asked < ASK_BYTES) return
    this.#asked = this.#sent
    this.#ask(Buffer.from(`${this.#sent}`))
  }

  /** A pong has come, to one of these pings or to another: it answers all before it, too. */
  answer(pong: Buffer): void {
    const upTo = pong.length > 0 && pong.length < 20 ? Number(pong.toString('latin1')) : 0
    if (upTo > this.#answered && upTo <= this.#asked) this.#answered = upTo
  }

  /** How many bytes lie before the peer that must not be underway any more. */
  excess(): number {
    return Math.max(0, this.#sent - this.#answered - UNDERWAY_BYTES)
  }
}

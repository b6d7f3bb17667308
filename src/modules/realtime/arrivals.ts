import type { Encoded, NewsOfMessage } from './live.ts'

const REMEMBERED = 1000
// For who has not yet said that anything has arrived, and maybe never will.
const REMEMBERED_AT_FIRST = 20
const EVERY_MS = 1000

/** Keeps that messages have reached somebody. Never throws. */
type Deliver = (messages: readonly { ticket_id: string; message_id: string }[]) => void

/** Which messages a client was told of, until it says that they have arrived. */
export class Arrivals {
  #told: { position: number; message: NewsOfMessage }[] = []
  #arrived: NewsOfMessage[] = []
  #says = false
  #last = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  readonly #deliver: Deliver

  constructor(deliver: Deliver) {
    this.#deliver = deliver
  }

  /** Notes what is told; a reader's own messages need not reach him. */
  note({ position, message }: Encoded, reader_id: string): void {
    if (position === undefined || message === undefined || message.author_id === reader_id) return
    this.#told.push({ position, message })
    if (this.#told.length > (this.#says ? REMEMBERED : REMEMBERED_AT_FIRST)) this.#told.shift()
  }

  /** Everything up to this position has arrived: what is kept of that is kept at most once a second. */
  upTo(position: number): void {
    this.#says = true
    this.#arrived.push(...this.#told.filter((one) => one.position <= position).map(({ message }) => message))
    this.#told = this.#told.filter((one) => one.position > position)
    if (this.#arrived.length === 0 || this.#timer) return
    const waitMs = this.#last + EVERY_MS - performance.now()
    if (waitMs <= 0) this.#flush()
    else this.#timer = setTimeout(() => this.#flush(), waitMs).unref()
  }

  /** Keeps what has arrived, and forgets the rest. */
  close(): void {
    if (this.#timer) this.#flush()
    this.#told = []
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#last = performance.now()
    const arrived = this.#arrived
    this.#arrived = []
    this.#deliver(arrived.map(({ id, ticket_id }) => ({ ticket_id, message_id: id })))
  }
}

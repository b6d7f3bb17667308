import type { Command } from './obeying.ts'

// How many may wait, and how long they may be in all before what follows is held back.
const WAITING_MAX = 100
const WAITING_BYTES = 1_048_576

/** A client whose turns they are. */
interface TurnTaker {
  obey(command: Command): Promise<void>
  /** Whether it reads what it is answered. */
  isReading(): boolean
  /** Reads from it no further, or goes on. */
  holdBack(isHeld: boolean): void
}

/** What a client has said and what was not done yet: one after the other. */
export class Turns {
  readonly #waiting: { command: Command; bytes: number }[] = []
  #bytes = 0
  #isBusy = false
  readonly #client: TurnTaker

  constructor(client: TurnTaker) {
    this.#client = client
  }

  /** Takes one more; false when too many wait. */
  add(command: Command, bytes: number): boolean {
    if (this.#waiting.length >= WAITING_MAX) return false
    this.#waiting.push({ command, bytes })
    this.#bytes += bytes
    if (this.#bytes > WAITING_BYTES) this.#client.holdBack(true)
    this.goOn()
    return true
  }

  /** Does what waits, unless it is being done. */
  goOn(): void {
    if (!this.#isBusy) void this.#work()
  }

  /** Forgets what was not begun. */
  clear(): void {
    this.#waiting.length = 0
    this.#bytes = 0
  }

  async #work(): Promise<void> {
    this.#isBusy = true
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      await this.#client.obey(next.command)
      this.#bytes = Math.max(0, this.#bytes - next.bytes)
      if (this.#bytes <= WAITING_BYTES) this.#client.holdBack(false)
    }
    this.#isBusy = false
  }

  #next(): { command: Command; bytes: number } | undefined {
    return this.#client.isReading() ? this.#waiting.shift() : undefined
  }
}

import { awayFrom } from './away.ts'

/** Lets so many through at a time; who waits for too long is told to come again. */
export class Turnstile {
  readonly #waiting: { enter: () => void; since: number }[] = []
  readonly #patienceMs: number
  #free: number
  constructor(places: number, patienceMs: number) {
    this.#free = places
    this.#patienceMs = patienceMs
  }
  /** For how long who is next has waited. */
  waitedMs(): number {
    const [next] = this.#waiting
    return next ? performance.now() - next.since : 0
  }
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else await this.#turn()
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next.enter()
      else this.#free++
    }
  }
  #turn(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(() => {
      this.#waiting.splice(this.#waiting.indexOf(one), 1)
      reject(awayFrom(new Error(`no turn to write within ${this.#patienceMs} ms`)))
    }, this.#patienceMs)
    const enter = (): void => {
      clearTimeout(timer)
      resolve()
    }
    const one = { enter, since: performance.now() }
    this.#waiting.push(one)
    return promise
  }
}

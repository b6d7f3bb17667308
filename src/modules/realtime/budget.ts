/** How often a client may do in a second what costs little and is not counted otherwise. */
const PER_SECOND = 20

/** Counts by seconds. */
export class Budget {
  #began = 0
  #used = 0

  /** Takes one; false when there is none left. */
  take(now = performance.now()): boolean {
    if (now - this.#began >= 1000) {
      this.#began = now
      this.#used = 0
    }
    return ++this.#used <= PER_SECOND
  }
}

/** The source of time: epoch milliseconds, UTC. Replaced in tests; nothing else reads the wall clock. */
export interface Clock {
  now(): number
}

/** The clock of the machine. */
export const systemClock: Clock = { now: () => Date.now() }

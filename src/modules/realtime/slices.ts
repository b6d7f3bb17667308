import { setImmediate, setTimeout as wait } from 'node:timers/promises'

const SLICE_MS = 8
// So long those who are told much have the loop at a time, and so many times longer everybody else.
const CROWD_MS = 0.5
const REST = 3
const REST_MOST_MS = 100

/** Work that is cut into short slices, so that everything else gets its turn in between. */
export interface Slice {
  isOver(): boolean
  /** Resolves when it may go on. */
  next(): Promise<void>
}

/** Whoever tells many takes turns with the others who do: in one round of the event loop there is one slice. */
export function createSlices(): () => Promise<Slice> {
  let line = Promise.resolve()
  const turn = (): Promise<void> => {
    line = line.then(() => setImmediate())
    return line
  }
  return async () => {
    await turn()
    let end = performance.now() + SLICE_MS
    return {
      isOver: () => performance.now() >= end,
      next: async () => {
        await turn()
        end = performance.now() + SLICE_MS
      },
    }
  }
}

/** The time of those who are told much, with what is read for them: never more than a quarter of it all, and never long. */
export interface Share {
  /** Whether some of it is left; if so, it begins. */
  isLeft(): boolean
  /** Says that nobody uses it now. */
  pause(): void
  /** Takes away what was used without asking. */
  charge(ms: number): void
  /** Resolves when there is some. */
  next(): Promise<void>
}

export function createShare(now = () => performance.now()): Share {
  let began: number | undefined
  let usedMs = 0
  let restsUntil = Number.NEGATIVE_INFINITY
  const charge = (ms: number): void => {
    usedMs += ms
    if (usedMs < CROWD_MS) return
    restsUntil = now() + Math.min(REST * usedMs, REST_MOST_MS)
    usedMs = 0
  }
  const pause = (): void => {
    if (began === undefined) return
    charge(now() - began)
    began = undefined
  }
  return {
    isLeft: () => {
      if (began === undefined) {
        if (now() < restsUntil) return false
        began = now()
      }
      if (usedMs + now() - began < CROWD_MS) return true
      pause()
      return false
    },
    pause,
    charge,
    next: async () => {
      pause()
      do await wait(Math.max(1, restsUntil - now()))
      while (now() < restsUntil)
    },
  }
}

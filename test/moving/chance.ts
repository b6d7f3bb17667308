/** Chance that is the same in every run of the same seed. */
export interface Chance {
  /** A whole number from 0 on, below `end`. */
  below(end: number): number
  /** Whether it happens, so often of a hundred. */
  happens(percent: number): boolean
  one<T>(of: readonly T[]): T
  /** Some of these, in their order: each or not. */
  some<T>(of: readonly T[], percent?: number): T[]
}

/** Numbers by mulberry32. */
export function createChance(seed: number): Chance {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const chance: Chance = {
    below: (end) => Math.floor(next() * end),
    happens: (percent) => next() * 100 < percent,
    one: (of) => {
      const chosen = of[chance.below(of.length)]
      if (chosen === undefined) throw new Error('there is nothing to choose from')
      return chosen
    },
    some: (of, percent = 50) => of.filter(() => chance.happens(percent)),
  }
  return chance
}

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { RateLimited } from './problems.ts'

/** How far a window is used up: what the IETF's RateLimit header fields tell. */
interface Window {
  remaining: number
  resetSeconds: number
}

/** Counts per key in a fixed window of `seconds`; the keys of this process only. */
export interface Limiter {
  readonly policy: string
  /** Counts one; throws 429 with Retry-After when the window is used up. */
  take(key: string): Promise<Window>
  /** Throws 429 when the window is used up, and counts nothing. */
  check(key: string): Promise<void>
  clear(key: string): Promise<void>
}

/** A limiter by name; `points` 0 switches it off. */
export function createLimiter({ name, points, seconds }: { name: string; points: number; seconds: number }): Limiter {
  const policy = `"${name}";q=${points};w=${seconds}`
  if (points === 0) {
    const free = { remaining: 0, resetSeconds: 0 }
    return { policy, take: async () => free, check: async () => {}, clear: async () => {} }
  }
  const counter = new RateLimiterMemory({ points, duration: seconds })
  const refuse = (msLeft: number): never => {
    const wait = Math.max(1, Math.ceil(msLeft / 1000))
    throw RateLimited({
      detail: `The limit is ${points} in ${seconds} seconds. Try again in ${wait} seconds.`,
      headers: { 'Retry-After': String(wait), RateLimit: `"${name}";r=0;t=${wait}`, 'RateLimit-Policy': policy },
    })
  }
  return {
    policy,
    async take(key) {
      try {
        const { remainingPoints, msBeforeNext } = await counter.consume(key)
        return { remaining: remainingPoints, resetSeconds: Math.ceil(msBeforeNext / 1000) }
      } catch (error) {
        if (error instanceof RateLimiterRes) return refuse(error.msBeforeNext)
        throw error
      }
    },
    async check(key) {
      const used = await counter.get(key)
      if (used && used.consumedPoints >= points) refuse(used.msBeforeNext)
    },
    async clear(key) {
      await counter.delete(key)
    },
  }
}

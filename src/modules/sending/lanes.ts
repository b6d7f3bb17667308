// Who takes longer than this holds up others.
const SLOW_MS = 5000
const REMEMBERED_MAX = 10_000
const FIRST_LIMIT = 2

/**
 * How many mails may go to each domain at a time: two at first, more as they go well and quickly, up to half of all; one to a domain that
 * is slow or does not take mail, so that even many of those leave room for the rest.
 */
export interface Lanes {
  /** How many more may go to a domain. */
  room(domain: string): number
  /** The domains that have no room. */
  full(): string[]
  enter(domain: string): void
  leave(domain: string, how: { isWell: boolean; ms: number }): void
}

export function createLanes(connections: number): Lanes {
  const most = Math.max(1, Math.floor(connections / 2))
  const first = Math.min(FIRST_LIMIT, most)
  const limits = new Map<string, number>()
  const running = new Map<string, number>()
  const room = (domain: string): number => Math.max(0, (limits.get(domain) ?? first) - (running.get(domain) ?? 0))
  return {
    room,
    full: () => [...running.keys()].filter((domain) => room(domain) === 0),
    enter: (domain) => running.set(domain, (running.get(domain) ?? 0) + 1),
    leave: (domain, { isWell, ms }) => {
      const left = (running.get(domain) ?? 1) - 1
      if (left === 0) running.delete(domain)
      else running.set(domain, left)
      const limit = isWell && ms < SLOW_MS ? Math.min(most, (limits.get(domain) ?? first) + 1) : 1
      limits.delete(domain)
      limits.set(domain, limit)
      // The one that was used longest ago begins anew.
      const [oldest] = limits.keys()
      if (limits.size > REMEMBERED_MAX && oldest !== undefined) limits.delete(oldest)
    },
  }
}

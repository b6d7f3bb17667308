import { foldEmail } from '../../platform/codecs.ts'
import { networkOf } from '../../platform/http/network.ts'
import { createLimiter } from '../../platform/http/rate-limit.ts'
import { Problem, type ProblemDefinition } from '../../platform/problems.ts'

const QUARTER = 900
const HOUR = 3600

// Failed tries. An account may fail more often in all than from one place, so that one place cannot lock its owner out.
const FAILURES = {
  fromOnePlace: { points: 50, seconds: QUARTER },
  atOneAccountFromOnePlace: { points: 10, seconds: QUARTER },
  atOneAccount: { points: 100, seconds: QUARTER },
}
// Every try that would send a mail, whether it sends one or not.
const MAILS = {
  fromOnePlace: { points: 20, seconds: HOUR },
  toOneAddressFromOnePlace: { points: 5, seconds: HOUR },
  toOneAddress: { points: 10, seconds: HOUR },
}

/** What slows down guessing and mail bombs; per process. Known and unknown addresses are counted alike. */
export interface Throttles {
  /**
   * Runs a look at a secret that may be guessed; what follows from a right one comes after it. It is refused with 429 when
   * too many have failed, even if this one was right, and counts as a failure when it throws `wrong`.
   */
  guess<T>(at: { client: string; account?: string; wrong: ProblemDefinition }, attempt: () => Promise<T>): Promise<T>
  /** Counts a mail that somebody asks for; throws 429. Without `client` (an admin invites) only by its recipient. */
  mail(at: { client?: string; address: string }): Promise<void>
}

export function createThrottles(): Throttles {
  const failures = {
    place: createLimiter({ name: 'failures', ...FAILURES.fromOnePlace }),
    both: createLimiter({ name: 'failures', ...FAILURES.atOneAccountFromOnePlace }),
    account: createLimiter({ name: 'failures', ...FAILURES.atOneAccount }),
  }
  const mails = {
    place: createLimiter({ name: 'mails', ...MAILS.fromOnePlace }),
    both: createLimiter({ name: 'mails', ...MAILS.toOneAddressFromOnePlace }),
    address: createLimiter({ name: 'mails', ...MAILS.toOneAddress }),
  }

  return {
    async guess({ client, account, wrong }, attempt) {
      const place = networkOf(client)
      const counters = [
        { limiter: failures.place, key: place },
        ...(account === undefined
          ? []
          : [
              { limiter: failures.both, key: `${place} ${account}` },
              { limiter: failures.account, key: account },
            ]),
      ]
      const check = async (): Promise<void> => {
        for (const { limiter, key } of counters) await limiter.check(key)
      }
      await check()
      try {
        const value = await attempt()
        // Tries that ran beside this one may have used the window up: then its outcome is not told either.
        await check()
        if (account !== undefined) await failures.both.clear(`${place} ${account}`)
        return value
      } catch (error) {
        if (error instanceof Problem && error.definition === wrong) await countAll(counters)
        throw error
      }
    },
    async mail({ client, address }) {
      const key = foldEmail(address)
      if (client === undefined) return countAll([{ limiter: mails.address, key }])
      const place = networkOf(client)
      await countAll([
        { limiter: mails.place, key: place },
        { limiter: mails.both, key: `${place} ${key}` },
        { limiter: mails.address, key },
      ])
    },
  }
}

/** Counts one everywhere, and then throws the first refusal. */
async function countAll(counters: { limiter: { take(key: string): Promise<unknown> }; key: string }[]): Promise<void> {
  const outcomes = await Promise.allSettled(counters.map(({ limiter, key }) => limiter.take(key)))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}

// The database goes away and comes back, and clients that never try again note what they are told meanwhile.
import { setTimeout as wait } from 'node:timers/promises'
import { admin, between, type Sent, send } from './node.ts'
import type { PrivateServer } from './private-mariadb.ts'
import type { Person } from './writers.ts'

const ANSWER_WITHIN_MS = 2000
const BACK_WITHIN_MS = 5000
// What the signal needs to reach the server, and an answer that was on its way to reach us.
const GRACE_MS = 100

/** A way to be away. `leave` resolves when it is gone, `comeBack` when it takes connections again. */
export interface Absence {
  name: string
  awayMs: number
  leave(): Promise<void>
  comeBack(): Promise<void>
}

export interface Seen {
  path: string
  started: number
  ended: number
  /** 0 when no answer came at all. */
  status: number
  isProper503: boolean
  text: string
}

/** Ends by this signal and is started again. */
export function ended(
  server: PrivateServer,
  { signal, ...rest }: { signal: NodeJS.Signals; name: string; awayMs: number },
): Absence {
  return { ...rest, leave: () => server.end(signal), comeBack: () => server.start() }
}

/** Hangs (SIGSTOP) and goes on, or is killed in this state and started again. */
export function hung(
  server: PrivateServer,
  { isKilled = false, ...rest }: { isKilled?: boolean; name: string; awayMs: number },
): Absence {
  return {
    ...rest,
    leave: async () => server.kill('SIGSTOP'),
    comeBack: async () => {
      if (!isKilled) return server.kill('SIGCONT')
      await server.end('SIGKILL')
      await server.start()
    },
  }
}

export interface Watch {
  seen: Seen[]
  stop(): Promise<void>
}

/** Lets it be away once. Answers what was seen; whatever was not as promised is put down in `wrong`. */
export async function goThrough(
  { name, awayMs, leave, comeBack }: Absence,
  { watch, wrong }: { watch: Watch; wrong: string[] },
): Promise<Record<string, number>> {
  await wait(1500)
  const from = performance.now()
  await leave()
  const gone = performance.now()
  await wait(awayMs)
  const returning = performance.now()
  await comeBack()
  const back = performance.now()
  await wait(BACK_WITHIN_MS + 1000)
  const inTime = watch.seen.filter(({ ended }) => ended >= from)
  // A request that was under way when the database left counts from then on.
  const away = inTime.filter(({ started, ended }) => ended > gone + GRACE_MS && started < returning)
  const took = away.map(({ started, ended }) => ended - Math.max(started, from))
  const complain = (words: string): void => void wrong.push(`${name}: ${words}`)
  // What was answered after the return may have been done.
  const isRight = ({ ended, status, isProper503 }: Seen): boolean =>
    isProper503 || (ended > returning && [200, 201].includes(status))
  for (const seen of away) {
    if (seen.status === 0) complain(`${seen.path} got no answer`)
    else if (!isRight(seen)) complain(`${seen.path} answered ${seen.status} ${seen.text.slice(0, 200)}`)
  }
  for (const { path, status, text } of inTime)
    if (status >= 300 && status !== 503) complain(`${path} answered ${status} ${text.slice(0, 200)}`)
  const slowest = Math.max(0, ...took)
  if (slowest > ANSWER_WITHIN_MS) complain(`the slowest answer took ${Math.round(slowest)} ms`)
  const failures = inTime.filter(({ started, status }) => started >= back && status !== 200 && status !== 201)
  const workedAfter = Math.max(0, ...failures.map(({ ended }) => ended - back))
  if (workedAfter > BACK_WITHIN_MS) complain(`${Math.round(workedAfter)} ms after it was back there were still failures`)
  const readyz = away.filter(({ path }) => path === '/readyz')
  if (!readyz.some(({ isProper503 }) => isProper503)) complain('/readyz did not say so')
  return {
    'away s': Math.round((back - from) / 100) / 10,
    requests: away.length,
    '503 in time': away.filter(({ isProper503 }, i) => isProper503 && (took[i] ?? 0) <= ANSWER_WITHIN_MS).length,
    'done after it': away.filter((seen) => isRight(seen) && !seen.isProper503).length,
    other: away.filter((seen) => !isRight(seen)).length,
    'slowest ms': Math.round(slowest),
    '/readyz 503': readyz.filter(({ isProper503 }) => isProper503).length,
    'worked again after ms': Math.round(workedAfter),
  }
}

/**
 * Clients that never try again and note what they get: reads, writes, log-ins and the load balancer's question, unless it is one that
 * is asked.
 */
export function startWatch(url: string, persons: readonly Person[], { isProxy = false } = {}): Watch {
  const seen: Seen[] = []
  let stopped = false
  const ask = async (sent: Sent): Promise<void> => {
    const started = performance.now()
    const answer = await send(url, { ...sent, timeoutMs: 15_000 }).catch((error: Error) => error)
    const ended = performance.now()
    if (answer instanceof Error) {
      seen.push({ path: sent.path, started, ended, status: 0, isProper503: false, text: answer.message })
      return
    }
    const { status, headers, text } = answer
    const isProblem = String(headers['content-type']).startsWith('application/problem+json')
    const isProper503 = status === 503 && isProblem && Number(headers['retry-after']) >= 1
    seen.push({ path: sent.path, started, ended, status, isProper503, text })
  }
  const token = persons[0]?.token
  const asked: Sent[] = [
    ...(isProxy ? [] : [{ path: '/readyz' }]),
    { path: '/v1/tickets?limit=5', token },
    { path: '/v1/me', token: persons[5]?.token },
    { path: '/v1/events?after=0&limit=10', token },
    { method: 'POST', path: '/v1/tickets', token, body: { subject: 'Never mind', body: 'Nobody looks for this one.' } },
    { method: 'POST', path: '/v1/auth/login', body: { ...admin } },
  ]
  // Two of each, so that one that hangs does not keep the other from asking.
  const running = Promise.all(
    [...asked, ...asked].map(async (sent) => {
      while (!stopped) {
        await ask(sent)
        await wait(between(50, 150))
      }
    }),
  )
  running.catch(() => {})
  return {
    seen,
    stop: async () => {
      stopped = true
      await running
    },
  }
}

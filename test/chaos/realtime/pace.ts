// Messages at a steady rate, and how long each takes from the answer to its author until it reaches those who listen.
import { percentile } from '../node.ts'
import type { Listening } from './listening.ts'
import { type Kind, openStream, type Stream } from './stream.ts'

export interface Paced {
  sent: number
  failed: number
  /** In milliseconds, of every message and listener; none where the event was there before the answer. */
  latencies: number[]
  /** Of the messages of each second alone. */
  bySecond: number[][]
  /** How many that should have been heard were not. */
  missed: number
  seconds: number
}

export interface PaceOptions {
  ground: Listening
  /** Where those who measure listen. */
  url: string
  listeners: number
  perSecond: number
  seconds: number
  bytes: number
}

const MARK = /mark-(\d+);/
const LAST_WITHIN_MS = 10_000

/** Writes and listens in this process, so that there is one clock. */
export async function pace({ ground, url, listeners, perSecond, seconds, bytes }: PaceOptions): Promise<Paced> {
  const answeredAt: number[] = []
  const heardAt: number[][] = []
  const streams: Stream[] = []
  const opened = Array.from({ length: listeners }, (_, i) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const kind: Kind = i % 2 === 0 ? 'web socket' : 'event stream'
    const ticket = ground.tickets[i % ground.tickets.length] ?? ''
    streams.push(
      openStream({
        ...{ kind, url, token: ground.agents[i % ground.agents.length]?.token ?? '', topics: [`ticket:${ticket}`] },
        onMessage: (message) => {
          resolve()
          const at = message.indexOf('mark-')
          if (at === -1) return
          const number = Number(MARK.exec(message.toString('latin1', at, at + 20))?.[1])
          heardAt[number]?.push(performance.now())
        },
        onFrame: () => {},
        onEnd: (why) => reject(new Error(`a listener is gone: ${why}`)),
      }),
    )
    promise.catch(() => {})
    return promise
  })
  await Promise.all(opened)

  const padding = 'x'.repeat(bytes)
  let failed = 0
  const running: Promise<void>[] = []
  const total = perSecond * seconds
  const post = async (n: number): Promise<void> => {
    heardAt[n] = []
    try {
      await ground.post(ground.tickets[n % ground.tickets.length] ?? '', `mark-${n}; ${padding}`)
      answeredAt[n] = performance.now()
    } catch {
      failed++
    }
  }
  const began = performance.now()
  const { promise: allSent, resolve: done } = Promise.withResolvers<void>()
  let next = 0
  const timer = setInterval(() => {
    while (next < total && next < ((performance.now() - began) / 1000) * perSecond) running.push(post(next++))
    if (next >= total) done()
  }, 2)
  await allSent
  clearInterval(timer)
  await Promise.all(running)
  const took = (performance.now() - began) / 1000

  const audience = listeners / ground.tickets.length
  const givenUp = performance.now() + LAST_WITHIN_MS
  const isHeard = (): boolean => answeredAt.every((_, n) => (heardAt[n]?.length ?? 0) >= audience)
  while (!isHeard() && performance.now() < givenUp) await new Promise((resolve) => setTimeout(resolve, 50))
  const latencies: number[] = []
  const bySecond = Array.from({ length: seconds }, (): number[] => [])
  let missed = 0
  for (const [n, at] of answeredAt.entries()) {
    if (at === undefined) continue
    const each = (heardAt[n] ?? []).map((heard) => Math.max(0, heard - at))
    latencies.push(...each)
    bySecond[Math.floor(n / perSecond)]?.push(...each)
    missed += audience - (heardAt[n]?.length ?? 0)
  }
  for (const stream of streams) stream.cut()
  return { sent: total, failed, latencies, bySecond, missed, seconds: took }
}

export function p50Of({ latencies }: Paced): number {
  return percentile(latencies, 0.5)
}

export function p99Of({ latencies }: Paced): number {
  return percentile(latencies, 0.99)
}

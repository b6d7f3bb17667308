import { setTimeout as wait } from 'node:timers/promises'
import type { Connections } from './connections.ts'

// Those who are sent away look for another node: so many a second are no burden to the ones that stay.
const TOGETHER = 100
const PAUSE_MS = 20
const LONGEST_MS = 3000

/** When somebody who is sent away is to come back, in milliseconds: by chance, so that not all come at once. */
export function comesBackInMs(random: number = Math.random()): number {
  return Math.round(500 + random * 2500)
}

/** Ends all connections because the node stops: few at once, many over three seconds at the most. */
export async function endGently(connections: Connections): Promise<void> {
  const rounds = LONGEST_MS / PAUSE_MS
  const together = Math.max(TOGETHER, Math.ceil(connections.all.size / rounds))
  while (connections.all.size > 0) {
    for (const connection of [...connections.all].slice(0, together)) connections.end(connection, 'stopping')
    if (connections.all.size > 0) await wait(PAUSE_MS)
  }
}

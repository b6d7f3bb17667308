import { HEARTBEAT_SECONDS } from './protocol.ts'

// How many turns a round has: those who are told in one are few, however many there are.
const TURNS = 200

/** Something that lives as long as its heart beats. */
export interface Beating {
  beat(): void
}

/** One timer for all connections of a node: each has its turn once a round, and none of them has a timer of its own. */
export interface Heartbeat {
  /** Takes one in, and answers which turn it has. */
  add(member: Beating): number
  remove(member: Beating, turn: number): void
  /** Has the next turn now. */
  tick(): void
}

export function createHeartbeat({ everyMs = HEARTBEAT_SECONDS * 1000 } = {}): Heartbeat {
  const turns = Array.from({ length: TURNS }, () => new Set<Beating>())
  let [next, now, count] = [0, 0, 0]
  let timer: NodeJS.Timeout | undefined

  const tick = (): void => {
    now = (now + 1) % TURNS
    for (const member of turns[now] ?? []) member.beat()
  }
  return {
    add(member) {
      next = (next + 1) % TURNS
      turns[next]?.add(member)
      count++
      timer ??= setInterval(tick, everyMs / TURNS).unref()
      return next
    },
    remove(member, turn) {
      if (!turns[turn]?.delete(member) || --count > 0) return
      clearInterval(timer)
      timer = undefined
    },
    tick,
  }
}

import { getSettings } from '../../modules/desk/index.ts'
import { Problem } from '../../platform/problems.ts'
import type { ProgressBar } from '../progress.ts'
import { bringCast } from './cast.ts'
import type { Cast, DemoDesk } from './desk.ts'
import { conversationOf, DAYS, type Deed, planDemo, TICKETS } from './plan.ts'

const DAY_MS = 86_400_000
// For a desk that closes nothing by itself.
const DAYS_BY_DEFAULT = 7

/** What was made. */
export interface Filled {
  cast: Cast
  tickets: number
  messages: number
}

/**
 * Plays the last weeks of the demo as they would have gone, from the oldest moment to the newest: the moment of each transaction is the
 * one at which it would have happened. What is cut off stays as far as it came.
 */
export async function fillDesk(
  desk: DemoDesk,
  { now, progress, tickets: count = TICKETS }: { now: number; tickets?: number; progress: (total: number) => ProgressBar },
): Promise<Filled> {
  const { close_solved_after_days: days } = await desk.at(now)((tx) => getSettings(tx.db))
  const acts = planDemo(now, { closeAfterDays: days === 0 ? DAYS_BY_DEFAULT : days, tickets: count })
  const begin = Math.min(now - (DAYS + 1) * DAY_MS, acts[0]?.at ?? now)
  const cast = await bringCast(desk.at(begin))
  const tickets = new Map<number, string>()
  // In these somebody else has taken a hand meanwhile.
  const left = new Set<number>()
  const bar = progress(acts.length)
  let messages = 0
  try {
    for (const [done, { at, ticket, deed }] of acts.entries()) {
      if (!left.has(ticket)) {
        const doing = { cast, conversation: conversationOf(ticket), deed, ticket_id: tickets.get(ticket) }
        const acted = await desk.act(at, doing).catch((error) => leave(error, deed))
        if (acted === undefined) left.add(ticket)
        else tickets.set(ticket, acted.ticket_id)
        if (acted && (deed.kind === 'raise' || deed.kind === 'turn' || deed.kind === 'finish')) messages++
      }
      bar.at(done + 1, `${tickets.size} tickets`)
    }
  } finally {
    bar.end()
  }
  return { cast, tickets: tickets.size, messages }
}

/** A ticket in which somebody else is at work is left to him. That it cannot even be raised is another matter. */
function leave(error: unknown, deed: Deed): undefined {
  if (deed.kind === 'raise' || !(error instanceof Problem) || error.statusCode >= 500) throw error
}

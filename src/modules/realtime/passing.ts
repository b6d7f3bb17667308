import type { Reader } from '../../platform/database/schema.ts'
import { factsOf, viewOf } from '../tickets/index.ts'
import { encodeFrame } from './encoded.ts'
import type { PassingFrame } from './frames.ts'
import type { Listeners } from './listeners.ts'
import type { Hub } from './live.ts'
import type { Slice } from './slices.ts'

// So much waits at the most for a database that does not answer: what is old by then is lost.
const WAITING_MAX = 10_000

type Frames = Parameters<Hub['pass']>[1]

/** Tells what passes by to those who listen to a ticket, in the order in which it came. It may lose anything. */
export function createPassing({
  db,
  listeners,
  takeSlice,
  onError,
}: {
  db: Reader
  listeners: Listeners
  takeSlice(): Promise<Slice>
  onError(error: unknown): void
}): { pass: Hub['pass']; settle(): Promise<void> } {
  const waiting: { ticket_id: string; frames: Frames }[] = []
  let running: Promise<void> | undefined

  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      try {
        await tellAll(waiting.splice(0))
      } catch (error) {
        onError(error)
      }
    }
    running = undefined
  }

  const tellAll = async (some: typeof waiting): Promise<void> => {
    const ids = some.map(({ ticket_id }) => ticket_id)
    const facts = await factsOf(db, ids)
    const slice = await takeSlice()
    for (const { ticket_id, frames } of some) {
      const ticket = facts.get(ticket_id)
      if (!ticket || ticket.deleted_at !== null) continue
      const encoded = {
        staff: frames.staff && encodeFrame(frames.staff),
        requester: frames.requester && encodeFrame(frames.requester),
      }
      for (const connection of listeners.ofTicket(ticket_id)) {
        if (slice.isOver()) await slice.next()
        const view = viewOf(ticket, connection.actor)
        const frame = view && encoded[view]
        if (!frame || isOwn(frames[view], connection.actor.id)) continue
        if (!connection.isClosed && !connection.stall) connection.peer.send(frame)
      }
    }
  }

  return {
    pass: (ticket_id, frames) => {
      if (listeners.ofTicket(ticket_id)[Symbol.iterator]().next().done) return
      if (waiting.length >= WAITING_MAX) waiting.splice(0, WAITING_MAX / 2)
      waiting.push({ ticket_id, frames })
      running ??= run()
    },
    settle: async () => {
      while (running) await running
    },
  }
}

/** Nobody has to be told that he writes or looks, on whichever device; what he has read his other devices want to know. */
function isOwn(frame: PassingFrame | null, id: string): boolean {
  return frame !== null && frame.type !== 'read' && frame.user.id === id
}

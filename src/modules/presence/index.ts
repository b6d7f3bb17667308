import type { Actor } from '../../platform/actor.ts'
import type { Ground, Module } from '../../platform/module.ts'
import { Forbidden } from '../../platform/problems.ts'
import { canWork, getVisibleTicket, type SeenTicket } from '../tickets/index.ts'
import { looking, type Side, shownTo, typing, type View } from './lease.ts'
import { createNeighbours } from './neighbours.ts'
import { toPresence, typingFrame, UNTOLD, viewingFrame } from './present.ts'
import { createRoster, type Here, standingOf } from './roster.ts'
import { presenceRoutes } from './routes.ts'
import type { Presence, PresenceFrame } from './schema.ts'
import { createTeller, type Tell } from './teller.ts'
import { createTurns } from './turns.ts'

export { type PresenceFrame, PresentFrame, TypedFrame } from './schema.ts'
export type { Tell } from './teller.ts'

const SWEEP_MS = 1_000
const bounds = { tickets: 10_000, peoplePerTicket: 200, ticketsPerHolder: 50 }

/** Which ticket, and what holds what is said: the id of a connection that no other has, or `rest:` and the id of who asks. */
interface Said {
  ticket: string
  holder: string
  active: boolean
}

/** Who is looking at a ticket at present, and who is writing in it. It is all in memory, and ends by itself. */
export interface PresenceModule extends Module {
  /** Says that somebody looks at a ticket, for 45 seconds, or does no more. Throws 404 where he does not see it. */
  look(actor: Actor, said: Said): Promise<void>
  /**
   * Says that somebody writes in a ticket, for eight seconds, or does no more. Throws 404 where he does not see it, 403 where he
   * would write what is internal and does not work on it.
   */
  type(actor: Actor, said: Said & { visibility: Side }): Promise<void>
  /** Ends all that a connection holds, at once: also what it has said and what is still being looked at. */
  leave(holder: string): void
  /** Who is in a ticket now, as far as a reader of this side may know. Whoever asks has made sure that the reader sees the ticket. */
  here(ticket_id: string, reader: View): Presence[]
  /** What tells a reader of this side anew who is in a ticket now: for who begins to listen, and has heard of nobody yet. */
  refreshed(ticket_id: string, reader: View): PresenceFrame[]
  /** Ends what is over by the clock, and tells of it. It happens each second by itself. */
  sweep(): void
  close(): void
}

/** `tell` carries what is told to those who listen to a ticket on this node; each node tells its own. */
export function createPresence(
  { database, clock, bus }: Pick<Ground, 'database' | 'clock' | 'bus'>,
  { tell }: { tell: Tell },
): PresenceModule {
  const turns = createTurns()
  const teller = createTeller(tell)
  const roster = createRoster({
    clock,
    bounds,
    tell: (here, now, why) => {
      teller(here, now)
      neighbours.say(here, now, why)
      watch()
    },
  })
  const neighbours = createNeighbours({ bus, clock, roster })
  let timer: NodeJS.Timeout | undefined

  const sweep = (): void => {
    const isAnybodyLeft = roster.sweep()
    neighbours.flush()
    if (isAnybodyLeft) return
    clearInterval(timer)
    timer = undefined
  }
  const watch = (): void => {
    timer ??= setInterval(sweep, SWEEP_MS).unref()
  }
  const say = (
    actor: Actor,
    { ticket, holder, viewing, writing }: { ticket: string; holder: string; viewing?: boolean; writing?: Side | null },
  ): Promise<SeenTicket> =>
    turns.inTurn(holder, async (isGone) => {
      const seen = await getVisibleTicket(database.reader, actor, ticket)
      if (writing === 'internal' && !canWork(seen)) throw Forbidden()
      if (isGone()) return seen
      const person = { id: actor.id, name: actor.name }
      roster.hold({ ticket_id: seen.id, person, holder, side: seen.view, isOwn: true }, (lease, now) => {
        const looked = viewing === undefined ? lease : looking(lease, viewing, now)
        return writing === undefined ? looked : typing(looked, writing, now)
      })
      neighbours.flush()
      return seen
    })
  const framesOf = (here: Here, reader: View, now: number): PresenceFrame[] => {
    const shown = shownTo(reader, standingOf(here, now, 'all'), now)
    return [viewingFrame, typingFrame].flatMap((frame) => frame(here, { told: UNTOLD, shown, now }) ?? [])
  }
  const here = (ticket_id: string, reader: View): Presence[] => {
    const now = clock.now()
    return [...roster.inTicket(ticket_id)].flatMap((one) => toPresence(one, reader, now) ?? [])
  }

  return {
    routes: presenceRoutes({ say, here }),
    pages: [],
    reactions: [],
    look: async (actor, { ticket, holder, active }) => void (await say(actor, { ticket, holder, viewing: active })),
    type: async (actor, { ticket, holder, active, visibility }) =>
      void (await say(actor, { ticket, holder, writing: active ? visibility : null })),
    leave(holder) {
      turns.leave(holder)
      roster.leave(holder)
      neighbours.flush()
    },
    here,
    refreshed: (ticket_id, reader) => {
      const now = clock.now()
      return [...roster.inTicket(ticket_id)].flatMap((one) => framesOf(one, reader, now))
    },
    sweep,
    close() {
      clearInterval(timer)
      neighbours.close()
    },
  }
}

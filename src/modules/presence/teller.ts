import { type Shown, shownTo } from './lease.ts'
import { knownAfter, typingFrame, UNTOLD, viewingFrame } from './present.ts'
import { type Here, standingOf } from './roster.ts'
import type { PresenceFrame } from './schema.ts'

/** Tells what passes by to those who listen to a ticket at the moment: each side its own, or nothing. */
export type Tell = (ticket_id: string, frames: { staff: PresenceFrame | null; requester: PresenceFrame | null }) => void

/**
 * Tells each side of a ticket when somebody begins or ceases to do something that it may know of; that he goes on once half of the
 * time is over that was told. So nobody has gone on behind the end that was told last.
 */
export function createTeller(tell: Tell): (here: Here, now: number) => void {
  const known = new WeakMap<Here, { staff: Shown; requester: Shown }>()
  return (here, now) => {
    const standing = standingOf(here, now, 'all')
    const before = known.get(here) ?? { staff: UNTOLD, requester: UNTOLD }
    const lookUp = (side: 'staff' | 'requester') => {
      const [told, shown] = [before[side], shownTo(side, standing, now)]
      const viewing = viewingFrame(here, { told, shown, now })
      const typing = typingFrame(here, { told, shown, now })
      return { viewing, typing, known: knownAfter(told, shown, { viewing: viewing !== null, typing: typing !== null }) }
    }
    const [staff, requester] = [lookUp('staff'), lookUp('requester')]
    // Before anything is told: whoever hears it may say something himself.
    known.set(here, { staff: staff.known, requester: requester.known })
    for (const what of ['viewing', 'typing'] as const) {
      const frames = { staff: staff[what], requester: requester[what] }
      if (frames.staff || frames.requester) tell(here.ticket_id, frames)
    }
  }
}

import { toTime, toTimeOrNull } from '../../platform/codecs.ts'
import { isRenewed, type Shown, shownTo, type View } from './lease.ts'
import { type Here, type Person, standingOf } from './roster.ts'
import type { Presence, PresenceFrame } from './schema.ts'

const timeOf = (ms: number): string | null => toTimeOrNull(ms === 0 ? null : ms)

/** What a reader may know of somebody in a ticket; undefined where that is nothing. */
export function toPresence(here: Here, reader: View, now: number): Presence | undefined {
  const { viewing, typing, typing_until } = shownTo(reader, standingOf(here, now, 'all'), now)
  const end = Math.max(viewing, typing_until)
  if (end === 0) return undefined
  return { object: 'presence', user: here.person, viewing: viewing > 0, typing, expires_at: toTime(end) }
}

/** Somebody who is not in a ticket. */
export function absent({ id, name }: Person): Presence {
  return { object: 'presence', user: { id, name }, viewing: false, typing: null, expires_at: null }
}

/** What a reader was told who was told nothing. */
export const UNTOLD: Shown = { viewing: 0, typing: null, typing_until: 0 }

/** That somebody began or ceased to look, or goes on for longer than was told; null where that is no news. */
export function viewingFrame(
  { ticket_id, person }: Here,
  { told, shown: { viewing }, now }: { told: Shown; shown: Shown; now: number },
): PresenceFrame | null {
  const active = viewing > 0
  if (told.viewing > 0 === active && !isRenewed('viewing', { was: told.viewing, is: viewing }, now)) return null
  return { type: 'presence', ticket_id, user: person, active, expires_at: timeOf(viewing) }
}

/** That somebody began or ceased to write, does it on another side, or goes on for longer than was told; null where that is no news. */
export function typingFrame(
  { ticket_id, person }: Here,
  { told, shown: { typing, typing_until }, now }: { told: Shown; shown: Shown; now: number },
): PresenceFrame | null {
  const visibility = typing ?? told.typing
  if (visibility === null) return null
  if (told.typing === typing && !isRenewed(visibility, { was: told.typing_until, is: typing_until }, now)) return null
  return { type: 'typing', ticket_id, user: person, visibility, active: typing !== null, expires_at: timeOf(typing_until) }
}

/** What a reader knows once he was told these. */
export function knownAfter(told: Shown, shown: Shown, { viewing, typing }: { viewing: boolean; typing: boolean }): Shown {
  return {
    viewing: (viewing ? shown : told).viewing,
    typing: (typing ? shown : told).typing,
    typing_until: (typing ? shown : told).typing_until,
  }
}

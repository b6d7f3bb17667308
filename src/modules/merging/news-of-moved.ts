import { type News, news } from '../../platform/events.ts'
import type { MessageOutline } from '../messages/index.ts'
import type { ticketAbsorbed, ticketParted } from './events.ts'
import { NAMED_MAX } from './merge.ts'

type Moved = readonly Pick<MessageOutline, 'id' | 'visibility'>[]

/** On which side of the other ticket it shows that these came or went. */
export function sideOf(moved: Moved): 'public' | 'internal' {
  return moved.some(({ visibility }) => visibility === 'public') ? 'public' : 'internal'
}

/** What each side is told: of public messages everybody, of notes staff; nothing where there are none. */
export function newsOfEach(moved: Moved, say: (visibility: 'public' | 'internal', message_ids: string[]) => News): News[] {
  return (['public', 'internal'] as const).flatMap((side) => {
    const ids = moved.filter(({ visibility }) => visibility === side).map(({ id }) => id)
    return ids.length === 0 ? [] : [say(side, ids)]
  })
}

/** What a ticket tells of a merge, or its undo: each side which messages it has now, or has no more. Where none moved, staff is told. */
export function newsOfMerge(
  event: typeof ticketAbsorbed | typeof ticketParted,
  moved: Moved,
  { from_ticket_id, merge_id }: { from_ticket_id: string; merge_id: string },
): News[] {
  const say = (visibility: 'public' | 'internal', ids: readonly string[]): News =>
    news(event, {
      visibility,
      data: { from_ticket_id, merge_id, message_ids: ids.slice(0, NAMED_MAX), message_count: ids.length },
    })
  return moved.length === 0 ? [say('internal', [])] : newsOfEach(moved, say)
}

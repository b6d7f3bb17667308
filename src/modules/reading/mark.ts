import type { ReadMarkRow } from './tables.ts'

/** From which side somebody sees a ticket. */
type View = 'staff' | 'requester'

/** What somebody says of messages: that they have reached him, or that he has read them. */
export type MarkState = 'read' | 'delivered'

/** A side of a conversation: with its notes, or the public one alone. */
export type Side = 'all' | 'public'

/** How far a mark goes on a side, and since when. */
export interface Watermark {
  side: Side
  place: number
  at: number | null
}

/** The mark of somebody who has read nothing. */
export function noMark(ticket_id: string, user_id: string): ReadMarkRow {
  return {
    ...{ ticket_id, user_id },
    ...{ read_place: 0, read_at: null, public_read_place: 0, public_read_at: null },
    ...{ delivered_place: 0, delivered_at: null, public_delivered_place: 0, public_delivered_at: null },
    ...{ version: 0, public_version: 0 },
  }
}

/** How far a mark goes on one side. */
export function watermark(mark: ReadMarkRow, state: MarkState, side: Side): Watermark {
  if (state === 'read')
    return side === 'all'
      ? { side, place: mark.read_place, at: mark.read_at }
      : { side, place: mark.public_read_place, at: mark.public_read_at }
  return side === 'all'
    ? { side, place: mark.delivered_place, at: mark.delivered_at }
    : { side, place: mark.public_delivered_place, at: mark.public_delivered_at }
}

/** A mark that goes as far as this on one side. */
export function withWatermark(mark: ReadMarkRow, state: MarkState, { side, place, at }: Watermark): ReadMarkRow {
  if (state === 'read')
    return side === 'all'
      ? { ...mark, read_place: place, read_at: at }
      : { ...mark, public_read_place: place, public_read_at: at }
  return side === 'all'
    ? { ...mark, delivered_place: place, delivered_at: at }
    : { ...mark, public_delivered_place: place, public_delivered_at: at }
}

/** What somebody has seen of a conversation: up to where, and the last public message up to there. 0 where there is none. */
export interface Seen {
  view: View
  place: number
  public_place: number
  at: number
}

/**
 * A mark after its person has seen so much; the same mark where that is nothing new. It only goes forward. Who sees the public side
 * alone has seen no note: the staff side of his mark stays. What was read has arrived.
 */
export function movedMark(mark: ReadMarkRow, state: MarkState, seen: Seen): ReadMarkRow {
  let moved = mark
  const forward = (of: MarkState, side: Side, place: number): void => {
    if (place > watermark(moved, of, side).place) moved = withWatermark(moved, of, { side, place, at: seen.at })
  }
  for (const of of state === 'read' ? (['read', 'delivered'] as const) : (['delivered'] as const)) {
    forward(of, 'public', seen.public_place)
    if (seen.view === 'staff') forward(of, 'all', seen.place)
  }
  return moved
}

/** The side of a conversation on which somebody's mark is shown to a reader: that which both of them see. */
export function sharedSide(person: View, reader: View): Side {
  return person === 'staff' && reader === 'staff' ? 'all' : 'public'
}

/** What has become of a message with one person. */
export interface Receipt {
  state: 'sent' | MarkState
  delivered_at: number | null
  read_at: number | null
}

/** What a mark says of one message: of a public one its public twin, which knows best when. */
export function receiptOf(
  mark: ReadMarkRow,
  { place, visibility }: { place: number; visibility: 'public' | 'internal' },
): Receipt {
  const side = visibility === 'public' ? 'public' : 'all'
  const covered = (state: MarkState): number | null => {
    const reached = watermark(mark, state, side)
    return reached.place >= place ? reached.at : null
  }
  const [delivered_at, read_at] = [covered('delivered'), covered('read')]
  return { state: read_at !== null ? 'read' : delivered_at !== null ? 'delivered' : 'sent', delivered_at, read_at }
}

/** A message as far as it says whether somebody has read it. */
export interface Written {
  place: number
  visibility: 'public' | 'internal'
  author_id: string
  retracted_at: number | null
}

/** How far somebody has read, on both sides of a conversation. */
export type ReadUpTo = Pick<ReadMarkRow, 'read_place' | 'public_read_place'>

/** Behind which place a message can be new to a reader of a side: all before it he has read. */
export function readFrom({ read_place, public_read_place }: ReadUpTo, view: View): number {
  return view === 'staff' ? read_place : public_read_place
}

/** Whether a message that somebody sees from a side is new to him: of somebody else, behind his mark, and not retracted. */
export function isUnread(message: Written, mark: ReadUpTo, { user_id, view }: { user_id: string; view: View }): boolean {
  if (message.author_id === user_id || message.retracted_at !== null) return false
  if (message.place <= readFrom(mark, view)) return false
  // What staff have read of the public side alone they need not read again.
  return message.visibility === 'internal' || message.place > mark.public_read_place
}

/** Whether the count of what is unread may have changed while the ticket, as this side knows it, did not. */
export function hasMovedSince(
  mark: Pick<ReadMarkRow, 'version' | 'public_version'>,
  ticket: { version: number; public_version: number; view: View },
): boolean {
  return ticket.view === 'staff' ? mark.version >= ticket.version : mark.public_version >= ticket.public_version
}

/** A message where it stands now, and where it stood before messages moved. */
export interface Moved {
  place: number
  author_id: string
  /** Undefined for one that nobody can have read. */
  before: { ticket_id: string; place: number } | undefined
}

/**
 * How far somebody has read in a conversation after messages moved: up to the last message that he had read before, with none before
 * it that he had not. His own he knows. 0 where the first is new to him.
 */
export function readFurthest(order: readonly Moved[], user_id: string, hasRead: (message: Moved) => boolean): number {
  let furthest = 0
  for (const message of order) {
    if (hasRead(message)) furthest = message.place
    else if (message.author_id !== user_id) break
  }
  return furthest
}

import { forUpdate } from '../../platform/database/dialect.ts'
import { prepare } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { findNoteBehind, findUpTo } from '../messages/index.ts'
import { listParticipants, type SeenTicket, whoSees } from '../tickets/index.ts'
import { type MarkState, noMark, type Side, sharedSide, type Watermark, watermark } from './mark.ts'
import type { ReadMarkRow } from './tables.ts'

type Values = Record<string, string>

const ofUser = prepare((db, slots: Values, shape: string) =>
  db
    .selectFrom('read_marks')
    .selectAll()
    .where('user_id', '=', slots.me ?? '')
    .where(
      'ticket_id',
      'in',
      Array.from({ length: Number(shape) }, (_, i) => slots[`ticket_${i}`] ?? ''),
    ),
)

/** Somebody's marks in some tickets. */
export async function marksOf(db: Reader, user_id: string, ticket_ids: readonly string[]): Promise<ReadMarkRow[]> {
  if (ticket_ids.length === 0) return []
  const count = 2 ** Math.ceil(Math.log2(ticket_ids.length))
  const values: Values = { me: user_id }
  for (let i = 0; i < count; i++) values[`ticket_${i}`] = ticket_ids[Math.min(i, ticket_ids.length - 1)] ?? ''
  return ofUser(db, values, String(count))
}

/** Everybody's marks in some tickets. */
export function marksIn(db: Reader, ticket_ids: readonly string[]): Promise<ReadMarkRow[]> {
  return db
    .selectFrom('read_marks')
    .selectAll()
    .where('ticket_id', 'in', [...ticket_ids])
    .execute()
}

/** Somebody's mark under its lock. */
export function lockMark(
  db: Reader,
  { ticket_id, user_id }: Pick<ReadMarkRow, 'ticket_id' | 'user_id'>,
): Promise<ReadMarkRow | undefined> {
  const mark = db.selectFrom('read_marks').selectAll().where('ticket_id', '=', ticket_id).where('user_id', '=', user_id)
  return forUpdate(db, mark).executeTakeFirst()
}

/** A mark as one side of its ticket may know it: the last messages of that side that it covers. */
export interface ShownMark {
  last_read_message_id: string | null
  last_read_at: number | null
  last_delivered_message_id: string | null
  last_delivered_at: number | null
}

/** Shows marks of people in one ticket to a side of it; each place is looked up once. */
export async function showMarks(
  db: Reader,
  { id: ticket_id, view: reader }: Pick<SeenTicket, 'id' | 'view'>,
  marks: readonly { mark: ReadMarkRow; view: SeenTicket['view'] }[],
): Promise<ShownMark[]> {
  const known = new Map<string, string | null>()
  const lastAt = async ({ side, place }: Watermark): Promise<string | null> => {
    if (place === 0) return null
    const key = `${side} ${place}`
    let id = known.get(key)
    if (id === undefined) {
      id = (await findUpTo(db, { ticket_id, place, side }))?.id ?? null
      known.set(key, id)
    }
    return id
  }
  const shown: ShownMark[] = []
  for (const { mark, view } of marks) {
    const of = async (state: MarkState) => {
      const reached = await withoutGap(db, mark, { state, side: sharedSide(view, reader) })
      const id = await lastAt(reached)
      return { id, at: id === null ? null : reached.at }
    }
    const [read, delivered] = [await of('read'), await of('delivered')]
    shown.push({
      last_read_message_id: read.id,
      last_read_at: read.at,
      last_delivered_message_id: delivered.id,
      last_delivered_at: delivered.at,
    })
  }
  return shown
}

/** How far a mark goes on a side with nothing before it that is new: where only public messages were read, up to the first note. */
async function withoutGap(db: Reader, mark: ReadMarkRow, { state, side }: { state: MarkState; side: Side }): Promise<Watermark> {
  const reached = watermark(mark, state, side)
  const open = watermark(mark, state, 'public')
  if (open.place <= reached.place) return reached
  const note = await findNoteBehind(db, { ticket_id: mark.ticket_id, place: reached.place })
  if (note === undefined || note > open.place) return { ...open, side }
  return { side, place: note - 1, at: reached.at ?? open.at }
}

/** Somebody of whom a side of a ticket may know how far he has read. */
export interface Reading {
  user_id: string
  name: string
  /** From which side he sees the ticket; of who does not see it any more what he saw of the public one is told. */
  view: SeenTicket['view']
  mark: ReadMarkRow
}

/**
 * Who takes part in a ticket as far as its side shows it, and who else has read in it and still sees it, by their ids: to the public
 * side who has read something public.
 */
export async function listReading(db: Reader, ticket: SeenTicket): Promise<Reading[]> {
  const marks = new Map((await marksIn(db, [ticket.id])).map((mark) => [mark.user_id, mark]))
  const names = new Map((await listParticipants(db, ticket)).map(({ user_id, name }) => [user_id, name]))
  const shown = [...marks.values()].filter(({ public_read_place }) => ticket.view === 'staff' || public_read_place > 0)
  const ids = new Set([...names.keys(), ...shown.map(({ user_id }) => user_id)])
  const seeing = await whoSees(db, ticket, [...ids])
  for (const [id, { user }] of seeing) names.set(id, user.name)
  return [...names]
    .map(([user_id, name]) => {
      const mark = marks.get(user_id) ?? noMark(ticket.id, user_id)
      return { user_id, name, view: seeing.get(user_id)?.view ?? ('requester' as const), mark }
    })
    .sort((a, b) => (a.user_id < b.user_id ? -1 : 1))
}

import { insertRow } from '../../../platform/database/prepared.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { type MessageOutline, outlineOf } from '../../messages/index.ts'
import { type MarkState, type Moved, noMark, readFurthest, type Side, watermark, withWatermark } from '../mark.ts'
import { marksIn } from '../queries.ts'
import type { ReadMarkRow } from '../tables.ts'
import { saveMark } from './move-mark.ts'

/**
 * Moves messages between tickets whose rows are locked, and afterwards everybody's marks: nobody has a message marked as read that he
 * has not read. Where one came in among those that he had read, his mark goes back before it; what he had read in the ticket that it
 * came from he has read here, too.
 */
export async function carryReading<T>(tx: Tx, ticket_ids: readonly string[], move: () => Promise<T>): Promise<T> {
  const marks = await marksIn(tx.db, ticket_ids)
  if (marks.length === 0) return move()
  const before = await outlinesOf(tx, ticket_ids)
  const moved = await move()
  const after = await outlinesOf(tx, ticket_ids)
  const stood = new Map([...before].flatMap(([ticket_id, all]) => all.map(({ id, place }) => [id, { ticket_id, place }])))
  for (const own of Map.groupBy(marks, ({ user_id }) => user_id).values())
    for (const [ticket_id, messages] of after) {
      // A ticket that was merged has nothing to read: its mark waits for what comes back.
      if (messages.length === 0) continue
      const wasEmpty = before.get(ticket_id)?.length === 0
      await carry(tx, { own, ticket_id, wasEmpty, messages, stood })
    }
  return moved
}

async function outlinesOf(tx: Tx, ticket_ids: readonly string[]): Promise<Map<string, MessageOutline[]>> {
  const outlines = new Map<string, MessageOutline[]>()
  for (const id of ticket_ids) outlines.set(id, await outlineOf(tx.db, id, Number.MAX_SAFE_INTEGER))
  return outlines
}

interface Carried {
  /** One person's marks. */
  own: readonly ReadMarkRow[]
  ticket_id: string
  /** Nothing was there before: what has come is what had gone, at its old places, so that an old mark says what was read of it. */
  wasEmpty: boolean
  messages: readonly MessageOutline[]
  stood: ReadonlyMap<string, { ticket_id: string; place: number }>
}

async function carry(tx: Tx, { own, ticket_id, wasEmpty, messages, stood }: Carried): Promise<void> {
  const user_id = own[0]?.user_id ?? ''
  const known = own.find((mark) => mark.ticket_id === ticket_id)
  let mark = known ?? noMark(ticket_id, user_id)
  for (const state of ['read', 'delivered'] as const)
    for (const side of ['public', 'all'] as const) {
      const order = sideOf(messages, side).map((message) => ({ ...message, before: stood.get(message.id) }))
      const hasRead = (message: Moved): boolean =>
        reaches(own, { state, side, at: message.before }) ||
        (wasEmpty && reaches(own, { state, side, at: { ticket_id, place: message.place } }))
      const place = readFurthest(order, user_id, hasRead)
      mark = withWatermark(mark, state, { side, place, at: atOf({ own, known, state, side }, { order, place }) })
    }
  if (known) await saveMark(tx, mark)
  else if (mark.public_delivered_place > 0 || mark.delivered_place > 0) await insertRow(tx.db, 'read_marks', mark)
}

function sideOf(messages: readonly MessageOutline[], side: Side): readonly MessageOutline[] {
  return side === 'all' ? messages : messages.filter(({ visibility }) => visibility === 'public')
}

type Which = { state: MarkState; side: Side }

/** Whether one of somebody's marks covered a message where it stood. */
function reaches(
  own: readonly ReadMarkRow[],
  { state, side, at }: Which & { at: { ticket_id: string; place: number } | undefined },
): boolean {
  const mark = own.find(({ ticket_id }) => ticket_id === at?.ticket_id)
  return at !== undefined && mark !== undefined && watermark(mark, state, side).place >= at.place
}

/** Since when somebody has come so far: as before where it is the same message, else since he read on last. */
function atOf(
  { own, known, state, side }: Which & { own: readonly ReadMarkRow[]; known: ReadMarkRow | undefined },
  { order, place }: { order: readonly Moved[]; place: number },
): number | null {
  if (place === 0) return null
  const old = known && watermark(known, state, side)
  const now = order.find((message) => message.place === place)
  if (old && old.at !== null && now?.before?.ticket_id === known.ticket_id && now.before.place === old.place) return old.at
  return Math.max(...own.map((mark) => watermark(mark, state, side).at ?? 0))
}

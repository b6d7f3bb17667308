import { sql } from 'kysely'
import type { Actor } from '../../platform/actor.ts'
import { prepare } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { NotFound } from '../../platform/problems.ts'
import type { Conversation } from '../messages/index.ts'
import { defineFindTicket, type SeenTicket, type TicketReference, type TicketToRead, type Unread } from '../tickets/index.ts'
import { hasMovedSince, isUnread, noMark, type ReadUpTo, readFrom } from './mark.ts'
import { marksOf } from './queries.ts'
import type { ReadMarkRow } from './tables.ts'

type Counted = Pick<SeenTicket, 'id' | 'view' | 'version' | 'public_version'>

/**
 * What a person has not read of tickets that he sees: messages of others behind his mark, as far as his side shows them, but for
 * retracted ones. Nothing for who is no person.
 */
export async function unreadOf(db: Reader, actor: Actor, tickets: readonly Counted[]): Promise<Map<string, Unread>> {
  const unread = new Map<string, Unread>()
  if (actor.type !== 'user') return unread
  const ids = tickets.map(({ id }) => id)
  const marks = new Map((await marksOf(db, actor.id, ids)).map((mark) => [mark.ticket_id, mark]))
  for (const view of ['staff', 'requester'] as const) {
    const some = tickets.filter((ticket) => ticket.view === view)
    const asked = some.map(({ id }) => marks.get(id) ?? noMark(id, actor.id))
    const counts = await countUnread(db, actor, { view, marks: asked })
    for (const ticket of some) {
      const mark = marks.get(ticket.id)
      unread.set(ticket.id, { count: counts.get(ticket.id) ?? 0, has_moved: mark !== undefined && hasMovedSince(mark, ticket) })
    }
  }
  return unread
}

// The mark comes with its ticket in one look: whoever opens a ticket would wait for one more.
const findTicketToRead = defineFindTicket((query, slots) =>
  query
    .leftJoin('read_marks', (join) =>
      join.onRef('read_marks.ticket_id', '=', 'tickets.id').on('read_marks.user_id', '=', sql<string>`${slots.me}`),
    )
    .select([
      'read_marks.read_place',
      'read_marks.public_read_place',
      'read_marks.version as read_version',
      'read_marks.public_version as public_read_version',
    ]),
)

/** A ticket that somebody is going to read, with what he has not read of it yet. Throws 404. */
export async function getTicketToRead(db: Reader, actor: Actor, reference: TicketReference): Promise<TicketToRead> {
  const ticket = await findTicketToRead(db, actor, reference)
  if (!ticket) throw NotFound()
  if (actor.type !== 'user') return { ticket, countUnread: async () => undefined }
  const { read_place, public_read_place, read_version, public_read_version } = ticket
  const isMarked = read_place !== null && public_read_place !== null
  const none = noMark(ticket.id, actor.id)
  const mark = isMarked ? { ...none, read_place, public_read_place } : none
  const versions = { version: read_version ?? 0, public_version: public_read_version ?? 0 }
  const has_moved = isMarked && hasMovedSince(versions, ticket)
  return {
    ticket,
    countUnread: async (newest) => {
      const count =
        countAmong(newest, { mark, user_id: actor.id, view: ticket.view }) ??
        (await countUnread(db, actor, { view: ticket.view, marks: [mark] })).get(ticket.id)
      return { count: count ?? 0, has_moved }
    },
  }
}

/** How many of these are new to their reader; undefined where there may be more of them that are older. */
function countAmong(
  newest: Conversation | undefined,
  { mark, ...reader }: { mark: ReadUpTo; user_id: string; view: SeenTicket['view'] },
): number | undefined {
  if (!newest) return undefined
  const { messages, has_more } = newest
  const oldest = messages.at(-1)?.place ?? 0
  if (has_more && oldest > readFrom(mark, reader.view)) return undefined
  return messages.filter((message) => isUnread(message, mark, reader)).length
}

/** How many messages lie behind each mark of a person, as a side shows them; nothing where there are none. */
async function countUnread(
  db: Reader,
  { id: me }: Actor,
  { view, marks }: { view: SeenTicket['view']; marks: readonly (ReadUpTo & Pick<ReadMarkRow, 'ticket_id'>)[] },
): Promise<Map<string, number>> {
  if (marks.length === 0) return new Map()
  // As many places as the next power of two, those left over for no ticket: so the statement has few shapes.
  const places = 2 ** Math.ceil(Math.log2(marks.length))
  const values: Record<string, string | number> = { me }
  for (let i = 0; i < places; i++) {
    values[`ticket_${i}`] = marks[i]?.ticket_id ?? ''
    values[`read_${i}`] = marks[i]?.read_place ?? 0
    values[`public_${i}`] = marks[i]?.public_read_place ?? 0
  }
  const [row = {}] = await behind(db, values, `${view} ${places}`)
  return new Map(marks.map(({ ticket_id }, i) => [ticket_id, Number(row[`count_${i}`])]))
}

// The marks are values: a server begins at a place in the index only where it knows the place beforehand.
const behind = prepare<Record<string, unknown>, ReturnType<typeof messagesBehind>>(messagesBehind)

function messagesBehind(db: Reader, slots: Record<string, unknown>, shape: string) {
  const [view, places] = shape.split(' ')
  const counts = Array.from({ length: Number(places) }, (_, i) => {
    const [id, read, open] = [`ticket_${i}`, `read_${i}`, `public_${i}`].map((name) => slots[name])
    // What staff have read of the public side alone they need not read again.
    const isNew =
      view === 'staff'
        ? sql`place > ${read} and (visibility = 'internal' or place > ${open})`
        : sql`place > ${open} and visibility = 'public'`
    return sql<number>`(select count(*) from messages where ticket_id = ${id} and ${isNew} and author_id <> ${slots.me} and retracted_at is null)`.as(
      `count_${i}`,
    )
  })
  return db.selectNoFrom(counts).$castTo<Record<string, number>>()
}

import { prepare } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'
import type { SeenTicket } from './present.ts'
import { seenTicket } from './queries.ts'
import type { ParticipantRow } from './tables.ts'

/** A ticket whoever looks, deleted or not: what decides who sees it, and what is shown of it. */
export interface TicketFacts extends Omit<SeenTicket, 'view'> {
  participants: readonly Pick<ParticipantRow, 'user_id' | 'role'>[]
}

type Slots = Record<string, string>

const rowsOf = prepare((db, slots: Slots, count) => db.selectFrom('tickets').selectAll().where('id', 'in', namesOf(slots, count)))
const participantsOf = prepare((db, slots: Slots, count) =>
  db.selectFrom('ticket_participants').select(['ticket_id', 'user_id', 'role']).where('ticket_id', 'in', namesOf(slots, count)),
)

function namesOf(slots: Slots, count: string): string[] {
  return Array.from({ length: Number(count) }, (_, i) => slots[`id_${i}`] ?? '')
}

/** Tickets as they are now, in two looks. For who asks `viewOf` what each reader may see of them. */
export async function factsOf(db: Reader, ids: Iterable<string>): Promise<Map<string, TicketFacts>> {
  const found = new Map<string, TicketFacts>()
  const wanted = [...new Set(ids)]
  if (wanted.length === 0) return found
  // As many places as the next power of two, the last id repeated: so the statements have few shapes.
  const count = 2 ** Math.ceil(Math.log2(wanted.length))
  const slots = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`id_${i}`, wanted[Math.min(i, wanted.length - 1)] ?? '']),
  )
  const participants = Map.groupBy(await participantsOf(db, slots, `${count}`), ({ ticket_id }) => ticket_id)
  for (const row of await rowsOf(db, slots, `${count}`)) {
    const seen = await seenTicket(db, row, 'staff')
    found.set(row.id, Object.assign(seen, { participants: participants.get(row.id) ?? [] }))
  }
  return found
}

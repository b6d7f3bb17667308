import type { Actor } from '../../platform/actor.ts'
import { toTimeOrNull } from '../../platform/codecs.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { participantsOf } from '../tickets/index.ts'
import type { MovedMark } from './commands/move-mark.ts'
import { showMarks } from './queries.ts'
import type { ReadFrame, Told } from './schema.ts'

/** Tells each side of a ticket what it may know to those who listen at the moment. */
export type Tell = (ticket_id: string, frames: Pick<Told, 'staff' | 'requester'>) => void

/**
 * What each side is told of marks of one person that moved: the public side nothing where he has read notes alone, and nothing of whom
 * it does not know.
 */
export async function framesOf(db: Reader, person: Pick<Actor, 'id' | 'name'>, moved: readonly MovedMark[]): Promise<Told[]> {
  const told: Told[] = []
  for (const { ticket, before, mark } of moved) {
    if (before === mark) continue
    const hasMovedOpenly =
      mark.public_read_place !== before.public_read_place || mark.public_delivered_place !== before.public_delivered_place
    const frame = async (view: 'staff' | 'requester'): Promise<ReadFrame | null> => {
      const [shown] = await showMarks(db, { id: ticket.id, view }, [{ mark, view: ticket.view }])
      if (!shown) return null
      const { last_read_message_id, last_read_at, last_delivered_message_id } = shown
      return {
        type: 'read',
        ticket_id: ticket.id,
        user: { id: person.id, name: person.name },
        last_read_message_id,
        last_read_at: toTimeOrNull(last_read_at),
        last_delivered_message_id,
      }
    }
    told.push({
      ticket_id: ticket.id,
      staff: await frame('staff'),
      requester: hasMovedOpenly && (await isKnownOpenly(db, { ticket, mark })) ? await frame('requester') : null,
    })
  }
  return told
}

/** Whether the public side knows of somebody, as in the list of marks: he takes part there, or has read something public. */
async function isKnownOpenly(db: Reader, { ticket, mark }: Pick<MovedMark, 'ticket' | 'mark'>): Promise<boolean> {
  if (mark.public_read_place > 0 || mark.user_id === ticket.requester_id) return true
  const added = await participantsOf(db, ticket.id)
  return added.some(({ user_id, role }) => user_id === mark.user_id && role === 'cc')
}

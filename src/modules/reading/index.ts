import { Value } from 'typebox/value'
import type { Actor } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import type { Ground, Module } from '../../platform/module.ts'
import { Forbidden } from '../../platform/problems.ts'
import type { Tx } from '../../platform/transaction.ts'
import type { SeenTicket } from '../tickets/index.ts'
import { findUndelivered, findUnmoved, type MovedMark, markAsDelivered, moveMark, type Reached } from './commands/move-mark.ts'
import { toReadMark } from './present.ts'
import { showMarks } from './queries.ts'
import { readingReactions } from './reactions.ts'
import { readingRoutes } from './routes.ts'
import { type ReadMark, Told } from './schema.ts'
import './tables.ts'
import { framesOf, type Tell } from './telling.ts'
import { unreadOf } from './unread.ts'

export { carryReading } from './commands/carry-reading.ts'
export { purgeMarks } from './commands/purge-marks.ts'
export { ReadFrame, ReadMark } from './schema.ts'
export type { Tell } from './telling.ts'
export { getTicketToRead, unreadOf } from './unread.ts'

// What nodes tell each other of marks that moved.
const CHANNEL = 'read'

export interface ReadingDoor {
  /** Moves a person's mark, as `PUT /v1/tickets/{ticket}/read` does: 404 for what he does not see, 403 for who is no person. */
  markRead(actor: Actor, reached: Reached): Promise<ReadMark>
  /**
   * Marks messages as delivered to a person, in one transaction at most. What he does not see, or sees without taking part in its
   * ticket (as its requester, assignee, cc or follower), and what has reached him already, is passed over.
   */
  markDelivered(actor: Actor, messages: readonly { ticket_id: string; message_id: string }[]): Promise<void>
}

/** How far people have read: marks, unread counts, and what has reached whom. */
export function createReading(
  ground: Pick<Ground, 'database' | 'cursors' | 'bus' | 'transact'>,
  { tell }: { tell: Tell },
): Module & ReadingDoor {
  const { database, bus, transact } = ground
  bus.subscribe(CHANNEL, (message) => {
    if (Value.Check(Told, message)) tell(message.ticket_id, message)
  })

  /** Tells what moved once it is kept: to who listens here, and to the other nodes. */
  async function tellAfterwards(tx: Tx, actor: Actor, moved: readonly MovedMark[]): Promise<void> {
    const told = await framesOf(tx.db, actor, moved)
    tx.afterCommit(() => {
      for (const { ticket_id, ...frames } of told) {
        tell(ticket_id, frames)
        bus.publish(CHANNEL, { ticket_id, ...frames })
      }
    })
  }

  async function markIn(tx: Tx, actor: Actor, reached: Reached): Promise<{ mark: ReadMark; ticket: SeenTicket }> {
    const moved = await moveMark(tx, actor, reached)
    await tellAfterwards(tx, actor, [moved])
    return { mark: await answer(tx.db, actor, moved), ticket: moved.ticket }
  }

  async function markRead(actor: Actor, reached: Reached): Promise<ReadMark> {
    if (actor.type !== 'user') throw Forbidden({ detail: 'Only people read.' })
    const unmoved = await findUnmoved(database.reader, actor, reached)
    if (unmoved) return answer(database.reader, actor, unmoved)
    return transact(async (tx) => (await markIn(tx, actor, reached)).mark)
  }

  return {
    routes: readingRoutes({ ...ground, markIn }),
    pages: [],
    reactions: readingReactions(ground),
    markRead,
    async markDelivered(actor, messages) {
      if (actor.type !== 'user') return
      const ids = messages.map(({ message_id }) => message_id)
      const undelivered = await findUndelivered(database.reader, actor, ids)
      if (undelivered.length === 0) return
      await transact(async (tx) => tellAfterwards(tx, actor, await markAsDelivered(tx, actor, undelivered)))
    },
  }
}

async function answer(db: Reader, actor: Actor, { ticket, mark }: MovedMark): Promise<ReadMark> {
  const [shown] = await showMarks(db, ticket, [{ mark, view: ticket.view }])
  const unread = (await unreadOf(db, actor, [ticket])).get(ticket.id)
  const own = { ticket_id: ticket.id, user_id: actor.id, name: actor.name }
  return { ...toReadMark(own, shown), unread_count: unread?.count ?? 0 }
}

import type { Tx } from '../../../platform/transaction.ts'
import { getSettings } from '../../desk/index.ts'
import type { SignedMessage } from '../../messages/index.ts'
import { type SeenTicket, TicketClosed } from '../../tickets/index.ts'
import { EditWindowOver, MessageRetracted } from '../problems.ts'

/** Makes sure that an author may still change his message: it is there, its ticket takes changes, and the time is not over. */
export async function requireChangeable(tx: Tx, ticket: SeenTicket, message: SignedMessage): Promise<void> {
  if (message.retracted_at !== null) throw MessageRetracted()
  if (ticket.status_category === 'closed' && message.visibility === 'public') throw TicketClosed({ members: { allowed: [] } })
  const { message_edit_seconds } = await getSettings(tx.db)
  if (tx.now - message.created_at > message_edit_seconds * 1000) throw EditWindowOver()
}

import type { Tx } from '../../../platform/transaction.ts'
import { countBehind, findPlace } from '../../messages/index.ts'
import type { SeenTicket } from '../../tickets/index.ts'
import { ConversationMovedOn } from '../problems.ts'

/**
 * Makes sure that the last message that an author sees in a conversation, whose row is locked, is still the one that he knows; null: that
 * there is none. What he does not see never stops him.
 */
export async function requireLastMessage(
  tx: Tx,
  ticket: Pick<SeenTicket, 'id' | 'view'>,
  expected: string | null | undefined,
): Promise<void> {
  if (expected === undefined) return
  const last = await findPlace(tx.db, ticket)
  if ((last?.id ?? null) === expected) return
  // One that is not among those that he sees counts as none, whatever it is.
  const known = expected === null ? undefined : await findPlace(tx.db, ticket, expected)
  const new_message_count = await countBehind(tx.db, ticket, known?.place ?? 0)
  throw ConversationMovedOn({ members: { last_message_id: last?.id ?? null, new_message_count } })
}

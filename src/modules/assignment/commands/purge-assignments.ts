import { deleteRows } from '../../../platform/database/delete-rows.ts'
import type { Reader } from '../../../platform/database/schema.ts'

/** Takes what is known of these agents, tickets and queues for giving out work out of the database. Answers how many rows went. */
export async function purgeAssignments(
  db: Reader,
  gone: { user_ids: readonly string[]; ticket_ids: readonly string[]; queue_ids: readonly string[] },
): Promise<number> {
  let total = await deleteRows(db, 'agents', { column: 'user_id', values: gone.user_ids })
  total += await deleteRows(db, 'agent_skills', { column: 'user_id', values: gone.user_ids })
  total += await deleteRows(db, 'ticket_skills', { column: 'ticket_id', values: gone.ticket_ids })
  total += await deleteRows(db, 'queue_agents', { column: 'user_id', values: gone.user_ids })
  total += await deleteRows(db, 'queue_agents', { column: 'queue_id', values: gone.queue_ids })
  return total + (await deleteRows(db, 'queue_assignments', { column: 'queue_id', values: gone.queue_ids }))
}

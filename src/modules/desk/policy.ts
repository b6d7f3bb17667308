import type { QueueRow } from './tables.ts'

/** Whether new tickets may go into this queue. */
export function isUsableQueue(queue: Pick<QueueRow, 'archived_at'>): boolean {
  return queue.archived_at === null
}

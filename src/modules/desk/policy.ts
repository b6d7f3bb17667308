import type { CategoryRow, QueueRow } from './tables.ts'

/** Whether new tickets may go into this queue. */
export function isUsableQueue(queue: Pick<QueueRow, 'archived_at'>): boolean {
  return queue.archived_at === null
}

/** Whether tickets may be given this category. */
export function isUsableCategory(category: Pick<CategoryRow, 'archived_at'>): boolean {
  return category.archived_at === null
}

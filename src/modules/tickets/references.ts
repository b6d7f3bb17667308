import { type Actor, isStaff } from '../../platform/actor.ts'
import { Conflict, invalidField, type Problem } from '../../platform/problems.ts'
import type { Tx } from '../../platform/transaction.ts'
import { findCategory, findQueue, getSettings, isForQueue, isOpenCategory, isUsableQueue, type QueueRow } from '../desk/index.ts'
import { findUser } from '../directory/index.ts'
import { isUsableTicketType } from '../fields/index.ts'

// What a ticket names: looked up so that it stays until the transaction ends.

/** The queue that was asked for, if this actor may file into it, or the default queue. */
export async function queueToFileInto(tx: Tx, actor: Actor, queue_id: string | undefined): Promise<QueueRow> {
  if (queue_id === undefined) return defaultQueue(tx)
  const queue = await usableQueue(tx, queue_id)
  if (queue && (isStaff(actor) || queue.public === 1)) return queue
  throw noSuchQueue()
}

/** The default queue as it is at this moment: another one may have become it, and this one gone, while somebody waited. */
export async function defaultQueue(tx: Tx): Promise<QueueRow> {
  for (let i = 0; i < 5; i++) {
    const queue = await usableQueue(tx, (await getSettings(tx.db)).default_queue_id)
    if (queue) return queue
  }
  throw Conflict()
}

/** A queue that takes tickets; it stays so until the transaction ends. */
export async function usableQueue(tx: Tx, queue_id: string): Promise<QueueRow | undefined> {
  const queue = await findQueue(tx.db, queue_id, 'for share')
  return queue && isUsableQueue(queue) ? queue : undefined
}

export async function requireQueue(tx: Tx, queue_id: string): Promise<QueueRow> {
  const queue = await usableQueue(tx, queue_id)
  if (!queue) throw noSuchQueue()
  return queue
}

function noSuchQueue(): Problem {
  return invalidField('/queue_id', 'not_found', 'There is no such queue, or it takes no tickets.')
}

/** Whether a category can be given to a ticket; it stays so until the transaction ends. */
export async function isUsableCategory(tx: Tx, category_id: string): Promise<boolean> {
  const category = await findCategory(tx.db, category_id, 'for share')
  return category !== undefined && category.archived_at === null
}

/** A category that this actor may know of. */
export async function requireCategory(tx: Tx, actor: Actor, category_id: string): Promise<void> {
  const isThere = (await isUsableCategory(tx, category_id)) && (isStaff(actor) || (await isOpenCategory(tx.db, category_id)))
  if (!isThere) throw invalidField('/category_id', 'not_found', 'There is no such category.')
}

/** Refuses a category that is for tickets of none of these queues. */
export async function requireCategoryFor(tx: Tx, category_id: string, queue_ids: readonly string[]): Promise<void> {
  for (const queue_id of new Set(queue_ids)) if (await isForQueue(tx.db, { category_id, queue_id })) return
  throw invalidField('/category_id', 'not_in_queue', 'This category is not for tickets of this queue.')
}

export async function requireTicketType(tx: Tx, type_id: string): Promise<void> {
  if (!(await isUsableTicketType(tx, type_id))) throw invalidField('/type_id', 'not_found', 'There is no such ticket type.')
}

/** An agent who can be given work. */
export async function requireAgent(tx: Tx, user_id: string, pointer: string): Promise<void> {
  const user = await findUser(tx.db, user_id)
  if (user?.active !== 1 || user.role === 'requester') throw invalidField(pointer, 'not_an_agent', 'This is not an active agent.')
}

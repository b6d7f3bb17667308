import { systemActor } from '../../platform/actor.ts'
import type { JobKind, Json } from '../../platform/job.ts'
import type { Tx } from '../../platform/transaction.ts'
import { CHANGE_LIFECYCLE, findQueue } from '../desk/index.ts'
import { ARM_CLOSING, REPLACE_STATUS, type StatusCategory, statusCategories } from '../workflow/index.ts'
import { changeLifecycle, replaceStatus } from './commands/replace-status.ts'
import type { SeenTicket } from './present.ts'
import { findVisibleTicket } from './queries.ts'
import { armClosing } from './timers.ts'

const BATCH = 100
// A transaction that read the lifecycle, or the settings, a moment before the change has ended by then.
const SECOND_LOOK_MS = 15_000
// Where a ticket may have gone back to behind a walk from new to closed.
const REOPENED: readonly StatusCategory[] = ['open', 'pending', 'on_hold', 'solved']

/** How far a walk has come: in the order of an index that starts with the category. */
type Place = {
  category: StatusCategory
  created_at: number
  id: string
}

interface Walk {
  tx: Tx
  from: Place
  /** One of several categories: the walk goes on with the next one. */
  categories: readonly StatusCategory[]
  queue_id?: string
  lifecycle_id?: string
  status?: string
}

/** The next tickets of a walk, locked one after the other; and where it goes on, null at its end. */
async function step(walk: Walk, act: (ticket: SeenTicket) => Promise<void>): Promise<{ processed: number; next: Place | null }> {
  const { tx, from, categories } = walk
  const rows = await nextTickets(walk)
  let processed = 0
  for (const { id } of rows) {
    const ticket = await findVisibleTicket(tx.db, systemActor, id, 'for update')
    if (!ticket) continue
    await act(ticket)
    processed++
  }
  const last = rows.at(-1)
  if (last && rows.length === BATCH) return { processed, next: { category: from.category, ...last } }
  const category = categories[categories.indexOf(from.category) + 1]
  return { processed, next: category ? beginning(category) : null }
}

/** A step of a walk that is done a second time, some seconds later: for what others did by what they had read before. */
async function twice(
  tx: Tx,
  { cursor, category, ...filter }: { cursor: Json; category: StatusCategory } & Pick<Walk, 'lifecycle_id' | 'status'>,
  act: (ticket: SeenTicket) => Promise<void>,
): Promise<Awaited<ReturnType<JobKind['step']>>> {
  const begun = cursor as { place: Place; is_second: boolean } | null
  const { place, is_second } = begun ?? { place: beginning(category), is_second: false }
  const { processed, next } = await step({ tx, from: place, categories: [category], ...filter }, act)
  if (next) return { done: false, cursor: { place: next, is_second }, processed }
  if (is_second) return { done: true, cursor: null, processed }
  const again = { place: beginning(category), is_second: true }
  return { done: false, cursor: again, processed, resume_at: tx.now + SECOND_LOOK_MS }
}

/** Whether the walk missed one. What is closed goes nowhere any more, and is the most of a queue: it is not looked at again. */
async function hasOtherLifecycle(tx: Tx, { queue_id, lifecycle_id }: { queue_id: string; lifecycle_id: string }) {
  const alive = statusCategories.filter((category) => category !== 'closed')
  const other = tx.db
    .selectFrom('tickets')
    .select('id')
    .where('queue_id', '=', queue_id)
    .where('status_category', 'in', alive)
    .where('deleted_at', 'is', null)
    .where('lifecycle_id', '!=', lifecycle_id)
  return (await other.limit(1).executeTakeFirst()) !== undefined
}

function beginning(category: StatusCategory): Place {
  return { category, created_at: 0, id: '' }
}

async function nextTickets({ tx, from, queue_id, lifecycle_id, status }: Walk): Promise<{ id: string; created_at: number }[]> {
  let rows = tx.db
    .selectFrom('tickets')
    .select(['id', 'created_at'])
    .where('status_category', '=', from.category)
    .where('created_at', '>=', from.created_at)
    .where(({ or, eb }) => or([eb('created_at', '>', from.created_at), eb('id', '>', from.id)]))
  if (queue_id !== undefined) rows = rows.where('queue_id', '=', queue_id)
  if (lifecycle_id !== undefined) rows = rows.where('lifecycle_id', '=', lifecycle_id)
  if (status !== undefined) rows = rows.where('status', '=', status)
  return rows.orderBy('created_at').orderBy('id').limit(BATCH).execute()
}

/** What tickets do for others in the background, in steps of at most a hundred. */
export const ticketJobs: JobKind[] = [
  {
    name: REPLACE_STATUS,
    async step(tx, job) {
      const params = job.params as { lifecycle_id: string; status: string; category: StatusCategory }
      const { lifecycle_id, status, category } = params
      return twice(tx, { cursor: job.cursor, category, lifecycle_id, status }, (ticket) => replaceStatus(tx, job.actor, ticket))
    },
  },
  {
    name: CHANGE_LIFECYCLE,
    async step(tx, job) {
      const { queue_id, lifecycle_id } = job.params as { queue_id: string; lifecycle_id: string }
      // Held, so that what the tickets are moved to is still the queue's when they are there.
      const queue = await findQueue(tx.db, queue_id, 'for share')
      if (queue?.lifecycle_id !== lifecycle_id) return { done: true, cursor: null, processed: 0 }
      const cursor = job.cursor as { place: Place; is_second: boolean } | null
      const { place, is_second } = cursor ?? { place: beginning('new'), is_second: false }
      const walk = { tx, from: place, categories: is_second ? REOPENED : statusCategories, queue_id }
      let processed = 0
      const { next } = await step(walk, async (ticket) => {
        if (ticket.queue_id !== queue_id || ticket.lifecycle_id === lifecycle_id) return
        await changeLifecycle(tx, job.actor, { ticket, lifecycle_id })
        processed++
      })
      if (next) return { done: false, cursor: { place: next, is_second }, processed }
      if (!is_second) return { done: false, cursor: { place: beginning('open'), is_second: true }, processed }
      // One that was reopened meanwhile went from where the walk was still to come to where it had been.
      const isMissed = await hasOtherLifecycle(tx, { queue_id, lifecycle_id })
      return { done: !isMissed, cursor: null, processed }
    },
  },
  {
    name: ARM_CLOSING,
    step: (tx, job) => twice(tx, { cursor: job.cursor, category: 'solved' }, (ticket) => armClosing(tx, ticket)),
  },
]

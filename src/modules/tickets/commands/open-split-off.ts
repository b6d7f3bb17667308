import type { Actor } from '../../../platform/actor.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { defaultValues } from '../field-values.ts'
import type { SeenTicket } from '../present.ts'
import { defaultQueue, isUsableCategory, queueToFileInto, usableQueue } from '../references.ts'
import { type Beginning, insertTicketWith, type NewTicket } from './insert-ticket.ts'

interface SplitOff {
  /** The ticket that the messages were in. */
  from: SeenTicket
  subject?: string | undefined
  queue_id?: string | undefined
  requester: { id: string; organization_id: string | null }
  cc: string[]
  beginning: Beginning
}

/** A new ticket for what was said in another one: about the same, in the same queue, unless it is said otherwise. */
export async function openSplitOff(tx: Tx, actor: Actor, given: SplitOff): Promise<NewTicket> {
  const { from, requester, cc } = given
  const queue =
    given.queue_id === undefined
      ? // What was archived in the meantime takes no new tickets.
        ((await usableQueue(tx, from.queue_id)) ?? (await defaultQueue(tx)))
      : await queueToFileInto(tx, actor, given.queue_id)
  const { category_id, priority } = from
  const described = {
    subject: given.subject?.trim() ?? from.subject,
    queue,
    category_id: category_id !== null && (await isUsableCategory(tx, category_id)) ? category_id : null,
    priority,
    requester_id: requester.id,
    organization_id: requester.organization_id,
    due_at: null,
    tags: [],
    cc,
    channel: from.channel,
    // Whoever split it says where it goes: no rule moves it.
    assignee_id: null,
    routed: [],
    external_id: null,
    metadata: {},
    type_id: null,
    fields: await defaultValues(tx, null),
    follow_up_of_id: null,
  }
  return insertTicketWith(tx, actor, described, given.beginning)
}

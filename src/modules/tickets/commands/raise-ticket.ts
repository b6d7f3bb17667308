import type { Actor } from '../../../platform/actor.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { MessageMail, Text } from '../../messages/index.ts'
import { readDue } from '../due.ts'
import { defaultValues, newValues, type ValuesPatch } from '../field-values.ts'
import { peopleOf, requesterOf } from '../people.ts'
import {
  defaultQueue,
  queueToFileInto,
  requireCategory,
  requireCategoryFor,
  requireTicketType,
  usableQueue,
} from '../references.ts'
import { routeNewTicket } from '../routing.ts'
import { foldTag, type Priority, priorityRank } from '../ticket.ts'
import { insertTicket, type Raised } from './insert-ticket.ts'

export interface RaisedTicket {
  subject: string
  text: Text
  queue_id?: string | undefined
  category_id?: string | null | undefined
  priority?: Priority | undefined
  due_at?: string | null | undefined
  tags?: readonly string[] | undefined
  requester?: { email: string; name?: string | undefined } | undefined
  cc?: readonly string[] | undefined
  external_id?: string | undefined
  metadata?: Record<string, string> | undefined
  type_id?: string | null | undefined
  fields?: ValuesPatch | undefined
  attachment_ids?: readonly string[] | undefined
  /** Where it came by mail: the mailbox says where it goes, and nobody was asked for fields. */
  by_mail?: ByMail | undefined
}

/** How a ticket came by mail. */
export interface ByMail {
  /** Null where no mailbox of ours was written to. */
  mailbox_id: string | null
  /** The queue of the mailbox, which need not be public; where it is out of use, the default queue. */
  queue_id: string | null
  message: MessageMail
  client_id: string
}

/** Raises a ticket: for oneself, or as staff for somebody who may have no account yet. */
export async function raiseTicket(tx: Tx, actor: Actor, raised: RaisedTicket): Promise<Raised> {
  const { by_mail } = raised
  const queue = by_mail ? await queueOfMail(tx, by_mail) : await queueToFileInto(tx, actor, raised.queue_id)
  if (raised.category_id) await requireCategory(tx, actor, raised.category_id)
  const type_id = raised.type_id ?? null
  if (type_id !== null) await requireTicketType(tx, type_id)
  const fields = by_mail ? await defaultValues(tx, type_id) : await newValues(tx, actor, { given: raised.fields, type_id })
  const requester = await requesterOf(tx, actor, raised.requester)
  const cc = await peopleOf(tx, actor, raised.cc ?? [])
  const wanted = {
    subject: raised.subject.trim(),
    text: raised.text,
    queue,
    category_id: raised.category_id ?? null,
    priority: priorityRank(raised.priority ?? 'normal'),
    requester_id: requester.id,
    organization_id: requester.organization_id,
    due_at: readDue(raised.due_at ?? null),
    tags: [...new Set((raised.tags ?? []).map(foldTag))].sort(),
    cc: cc.filter((id) => id !== requester.id),
    channel: by_mail ? 'mail' : 'api',
    external_id: raised.external_id ?? null,
    metadata: raised.metadata ?? {},
    type_id,
    fields,
    follow_up_of_id: null,
    client_id: by_mail?.client_id,
    mail: by_mail?.message,
    attachment_ids: raised.attachment_ids,
    addressed_ticket_id: null,
  }
  const routed = await routeNewTicket(tx, actor, { wanted, said: raised, mailbox_id: by_mail?.mailbox_id ?? null })
  // By its category a rule may send it where the category is for. Sent elsewhere, it keeps what its raiser said.
  if (raised.category_id)
    await requireCategoryFor(tx, { category_id: raised.category_id, queue_ids: [queue.id, routed.queue.id] })
  return insertTicket(tx, actor, routed)
}

async function queueOfMail(tx: Tx, { queue_id }: ByMail) {
  return (queue_id === null ? undefined : await usableQueue(tx, queue_id)) ?? (await defaultQueue(tx))
}

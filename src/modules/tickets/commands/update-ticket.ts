import { type Actor, systemActor } from '../../../platform/actor.ts'
import { toJson } from '../../../platform/codecs.ts'
import { isDuplicate } from '../../../platform/database/errors.ts'
import { indexDocument } from '../../../platform/database/search.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Forbidden, invalidField } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { externalIdTaken, type MetadataPatch, mergeMetadata } from '../../directory/index.ts'
import { isReadable } from '../../fields/index.ts'
import { changeTicket, type News, news, statusNews } from '../change.ts'
import { ticketAssigned, ticketUpdated } from '../events.ts'
import { type ChangedValues, patchedValues, type ValuesPatch, writeValues } from '../field-values.ts'
import { canSteer, canWork } from '../policy.ts'
import type { SeenTicket } from '../present.ts'
import { TicketClosed } from '../problems.ts'
import { getVisibleTicket, type TicketReference } from '../queries.ts'
import { requireAgent, requireCategory, requireQueue, requireTicketType } from '../references.ts'
import type { TicketRow } from '../tables.ts'
import { enterStatus, isStatus, type Priority, priorityRank, statusAfterStaffAct, ticketEtag, toPriority } from '../ticket.ts'
import { requireTransition } from './transition.ts'

export interface TicketChanges {
  subject?: string
  priority?: Priority
  status?: string
  queue_id?: string
  category_id?: string | null
  assignee_id?: string | null
  external_id?: string | null
  metadata?: MetadataPatch
  type_id?: string | null
  fields?: ValuesPatch
}

/** Changes a ticket's fields in one go; what is already so is left alone, and nothing at all is no change. */
export async function updateTicket(
  tx: Tx,
  actor: Actor,
  {
    ticket: reference,
    changes,
    if_match,
  }: { ticket: TicketReference; changes: TicketChanges; if_match?: readonly string[] | undefined },
): Promise<SeenTicket> {
  const ticket = await getVisibleTicket(tx.db, actor, reference, 'for update')
  if (!canSteer(actor, ticket) || !(canWork(ticket) || isPublicChange(changes))) throw Forbidden()
  requireMatch(if_match, ticketEtag(ticket, ticket.view), ticket.view === 'staff' ? ticket.version : ticket.public_version)
  const set = changedColumns(ticket, changes)
  if (changes.status !== undefined && !isStatus(changes.status))
    throw invalidField('/status', 'unknown_status', 'There is no such status.')
  if (changes.status !== undefined && changes.status !== ticket.status)
    Object.assign(set, enterStatus(requireTransition(actor, ticket, changes.status), ticket, tx.now))
  const { type_id = ticket.type_id, fields: patch } = changes
  const values = patch && (await patchedValues(tx, actor, { ticket, patch, type_id }))
  if (values && values.changed.length > 0) set.fields = toJson(values.values)
  if (Object.keys(set).length === 0) return ticket
  if (ticket.status_category === 'closed') throw TicketClosed({ members: { allowed: [] } })
  await requireReferences(tx, actor, { ticket, set })
  const opensByItself = Boolean(set.assignee_id) && set.status === undefined
  if (opensByItself) {
    const status = statusAfterStaffAct(ticket.status_category)
    if (status !== ticket.status_category) Object.assign(set, enterStatus(status, ticket, tx.now))
  }
  try {
    const announce = newsOf(ticket, set, { opensByItself, fields: values?.changed ?? [] })
    const changed = await changeTicket(tx, actor, ticket, { set, announce })
    if (values) await writeValues(tx, ticket.id, { ...values, isNew: false })
    if (set.subject !== undefined)
      await indexDocument(tx.db, 'ticket_search', {
        id: ticket.id,
        owner_id: ticket.id,
        visibility: 'public',
        text: set.subject,
        replaces: true,
      })
    return changed
  } catch (error) {
    if (isDuplicate(error)) throw externalIdTaken()
    throw error
  }
}

/** What may be changed from the public side, also by an agent who merely raised the ticket. */
function isPublicChange({ subject: _, priority: __, fields: ___, ...staffOnly }: TicketChanges): boolean {
  return Object.keys(staffOnly).length === 0
}

function changedColumns(ticket: TicketRow, changes: TicketChanges): Partial<TicketRow> {
  const { priority, metadata, status: _, subject, fields: __, ...same } = changes
  const wanted: Partial<TicketRow> = { ...same }
  if (subject !== undefined) wanted.subject = subject.trim()
  if (priority !== undefined) wanted.priority = priorityRank(priority)
  if (metadata !== undefined) wanted.metadata = mergeMetadata(ticket.metadata, metadata)
  return Object.fromEntries(Object.entries(wanted).filter(([column, value]) => ticket[column as keyof TicketRow] !== value))
}

async function requireReferences(
  tx: Tx,
  actor: Actor,
  { ticket, set: { queue_id, category_id, assignee_id, type_id } }: { ticket: TicketRow; set: Partial<TicketRow> },
): Promise<void> {
  if (queue_id) await requireQueue(tx, queue_id)
  if (category_id) await requireCategory(tx, actor, { category_id, queue_id: queue_id ?? ticket.queue_id })
  if (type_id) await requireTicketType(tx, type_id)
  if (assignee_id) await requireAgent(tx, assignee_id, '/assignee_id')
}

const PUBLIC_KEYS = ['subject', 'priority', 'queue_id', 'category_id'] as const
const INTERNAL_KEYS = ['external_id', 'metadata', 'type_id'] as const

/** One piece of news per side that sees something of the change, and one for each change with a name of its own. */
function newsOf(
  before: TicketRow,
  set: Partial<TicketRow>,
  { opensByItself, fields }: { opensByItself: boolean; fields: ChangedValues['changed'] },
): News[] {
  const announce: News[] = []
  const [open, inner] = [keysOf(fields.filter(isReadable)), keysOf(fields.filter((field) => !isReadable(field)))]
  const changed = [...PUBLIC_KEYS.filter((key) => set[key] !== undefined), ...Object.keys(open)]
  if (changed.length > 0)
    announce.push(
      news(ticketUpdated, { visibility: 'public', data: { changed, ...facts(set, set), ...open }, previous: facts(before, set) }),
    )
  const hidden = [...INTERNAL_KEYS.filter((key) => set[key] !== undefined), ...Object.keys(inner)]
  if (hidden.length > 0) announce.push(news(ticketUpdated, { visibility: 'internal', data: { changed: hidden, ...inner } }))
  if (set.assignee_id !== undefined)
    announce.push(
      news(ticketAssigned, {
        visibility: 'internal',
        data: { assignee_id: set.assignee_id, reason: set.assignee_id === null ? 'released' : 'assigned' },
        previous: { assignee_id: before.assignee_id },
      }),
    )
  if (set.status_category !== undefined) {
    const changed = statusNews(before, set.status_category)
    // Its public news must not tell the requester who gave the ticket to whom.
    announce.push(opensByItself ? { ...changed, actor: systemActor } : changed)
  }
  return announce
}

/** The keys of the custom fields that changed; never a value. */
function keysOf(fields: ChangedValues['changed']): { fields?: string[] } {
  return fields.length === 0 ? {} : { fields: fields.map(({ key }) => key) }
}

/** The facts that route, of those columns that changed; never a subject. */
function facts(values: Partial<TicketRow>, set: Partial<TicketRow>): Record<string, unknown> {
  return {
    ...(set.priority === undefined || values.priority === undefined ? {} : { priority: toPriority(values.priority) }),
    ...(set.queue_id === undefined ? {} : { queue_id: values.queue_id }),
    ...(set.category_id === undefined ? {} : { category_id: values.category_id }),
  }
}

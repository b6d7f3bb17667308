import { type Actor, systemActor } from '../../../platform/actor.ts'
import { fromTime, toJson } from '../../../platform/codecs.ts'
import { isDuplicate } from '../../../platform/database/errors.ts'
import { indexDocument } from '../../../platform/database/search.ts'
import { type News, news } from '../../../platform/events.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Forbidden, invalidField, type Problem } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findQueue, type QueueRow } from '../../desk/index.ts'
import { externalIdTaken, type MetadataPatch, mergeMetadata } from '../../directory/index.ts'
import { isReadable } from '../../fields/index.ts'
import { statusOf } from '../../workflow/index.ts'
import { changeTicket } from '../change.ts'
import { readDue } from '../due.ts'
import { ticketAssigned, ticketUpdated } from '../events.ts'
import { type ChangedValues, patchedValues, type ValuesPatch, writeValues } from '../field-values.ts'
import { type NewRequester, newRequesterOf } from '../people.ts'
import { canSteer, canWork } from '../policy.ts'
import type { SeenTicket } from '../present.ts'
import { ClaimOnly, TicketClosed } from '../problems.ts'
import { getVisibleTicket, type TicketReference } from '../queries.ts'
import { requireAgent, requireCategory, requireCategoryFor, requireQueue, requireTicketType } from '../references.ts'
import { statusNews } from '../status.ts'
import type { TicketRow } from '../tables.ts'
import {
  enterStatus,
  isAsleep,
  LATEST,
  type Priority,
  priorityRank,
  statusAfterStaffAct,
  ticketEtag,
  toPriority,
} from '../ticket.ts'
import { takeOut } from './change-participants.ts'
import { inLifecycle, standingColumns } from './replace-status.ts'
import { requireTransition, transitionNotAllowed } from './transition.ts'

export interface TicketChanges {
  subject?: string
  priority?: Priority
  status?: string
  queue_id?: string
  category_id?: string | null
  assignee_id?: string | null
  due_at?: string | null
  external_id?: string | null
  metadata?: MetadataPatch
  /** RFC 3339. */
  pending_until?: string | null
  type_id?: string | null
  fields?: ValuesPatch
  requester_id?: string
  requester?: NonNullable<NewRequester['requester']>
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
  const set = { ...changedColumns(ticket, changes), ...(await newRequesterOf(tx, actor, { ticket, changes })) }
  const { type_id = ticket.type_id, fields: patch } = changes
  const values = patch && (await patchedValues(tx, actor, { ticket, patch, type_id }))
  if (values && values.changed.length > 0) set.fields = toJson(values.values)
  const wantsStatus = changes.status !== undefined && !standsIn(ticket, changes.status)
  if (Object.keys(set).length === 0 && !wantsStatus) return ticket
  if (ticket.status_category === 'closed') throw closedTicket(actor, ticket, changes)
  const queue = await requireReferences(tx, actor, { ticket, set })
  if (set.assignee_id) await requireMayAssign(tx, actor, ticket, set)
  const moved = queue && queue.lifecycle_id !== ticket.lifecycle_id ? await inLifecycle(tx, ticket, queue.lifecycle_id) : ticket
  const next = applyStatus(tx, { actor, before: moved, set, changes })
  if (next.set.pending_until !== undefined && next.set.pending_until !== null) requireSleep(tx, { ...moved, ...next.set })
  const lifecycle = moved === ticket ? {} : standingColumns(moved)
  try {
    const announce = newsOf({
      before: ticket,
      after: { ...moved, ...next.set },
      set: next.set,
      opensByItself: next.opensByItself,
      fields: values?.changed ?? [],
    })
    // He takes part already, as whose it is.
    if (set.requester_id) announce.push(...(await takeOut(tx, { ticket_id: ticket.id, user_id: set.requester_id, role: 'cc' })))
    const written = { ...lifecycle, ...next.set }
    const changed = await changeTicket(tx, actor, { ...ticket, lifecycle: moved.lifecycle }, { set: written, announce })
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

/** A closed ticket changes no more: whoever asks for another status is told what is allowed, which is nothing. */
function closedTicket(actor: Actor, ticket: SeenTicket, { status }: TicketChanges): Problem {
  if (status !== undefined && !standsIn(ticket, status)) {
    requireKnown(ticket, status)
    return transitionNotAllowed(actor, ticket, { wanted: status })
  }
  return TicketClosed({ members: { allowed: [] } })
}

/** The changes with the status that was asked for, or that follows from them. */
function applyStatus(
  tx: Tx,
  { actor, before, set, changes }: { actor: Actor; before: SeenTicket; set: Partial<TicketRow>; changes: TicketChanges },
): { set: Partial<TicketRow>; opensByItself: boolean } {
  const { status } = changes
  if (status !== undefined && !standsIn(before, status)) {
    requireKnown(before, status)
    // What the step asks for may be given with it.
    const entered = enterStatus(requireTransition(actor, { ...before, ...set }, status), before, tx.now)
    const { pending_until: cleared, ...columns } = entered
    const leaves = before.pending_until !== null && set.pending_until === undefined
    return { set: { ...columns, ...set, ...(leaves ? { pending_until: cleared } : {}) }, opensByItself: false }
  }
  const opened = set.assignee_id ? statusAfterStaffAct(before) : undefined
  if (!opened) return { set, opensByItself: false }
  const { pending_until: _, ...columns } = enterStatus(opened, before, tx.now)
  return { set: { ...set, ...columns }, opensByItself: true }
}

/** Whether the ticket is in this status, or as good as in it: in one that was taken away for it. */
function standsIn({ status, lifecycle }: SeenTicket, key: string): boolean {
  return key === status || key === statusOf(lifecycle, status).key
}

function requireKnown(ticket: SeenTicket, status: string): void {
  if (!ticket.lifecycle.statuses.some(({ key }) => key === status))
    throw invalidField('/status', 'unknown_status', 'There is no such status in the lifecycle of this ticket.')
}

/** Only what is pending or on hold can come back by itself, and only at a time to come. */
function requireSleep(tx: Tx, { status_category, pending_until }: SeenTicket): void {
  if (!isAsleep(status_category))
    throw invalidField(
      '/pending_until',
      'not_pending',
      'Only a pending or held ticket comes back by itself: give it such a status.',
    )
  if (pending_until !== null && (pending_until <= tx.now || pending_until >= LATEST))
    throw invalidField('/pending_until', 'not_to_come', 'Choose a time that is still to come.')
}

/** What may be changed from the public side, also by an agent who merely raised the ticket. */
function isPublicChange({ subject: _, priority: __, fields: ___, ...staffOnly }: TicketChanges): boolean {
  return Object.keys(staffOnly).length === 0
}

function changedColumns(ticket: TicketRow, changes: TicketChanges): Partial<TicketRow> {
  const { priority, metadata, status: _, subject, fields: __, pending_until, due_at, ...rest } = changes
  const { requester_id: ___, requester: ____, ...same } = rest
  const wanted: Partial<TicketRow> = { ...same }
  if (subject !== undefined) wanted.subject = subject.trim()
  if (priority !== undefined) wanted.priority = priorityRank(priority)
  if (pending_until !== undefined) wanted.pending_until = pending_until === null ? null : (fromTime(pending_until) ?? null)
  if (due_at !== undefined) wanted.due_at = readDue(due_at)
  if (metadata !== undefined) wanted.metadata = mergeMetadata(ticket.metadata, metadata)
  return Object.fromEntries(Object.entries(wanted).filter(([column, value]) => ticket[column as keyof TicketRow] !== value))
}

/** What the changes name is there; answers the queue to which the ticket goes. */
async function requireReferences(
  tx: Tx,
  actor: Actor,
  { ticket, set: { queue_id, category_id, assignee_id, type_id } }: { ticket: TicketRow; set: Partial<TicketRow> },
): Promise<QueueRow | undefined> {
  const queue = queue_id ? await requireQueue(tx, queue_id) : undefined
  if (category_id) {
    await requireCategory(tx, actor, category_id)
    await requireCategoryFor(tx, { category_id, queue_ids: [queue_id ?? ticket.queue_id] })
  }
  if (type_id) await requireTicketType(tx, type_id)
  if (assignee_id) await requireAgent(tx, assignee_id, '/assignee_id')
  return queue
}

/** In a queue of claims only an admin gives tickets to others. */
async function requireMayAssign(tx: Tx, actor: Actor, ticket: TicketRow, set: Partial<TicketRow>): Promise<void> {
  const isClaim = set.assignee_id === actor.id && ticket.assignee_id === null
  if (actor.role === 'admin' || isClaim) return
  if ((await findQueue(tx.db, set.queue_id ?? ticket.queue_id))?.assignment_mode === 'claim_only') throw ClaimOnly()
}

const PUBLIC_KEYS = ['subject', 'priority', 'queue_id', 'category_id', 'requester_id', 'organization_id'] as const
const INTERNAL_KEYS = ['due_at', 'external_id', 'metadata', 'pending_until', 'type_id'] as const

/** One piece of news per side that sees something of the change, and one for each change with a name of its own. */
function newsOf({
  before,
  after,
  set,
  opensByItself,
  fields,
}: {
  before: TicketRow
  after: TicketRow
  set: Partial<TicketRow>
  opensByItself: boolean
  fields: ChangedValues['changed']
}): News[] {
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
  // Where it follows by itself, its public news must not tell the requester who gave the ticket to whom.
  for (const changed of statusNews(before, after)) announce.push(opensByItself ? { ...changed, actor: systemActor } : changed)
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
    ...(set.requester_id === undefined ? {} : { requester_id: values.requester_id }),
    ...(set.organization_id === undefined ? {} : { organization_id: values.organization_id }),
  }
}

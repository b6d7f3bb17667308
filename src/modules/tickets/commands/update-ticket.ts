import { type Actor, systemActor } from '../../../platform/actor.ts'
import { fromTime } from '../../../platform/codecs.ts'
import { isDuplicate } from '../../../platform/database/errors.ts'
import { indexDocument } from '../../../platform/database/search.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Forbidden, invalidField } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findQueue } from '../../desk/index.ts'
import { externalIdTaken, type MetadataPatch, mergeMetadata } from '../../directory/index.ts'
import { changeTicket, type News, news, statusNews } from '../change.ts'
import { ticketAssigned, ticketUpdated } from '../events.ts'
import { canSteer, canWork } from '../policy.ts'
import type { SeenTicket } from '../present.ts'
import { ClaimOnly, TicketClosed } from '../problems.ts'
import { getVisibleTicket, type TicketReference } from '../queries.ts'
import { requireAgent, requireCategory, requireQueue } from '../references.ts'
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
  due_at?: string | null
  external_id?: string | null
  metadata?: MetadataPatch
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
  if (Object.keys(set).length === 0) return ticket
  if (ticket.status_category === 'closed') throw TicketClosed({ members: { allowed: [] } })
  await requireReferences(tx, set)
  if (set.assignee_id) await requireMayAssign(tx, actor, ticket, set)
  const opensByItself = Boolean(set.assignee_id) && set.status === undefined
  if (opensByItself) {
    const status = statusAfterStaffAct(ticket.status_category)
    if (status !== ticket.status_category) Object.assign(set, enterStatus(status, ticket, tx.now))
  }
  try {
    const changed = await changeTicket(tx, actor, ticket, { set, announce: newsOf(ticket, set, opensByItself) })
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
function isPublicChange({ subject: _, priority: __, ...staffOnly }: TicketChanges): boolean {
  return Object.keys(staffOnly).length === 0
}

function changedColumns(ticket: TicketRow, changes: TicketChanges): Partial<TicketRow> {
  const { priority, metadata, status: _, subject, due_at, ...same } = changes
  const wanted: Partial<TicketRow> = { ...same }
  if (subject !== undefined) wanted.subject = subject.trim()
  if (priority !== undefined) wanted.priority = priorityRank(priority)
  if (due_at !== undefined) wanted.due_at = due_at === null ? null : (fromTime(due_at) ?? null)
  if (metadata !== undefined) wanted.metadata = mergeMetadata(ticket.metadata, metadata)
  return Object.fromEntries(Object.entries(wanted).filter(([column, value]) => ticket[column as keyof TicketRow] !== value))
}

async function requireReferences(tx: Tx, { queue_id, category_id, assignee_id }: Partial<TicketRow>): Promise<void> {
  if (queue_id) await requireQueue(tx, queue_id)
  if (category_id) await requireCategory(tx, category_id)
  if (assignee_id) await requireAgent(tx, assignee_id, '/assignee_id')
}

/** In a queue of claims only an admin gives tickets to others. */
async function requireMayAssign(tx: Tx, actor: Actor, ticket: TicketRow, set: Partial<TicketRow>): Promise<void> {
  const isClaim = set.assignee_id === actor.id && ticket.assignee_id === null
  if (actor.role === 'admin' || isClaim) return
  if ((await findQueue(tx.db, set.queue_id ?? ticket.queue_id))?.assignment_mode === 'claim_only') throw ClaimOnly()
}

const PUBLIC_KEYS = ['subject', 'priority', 'queue_id', 'category_id'] as const
const INTERNAL_KEYS = ['due_at', 'external_id', 'metadata'] as const

/** One piece of news per side that sees something of the change, and one for each change with a name of its own. */
function newsOf(before: TicketRow, set: Partial<TicketRow>, opensByItself: boolean): News[] {
  const announce: News[] = []
  const changed = PUBLIC_KEYS.filter((key) => set[key] !== undefined)
  if (changed.length > 0)
    announce.push(
      news(ticketUpdated, { visibility: 'public', data: { changed, ...facts(set, set) }, previous: facts(before, set) }),
    )
  const hidden = INTERNAL_KEYS.filter((key) => set[key] !== undefined)
  if (hidden.length > 0) announce.push(news(ticketUpdated, { visibility: 'internal', data: { changed: hidden } }))
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

/** The facts that route, of those columns that changed; never a subject. */
function facts(values: Partial<TicketRow>, set: Partial<TicketRow>): Record<string, unknown> {
  return {
    ...(set.priority === undefined || values.priority === undefined ? {} : { priority: toPriority(values.priority) }),
    ...(set.queue_id === undefined ? {} : { queue_id: values.queue_id }),
    ...(set.category_id === undefined ? {} : { category_id: values.category_id }),
  }
}

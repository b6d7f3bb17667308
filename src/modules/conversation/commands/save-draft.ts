import type { Actor } from '../../../platform/actor.ts'
import { fromJson, toJson } from '../../../platform/codecs.ts'
import { insertRow } from '../../../platform/database/prepared.ts'
import { Forbidden, invalidField, NotFound, type Problem, VersionConflict } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findPlace } from '../../messages/index.ts'
import { canWork, getVisibleTicket, type SeenTicket, type TicketReference } from '../../tickets/index.ts'
import { isEmptyDraft, isSameDraft, matchesVersion, type SeenDraft } from '../draft.ts'
import { findDraft, lockDraft } from '../draft-queries.ts'
import { isHiddenFrom } from '../policy.ts'
import type { DraftRow } from '../tables.ts'
import { requireUsableAttachments } from './require-usable-attachments.ts'

export interface SavedDraft {
  ticket: TicketReference
  body: string
  visibility: 'public' | 'internal'
  attachment_ids: readonly string[]
  last_message_id?: string | undefined
  /** The draft as its author last saw it. */
  if_match?: readonly string[] | undefined
}

/**
 * Saves an actor's own draft in a ticket, as the first or in place of the one that he names by `if_match`: two devices of his do not
 * write over each other. What is there already is saved again without a change. Nobody else hears of it.
 */
export async function saveDraft(
  tx: Tx,
  actor: Actor,
  { ticket: reference, if_match, ...given }: SavedDraft,
): Promise<{ draft: SeenDraft; is_new: boolean }> {
  // Under the ticket's lock, so that none is saved into a ticket that is deleted at this moment.
  const ticket = await getVisibleTicket(tx.db, actor, reference, 'for update')
  if (given.visibility === 'internal' && !canWork(ticket))
    throw Forbidden({ detail: 'Only who works on the ticket writes notes.' })
  if (isEmptyDraft(given)) throw invalidField('/body', 'required', 'Write something, or discard the draft.')
  const before = await lockDraft(tx.db, { author_id: actor.id, ticket_id: ticket.id })
  const current = before?.discarded_at === null ? before : undefined
  const { attachment_ids } = given
  const attached = current ? fromJson<string[]>(current.attachment_ids) : []
  await requireUsableAttachments(tx, actor, { attachment_ids, before: attached })
  const content = {
    body: given.body,
    visibility: given.visibility,
    attachment_ids: toJson(attachment_ids),
    ...(await baseOf(tx, ticket, { current, last_message_id: given.last_message_id })),
  }
  if (!current || !isSameDraft(current, content)) {
    requireKnown(ticket, { before, if_match })
    await write(tx, {
      author_id: actor.id,
      ticket_id: ticket.id,
      ...content,
      attachment_count: attachment_ids.length,
      side: ticket.view,
      discarded_at: null,
      created_at: current?.created_at ?? tx.now,
      updated_at: tx.now,
      version: (before?.version ?? 0) + 1,
    })
  }
  const draft = await findDraft(tx.db, actor, ticket)
  if (!draft) throw NotFound()
  return { draft, is_new: !current }
}

/** What the draft is based on: what its author says, else what it was, else the newest message that he sees. */
async function baseOf(
  tx: Tx,
  ticket: SeenTicket,
  { current, last_message_id }: { current: DraftRow | undefined; last_message_id: string | undefined },
): Promise<Pick<DraftRow, 'last_message_id' | 'base_place'>> {
  if (current && (last_message_id === undefined || last_message_id === current.last_message_id))
    return { last_message_id: current.last_message_id, base_place: current.base_place }
  const newest = await findPlace(tx.db, ticket)
  const base = last_message_id === undefined ? newest : await findPlace(tx.db, ticket, last_message_id)
  if (!base && last_message_id !== undefined)
    throw invalidField('/last_message_id', 'not_found', 'There is no such message in this ticket.')
  return { last_message_id: base?.id ?? null, base_place: base?.place ?? current?.base_place ?? newest?.place ?? 0 }
}

/** Makes sure that an author knows the draft that he writes over, and that there is one where he names one. */
function requireKnown(
  ticket: SeenTicket,
  { before, if_match }: { before: DraftRow | undefined; if_match: readonly string[] | undefined },
): void {
  const current = before?.discarded_at === null ? before : undefined
  if (current ? if_match !== undefined && matchesVersion(if_match, current.version) : if_match === undefined) return
  throw draftConflict(before, current && isHiddenFrom(ticket, current))
}

/** 412: the draft is another one than the caller knows. */
export function draftConflict(before: DraftRow | undefined, isHidden = false): Problem {
  const current_version = before?.version ?? 0
  return VersionConflict({
    members: { current_version },
    headers: { ETag: `"v${current_version}"` },
    detail: isHidden
      ? 'Here is a draft of a note that you wrote while you worked on this ticket. If-Match: * writes over it.'
      : 'Your draft is another one by now, or is not there. Read it, and send its ETag as If-Match.',
  })
}

async function write(tx: Tx, row: DraftRow): Promise<void> {
  if (row.version === 1) return insertRow(tx.db, 'drafts', row)
  const { author_id, ticket_id, ...columns } = row
  await tx.db.updateTable('drafts').set(columns).where('author_id', '=', author_id).where('ticket_id', '=', ticket_id).execute()
}

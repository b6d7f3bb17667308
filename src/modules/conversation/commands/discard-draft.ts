import type { Actor } from '../../../platform/actor.ts'
import { NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { getVisibleTicket, type SeenTicket, type TicketReference } from '../../tickets/index.ts'
import { matchesVersion } from '../draft.ts'
import { lockDraft } from '../draft-queries.ts'
import { isHiddenFrom } from '../policy.ts'
import type { DraftRow } from '../tables.ts'
import { draftConflict } from './save-draft.ts'

/** An author throws his own draft away. */
export async function discardDraft(
  tx: Tx,
  actor: Actor,
  { ticket: reference, if_match }: { ticket: TicketReference; if_match?: readonly string[] | undefined },
): Promise<void> {
  const ticket = await getVisibleTicket(tx.db, actor, reference, 'for update')
  const draft = await findOwn(tx, actor, ticket)
  if (!draft) throw NotFound()
  if (if_match !== undefined && !matchesVersion(if_match, draft.version)) throw draftConflict(draft)
  await discard(tx, draft)
}

/**
 * Takes away the draft that a message in a ticket, whose row is locked, was made of: this version of it. What its author has typed on
 * elsewhere stays.
 */
export async function discardPosted(
  tx: Tx,
  actor: Actor,
  { ticket, version }: { ticket: SeenTicket; version: number },
): Promise<void> {
  const draft = await findOwn(tx, actor, ticket)
  if (draft?.version === version) await discard(tx, draft)
}

async function findOwn(tx: Tx, actor: Actor, ticket: SeenTicket): Promise<DraftRow | undefined> {
  const draft = await lockDraft(tx.db, { author_id: actor.id, ticket_id: ticket.id })
  return draft?.discarded_at === null && !isHiddenFrom(ticket, draft) ? draft : undefined
}

/** Nothing of the draft stays but its version, so that a device which knows an earlier one is told so. */
async function discard(tx: Tx, { author_id, ticket_id, version }: DraftRow): Promise<void> {
  await tx.db
    .updateTable('drafts')
    .set({
      body: '',
      attachment_ids: '[]',
      attachment_count: 0,
      last_message_id: null,
      discarded_at: tx.now,
      updated_at: tx.now,
      version: version + 1,
    })
    .where('author_id', '=', author_id)
    .where('ticket_id', '=', ticket_id)
    .execute()
}

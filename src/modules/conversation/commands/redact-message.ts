import type { Actor } from '../../../platform/actor.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { emptyAnswers } from '../../../platform/kept-answers.ts'
import { Conflict, Forbidden, invalidField } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { type AttachmentRow, redactAttachmentNames } from '../../attachments/index.ts'
import { redactMails } from '../../mail/index.ts'
import {
  conversationSources,
  getMessage,
  messageNews,
  messageRedacted,
  redactText,
  type SignedMessage,
  type Text,
} from '../../messages/index.ts'
import { changeTicket, findVisibleTicket, getConversation, redactSubject, type TicketReference } from '../../tickets/index.ts'
import { canRedact } from '../policy.ts'
import { redactDrafts } from './redact-drafts.ts'

/**
 * An admin takes a passage out of a message, whatever its age: it goes from what the message says and said before, from the names of its attachments, from search, from
 * drafts and mails, from the subject, and from answers that are kept for retries. What was read before as `from` is rendered without
 * the passage in `text`.
 */
export async function redactMessage(
  tx: Tx,
  actor: Actor,
  {
    ticket: reference,
    message: id,
    passage,
    from,
    text,
    if_match,
  }: {
    ticket: TicketReference
    message: string
    passage: string
    from: string
    text: Text
    if_match?: readonly string[] | undefined
  },
): Promise<SignedMessage> {
  const ticket = await getConversation(tx.db, actor, reference, 'for update')
  const message = await getMessage(tx.db, ticket, id)
  if (!canRedact(actor)) throw Forbidden()
  requireMatch(if_match, `v${message.version}`, message.version)
  if (message.body !== from) throw Conflict()
  const renamed = await redactAttachmentNames(tx, { message_id: message.id, passage })
  const changed = await redactText(tx, { message: withNames(message, renamed), text, passage, isNamed: renamed.length > 0 })
  if (!changed) throw invalidField('/passage', 'not_found', 'The message neither holds this passage nor ever did.')

  const ticket_ids = await conversationSources(tx.db, ticket.id)
  await redactDrafts(tx, { ticket_ids, passage, isInternal: message.visibility === 'internal' })
  await redactMails(tx, { passage, since: ticket.created_at })
  const { set, announce } = await redactSubject(tx, ticket, passage)
  const elsewhere = await redactOtherSubjects(tx, actor, { ids: ticket_ids.filter((id) => id !== ticket.id), passage })
  const isPublic = message.visibility === 'public' || announce.length + elsewhere > 0
  const inJson = JSON.stringify(passage).slice(1, -1)
  await emptyAnswers(tx.db, {
    subject_ids: ticket_ids,
    shows: (body, view) => (isPublic || view === 'staff') && body.includes(inJson),
  })
  if (renamed.length > 0) await emptyAnswers(tx.db, { subject_ids: renamed.map(({ id }) => id), shows: () => true })
  await changeTicket(tx, actor, ticket, { set, announce: [messageNews(messageRedacted, changed), ...announce] })
  return changed
}

/** Subjects of tickets whose messages are told here, merged ones above all, say what their messages said; answers how many did. */
async function redactOtherSubjects(
  tx: Tx,
  actor: Actor,
  { ids, passage }: { ids: readonly string[]; passage: string },
): Promise<number> {
  let count = 0
  for (const id of ids.toSorted()) {
    const ticket = await findVisibleTicket(tx.db, actor, id, 'for update')
    const change = ticket && (await redactSubject(tx, ticket, passage))
    if (!ticket || !change || change.announce.length === 0) continue
    await changeTicket(tx, actor, ticket, change)
    count++
  }
  return count
}

function withNames(message: SignedMessage, renamed: readonly AttachmentRow[]): SignedMessage {
  const byId = new Map(renamed.map((attachment) => [attachment.id, attachment]))
  return { ...message, attachments: message.attachments.map((attachment) => byId.get(attachment.id) ?? attachment) }
}

import type { Actor } from '../../../platform/actor.ts'
import { toTime } from '../../../platform/codecs.ts'
import { news } from '../../../platform/events.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Forbidden, Problem, ValidationFailed } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { lockMentioned, postMessage, requireLastMessage } from '../../conversation/index.ts'
import type { Text } from '../../messages/index.ts'
import {
  addTags,
  type ChangesOfTicket,
  canWork,
  changeTicket,
  getVisibleTicket,
  removeTag,
  type SeenTicket,
  TicketClosed,
  TicketMerged,
  ticketEtag,
  updateTicket,
} from '../../tickets/index.ts'
import { copyFiles } from '../attachments.ts'
import { macroApplied } from '../events.ts'
import { type Changes, contentOf, type MessageTemplate } from '../macro.ts'
import { MacroNotApplicable } from '../problems.ts'
import { getVisibleMacro } from '../queries.ts'
import { missingValues, renderMessage } from '../rendering.ts'
import type { ForTicket } from '../schema.ts'

interface Application {
  macro_id: string
  given: ForTicket
  /** The text that was made ready for it outside the transaction; undefined for a macro that writes nothing. */
  text: Text | undefined
  /** The last message of the conversation, as it was read; null: none. */
  expected_last_message_id?: string | null | undefined
  /** The ticket as it was read. */
  if_match?: readonly string[] | undefined
  /** Writes with marks where values are missing: for a look at what would be, which is undone. */
  withMarks?: true
}

/** The ticket, or the macro, has changed since the text was made ready: make it again. */
export class TextStale extends Error {}

/**
 * Writes a macro's message and makes its changes, all or nothing. The message comes first, so that the status that the macro says
 * wins over the one that follows from a message.
 */
export async function applyMacro(tx: Tx, actor: Actor, application: Application): Promise<SeenTicket> {
  const { macro_id, given, if_match } = application
  // Together with those that its text mentions, in their order.
  await lockMentioned(tx, actor, { ticket: given.ticket_id, body: application.text?.body ?? '' })
  const ticket = await getVisibleTicket(tx.db, actor, given.ticket_id, 'for update')
  const { message, changes } = contentOf(await getVisibleMacro(tx.db, actor, { kind: 'macro', id: macro_id }))
  if (!canWork(ticket)) throw Forbidden({ detail: 'Only who works on the ticket applies macros to it.' })
  requireMatch(if_match, ticketEtag(ticket, ticket.view), ticket.version)
  await requireLastMessage(tx, ticket, application.expected_last_message_id)
  const written = message ? await write(tx, actor, { ticket, message, application }) : ticket
  const changed = changes ? await change(tx, actor, { ticket: written, changes }) : written
  const announce = [news(macroApplied, { visibility: 'internal', data: { macro_id } })]
  return changeTicket(tx, actor, changed, { set: {}, announce })
}

async function write(
  tx: Tx,
  actor: Actor,
  { ticket, message, application }: { ticket: SeenTicket; message: MessageTemplate; application: Application },
): Promise<SeenTicket> {
  const { given, text, withMarks } = application
  const { visibility } = message
  const { merged_into_id } = ticket
  // By hand a note goes on in the other ticket: the macro would change that one, which was not meant either.
  if (merged_into_id !== null) throw TicketMerged({ members: { merged_into_id } })
  // By hand he who raised it would open a follow-up: a macro that changes something would change another ticket than was meant.
  if (ticket.status_category === 'closed' && visibility === 'public') throw TicketClosed({ members: { allowed: [] } })
  const rendered = await renderMessage(tx.db, actor, { ticket, message, given })
  if (rendered.missing.length > 0 && !withMarks) throw missingValues(rendered.missing)
  if (text?.body !== rendered.body) throw new TextStale()
  const files = await copyFiles(tx, actor, { macro: { id: application.macro_id, kind: 'macro' }, message })
  if ('errors' in files) throw MacroNotApplicable({ detail: 'A file of this macro cannot be sent.', errors: files.errors })
  return (await postMessage(tx, actor, { ticket: ticket.id, text, visibility, ...files })).ticket
}

async function change(
  tx: Tx,
  actor: Actor,
  { ticket: before, changes }: { ticket: SeenTicket; changes: Changes },
): Promise<SeenTicket> {
  const { add_tags = [], remove_tags = [], ...rest } = changes
  const ticket = before.id
  let changed = before
  // First the tags: a move may take the ticket out of the actor's sight.
  if (add_tags.length > 0) changed = await addTags(tx, actor, { ticket, tags: [...add_tags] })
  for (const tag of remove_tags) changed = await removeTag(tx, actor, { ticket, tag })
  if (Object.keys(rest).length === 0) return changed
  return notOfTheBody(() => updateTicket(tx, actor, { ticket, changes: toTicketChanges(tx, actor, rest) }))
}

function toTicketChanges(
  tx: Tx,
  actor: Actor,
  { assignee_id, pending_in_seconds, ...same }: Omit<Changes, 'add_tags' | 'remove_tags'>,
): ChangesOfTicket {
  return {
    ...same,
    ...(assignee_id === undefined ? {} : { assignee_id: assignee_id === 'me' ? actor.id : assignee_id }),
    ...(pending_in_seconds === undefined ? {} : { pending_until: toTime(tx.now + pending_in_seconds * 1000) }),
  }
}

/** What cannot be in this ticket is wrong in the macro, not in the request. */
async function notOfTheBody<T>(update: () => Promise<T>): Promise<T> {
  try {
    return await update()
  } catch (error) {
    if (!(error instanceof Problem) || error.definition !== ValidationFailed) throw error
    const { detail, errors = [] } = error.extras
    throw MacroNotApplicable({
      ...(detail === undefined ? {} : { detail }),
      errors: errors.map(({ pointer = '', ...rest }) => ({ ...rest, pointer: pointerInto(pointer) })),
    })
  }
}

function pointerInto(pointer: string): string {
  return `/changes${pointer === '/pending_until' ? '/pending_in_seconds' : pointer}`
}

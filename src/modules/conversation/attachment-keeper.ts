import { emptyAnswers } from '../../platform/kept-answers.ts'
import { NotFound } from '../../platform/problems.ts'
import type { MessageKeeper } from '../attachments/index.ts'
import { conversationSources, locateMessage, loseAttachment, messageAttachmentRemoved, messageNews } from '../messages/index.ts'
import { changeTicket, findVisibleTicket, getVisibleTicket } from '../tickets/index.ts'

/** Who reads an attachment: who reads its message. Of a retracted one only staff, who read what it said, too. */
export const attachmentKeeper: Omit<MessageKeeper, 'seesKeeper'> = {
  async sideOf(db, actor, message_id) {
    const message = await locateMessage(db, message_id)
    const ticket = message && (await findVisibleTicket(db, actor, message.ticket_id))
    if (!message || !ticket) return undefined
    return ticket.view === 'staff' || isPublic(message) ? ticket.view : undefined
  },
  async isReadBy(db, side, message_id) {
    const message = await locateMessage(db, message_id)
    return message !== undefined && (side === 'staff' || isPublic(message))
  },
  async hold(tx, actor, message_id) {
    const message = await locateMessage(tx.db, message_id)
    if (!message) throw NotFound()
    await getVisibleTicket(tx.db, actor, message.ticket_id, 'for update')
  },
  async lost(tx, actor, message_id) {
    const message = await loseAttachment(tx, message_id)
    const ticket = await getVisibleTicket(tx.db, actor, message.ticket_id, 'for update')
    // What was answered before still says its name. Without the keys a retry would post the message again.
    const subject_ids = await conversationSources(tx.db, ticket.id)
    await emptyAnswers(tx.db, { subject_ids, shows: (body) => body.includes(message.id) })
    await changeTicket(tx, actor, ticket, { set: {}, announce: [messageNews(messageAttachmentRemoved, message)] })
  },
}

function isPublic({ visibility, retracted_at }: { visibility: string; retracted_at: number | null }): boolean {
  return visibility === 'public' && retracted_at === null
}

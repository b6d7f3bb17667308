import type { Reaction } from '../../platform/events.ts'
import type { Ground } from '../../platform/module.ts'
import { forgetReferences } from '../mail/index.ts'
import { ticketDeleted } from '../tickets/index.ts'
import { cancelMails } from './commands/cancel-mails.ts'

/** What becomes of mail when what it tells of is gone. */
export function sendingReactions({ transact }: Pick<Ground, 'transact'>): Reaction[] {
  return [
    {
      name: 'sending.forget-what-is-deleted',
      on: [ticketDeleted],
      handle: ({ event }) =>
        transact(async (tx) => {
          await cancelMails(tx, { ticket_id: event.subject.id }, 'ticket_deleted')
          await forgetReferences(tx, event.subject.id)
        }),
    },
  ]
}

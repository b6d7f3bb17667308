import type { Reaction } from '../../platform/events.ts'
import type { Ground } from '../../platform/module.ts'
import { messageRetracted } from '../messages/index.ts'
import { cancelMails } from '../sending/index.ts'
import { ticketDeleted } from '../tickets/index.ts'
import { told } from './acts.ts'
import { oweMails, type Postmark } from './commands/owe-mails.ts'
import { whoIsOwed } from './owed.ts'

/** What happens in tickets, told by mail. */
export function notificationReactions({
  ground: { database, transact },
  postmark,
}: {
  ground: Pick<Ground, 'database' | 'transact'>
  postmark: Postmark
}): Reaction[] {
  return [
    {
      name: 'notifications.owe-mails',
      on: told,
      handle: async ({ event }) => {
        // Most of what happens is owed to nobody: that takes no transaction.
        const telling = await whoIsOwed(database.reader, event)
        if (telling) await transact((tx) => oweMails(tx, telling, postmark))
      },
    },
    {
      name: 'notifications.call-back-retracted',
      on: [messageRetracted],
      handle: async ({ event }) => {
        await transact((tx) => cancelMails(tx, { message_id: event.subject.id }, 'message_retracted'))
      },
    },
    {
      name: 'notifications.call-back-deleted',
      on: [ticketDeleted],
      handle: async ({ event }) => {
        await transact((tx) => cancelMails(tx, { ticket_id: event.subject.id }, 'ticket_gone'))
      },
    },
  ]
}

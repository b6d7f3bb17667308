import type { Reaction } from '../../platform/events.ts'
import type { Ground } from '../../platform/module.ts'
import { ticketDeleted } from '../tickets/index.ts'
import { removeDrafts } from './commands/remove-drafts.ts'

/** What the conversation does when something else changes. */
export function conversationReactions({ transact }: Pick<Ground, 'transact'>): Reaction[] {
  return [
    {
      name: 'conversation.remove-drafts',
      on: [ticketDeleted],
      handle: ({ event }) => transact((tx) => removeDrafts(tx, event.subject.id)),
    },
  ]
}

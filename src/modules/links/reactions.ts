import type { Reaction } from '../../platform/events.ts'
import type { Ground } from '../../platform/module.ts'
import { ticketDeleted } from '../tickets/index.ts'
import { unlinkDeleted } from './commands/unlink-tickets.ts'

/** What links do when something else changes. */
export function linkReactions({ transact }: Pick<Ground, 'transact'>): Reaction[] {
  return [
    {
      name: 'links.unlink-deleted',
      on: [ticketDeleted],
      handle: async ({ event }) => {
        while (await transact((tx) => unlinkDeleted(tx, event.subject.id)));
      },
    },
  ]
}

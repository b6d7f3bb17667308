import { systemActor } from '../../platform/actor.ts'
import type { Reaction } from '../../platform/events.ts'
import type { Ground } from '../../platform/module.ts'
import { teamDeleted } from '../directory/index.ts'
import { unshareViews } from './commands/unshare-views.ts'

/** What views do when something else changes. */
export function viewReactions({ transact }: Pick<Ground, 'transact'>): Reaction[] {
  return [
    {
      name: 'views.unshare',
      on: [teamDeleted],
      handle: async ({ event }) => {
        while (await transact((tx) => unshareViews(tx, systemActor, event.subject.id)));
      },
    },
  ]
}

import { systemActor } from '../../platform/actor.ts'
import type { Reaction } from '../../platform/events.ts'
import type { Ground } from '../../platform/module.ts'
import { teamDeleted } from '../directory/index.ts'
import { tagRenamed } from '../tags/index.ts'
import { renameTagInViews } from './commands/rename-tag-in-views.ts'
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
    {
      // A tag that is being renamed is not renamed again before its job is done: the next name comes after this one.
      name: 'views.rename-tag',
      on: [tagRenamed],
      handle: async ({ event }) => {
        // Written by renameTag, of this very shape.
        const { from, to } = event.data as { from: string; to: string }
        for (let after: string | null = ''; after !== null; ) {
          const place: string = after
          after = await transact((tx) => renameTagInViews(tx, systemActor, { from, to, after: place }))
        }
      },
    },
  ]
}

import { systemActor } from '../../platform/actor.ts'
import type { Reaction } from '../../platform/events.ts'
import type { Ground } from '../../platform/module.ts'
import { teamDeleted } from '../directory/index.ts'
import { tagRenamed } from '../tags/index.ts'
import { renameTagInMacros } from './commands/rename-tag-in-macros.ts'
import { unshareMacros } from './commands/unshare-macros.ts'

/** What canned replies and macros do when something else changes. */
export function macroReactions({ transact }: Pick<Ground, 'transact'>): Reaction[] {
  return [
    {
      name: 'macros.unshare',
      on: [teamDeleted],
      handle: async ({ event }) => {
        while (await transact((tx) => unshareMacros(tx, systemActor, event.subject.id)));
      },
    },
    {
      // A tag that is being renamed is not renamed again before its job is done: the next name comes after this one.
      name: 'macros.rename-tag',
      on: [tagRenamed],
      handle: async ({ event }) => {
        // Written by renameTag, of this very shape.
        const { from, to } = event.data as { from: string; to: string }
        for (let after: string | null = ''; after !== null; ) {
          const place: string = after
          after = await transact((tx) => renameTagInMacros(tx, systemActor, { from, to, after: place }))
        }
      },
    },
  ]
}

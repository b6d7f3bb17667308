import type { Reaction } from '../../platform/events.ts'
import type { Ground } from '../../platform/module.ts'
import { ticketDeleted } from '../tickets/index.ts'
import { forgetAnswersOfMerged } from './commands/forget-merge.ts'

/** What merges do when something else changes. */
export function mergeReactions({ transact }: Pick<Ground, 'transact'>): Reaction[] {
  return [
    {
      name: 'merging.forget-answers',
      on: [ticketDeleted],
      handle: ({ event }) => transact((tx) => forgetAnswersOfMerged(tx, event.subject.id)),
    },
  ]
}

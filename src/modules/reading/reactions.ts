import type { Reaction } from '../../platform/events.ts'
import type { Ground } from '../../platform/module.ts'
import { ticketDeleted } from '../tickets/index.ts'
import { removeMarks } from './commands/remove-marks.ts'

/** What becomes of marks when something else changes. */
export function readingReactions({ transact }: Pick<Ground, 'transact'>): Reaction[] {
  return [
    {
      name: 'reading.remove-marks',
      on: [ticketDeleted],
      handle: ({ event }) => transact((tx) => removeMarks(tx, event.subject.id)),
    },
  ]
}

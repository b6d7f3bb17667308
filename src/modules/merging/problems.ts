import { defineProblem } from '../../platform/problems.ts'

export const NotMerged = defineProblem('not_merged', 409, 'The ticket was not merged into another one.')
export const MergeUndoOver = defineProblem(
  'merge_undo_over',
  409,
  'This merge cannot be undone any more: 30 days are over, or the other ticket was deleted.',
)
export const TooManyMessages = defineProblem(
  'too_many_messages',
  409,
  'A merge moves at most 10,000 messages, into a ticket that has at most 100,000 with them.',
)

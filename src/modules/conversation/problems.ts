import { defineProblem } from '../../platform/problems.ts'

export const EditWindowOver = defineProblem('edit_window_over', 409, 'The time in which this message could be changed is over.')
export const MessageRetracted = defineProblem('message_retracted', 409, 'The message was retracted.')

import { defineProblem } from '../../platform/problems.ts'

export const EditWindowOver = defineProblem('edit_window_over', 409, 'The time in which this message could be changed is over.')
export const ConversationMovedOn = defineProblem(
  'conversation_moved_on',
  409,
  'There are messages that you had not seen when you wrote. Read them, and send `last_message_id` as what you expect.',
)
export const MessageRetracted = defineProblem('message_retracted', 409, 'The message was retracted.')

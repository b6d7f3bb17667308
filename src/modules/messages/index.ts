import './tables.ts'

export { insertMessage } from './commands/insert-message.ts'
export { moveMessages, shiftMessages } from './commands/move-messages.ts'
export { removeMessages } from './commands/remove-messages.ts'
export { editText, retractText } from './commands/rewrite-message.ts'
export { messageEdited, messageRetracted } from './events.ts'
export { messageNews, type View } from './message.ts'
export { type Move, placeOf, placesAmong, spread } from './place.ts'
export { type SignedMessage, toMessage } from './present.ts'
export {
  findByClientId,
  findMessage,
  getMessage,
  listMessages,
  type MessageOutline,
  outlineOf,
  tallyOf,
  ticketsOfMessages,
} from './queries.ts'
export { Body, Message } from './schema.ts'
export type { MessageRow } from './tables.ts'
export { type Text, toText } from './text.ts'

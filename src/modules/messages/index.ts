import './tables.ts'

export { insertMessage } from './commands/insert-message.ts'
export { loseAttachment } from './commands/lose-attachment.ts'
export { moveMessages, shiftMessages } from './commands/move-messages.ts'
export { redactText } from './commands/redact-text.ts'
export { removeMessages } from './commands/remove-messages.ts'
export { editText, retractText } from './commands/rewrite-message.ts'
export { withdrawMessage } from './commands/withdraw-message.ts'
export { messageAttachmentRemoved, messageCreated, messageEdited, messageRedacted, messageRetracted } from './events.ts'
export { type MessageMail, messageNews, type View } from './message.ts'
export { type Move, placeOf, placesAmong, spread } from './place.ts'
export { type SignedMessage, toMessage, toMessageWithQuote, toRevision } from './present.ts'
export {
  asSeenFrom,
  bytesOfMessages,
  type Conversation,
  conversationSources,
  countBehind,
  findByClientId,
  findMessage,
  findMessages,
  findNoteBehind,
  findPlace,
  findUpTo,
  fittingCount,
  getMessage,
  lastPublicMessageAt,
  listMessages,
  listRevisions,
  locateMessage,
  type MessageOutline,
  outlineOf,
  PAGE_BYTES,
  placesOfMessages,
  tallyOf,
  ticketsOfMessages,
} from './queries.ts'
export { Body, Message, type MessageDelivery, MessageRevision } from './schema.ts'
export { ImagesWanted, type MessageParts, showMessages } from './show.ts'
export type { MessageRow } from './tables.ts'
export { BODY_MAX, type Text, toText } from './text.ts'

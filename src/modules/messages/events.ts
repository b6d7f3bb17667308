import { Type } from 'typebox'
import { defineEvent } from '../../platform/events.ts'
import { strict } from '../../platform/http/schemas.ts'

const id = Type.String()
const message = strict({ message_id: id, author_id: id, visibility: Type.Enum(['public', 'internal'], { type: 'string' }) })

/** Somebody wrote a message. */
export const messageCreated = defineEvent('message.created', message)

/** An author changed his message. */
export const messageEdited = defineEvent('message.edited', message)

/** An admin removed a file from a message. */
export const messageAttachmentRemoved = defineEvent('message.attachment_removed', message)

/** An author took his message back. */
export const messageRetracted = defineEvent('message.retracted', message)

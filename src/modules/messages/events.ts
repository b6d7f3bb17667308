import { Type } from 'typebox'
import { defineEvent } from '../../platform/events.ts'
import { strict } from '../../platform/http/schemas.ts'

const id = Type.String()
const facts = { message_id: id, author_id: id, visibility: Type.Enum(['public', 'internal'], { type: 'string' }) }
const message = strict(facts)

/**
 * Somebody wrote a message. `addressed_ticket_id` is there when it is another ticket that he wrote to: a closed one that this one
 * follows up, or one that was merged into this one.
 */
export const messageCreated = defineEvent('message.created', strict({ ...facts, addressed_ticket_id: Type.Optional(id) }))

/** An author changed his message. */
export const messageEdited = defineEvent('message.edited', message)

/** An admin removed a file from a message. */
export const messageAttachmentRemoved = defineEvent('message.attachment_removed', message)

/** An author took his message back. */
export const messageRetracted = defineEvent('message.retracted', message)

/** A public message was made internal: whoever sees only the public side does not see it any more. */
export const messageWithdrawn = defineEvent('message.withdrawn', strict({ message_id: id }))

/** Staff made a public message internal. */
export const messageMadeInternal = defineEvent('message.made_internal', message)

/** An admin took a passage out of a message, and out of what it said before. Never which. */
export const messageRedacted = defineEvent('message.redacted', message)

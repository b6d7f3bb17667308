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

/** An author took his message back. */
export const messageRetracted = defineEvent('message.retracted', message)

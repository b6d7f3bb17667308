import { Type } from 'typebox'
import { defineEvent } from '../../platform/events.ts'
import { strict } from '../../platform/http/schemas.ts'

const changed = Type.Array(Type.String())

/** A custom field was made. */
export const fieldCreated = defineEvent('field.created', strict({ key: Type.String(), type: Type.String() }))

/** Something of a custom field changed, or it is in use again: `changed` names the keys. */
export const fieldUpdated = defineEvent('field.updated', strict({ changed }))

/** A custom field is out of use: tickets keep their values of it, and nobody is shown them. */
export const fieldArchived = defineEvent('field.archived', strict({ changed }))

/** A custom field of which no ticket had a value is gone. */
export const fieldDeleted = defineEvent('field.deleted', strict({}))

/** A ticket type was made. */
export const ticketTypeCreated = defineEvent('ticket_type.created', strict({}))

/** Something of a ticket type changed, or it is in use again: `changed` names the keys. */
export const ticketTypeUpdated = defineEvent('ticket_type.updated', strict({ changed }))

/** A ticket type is given to no ticket from now on. */
export const ticketTypeArchived = defineEvent('ticket_type.archived', strict({ changed }))

/** A ticket type that nothing had is gone. */
export const ticketTypeDeleted = defineEvent('ticket_type.deleted', strict({}))

import { Type } from 'typebox'
import { defineEvent } from '../../platform/events.ts'
import { nullable, strict } from '../../platform/http/schemas.ts'

const id = Type.String()
const facts = {
  kind: id,
  message_id: nullable(id),
  user_id: nullable(id),
  smtp_code: nullable(Type.Integer()),
  enhanced_code: nullable(Type.String()),
}

/** A mail came back, or was refused for good. `is_hard`: the address does not exist, and gets no mail any more. */
export const mailBounced = defineEvent('mail.bounced', strict({ ...facts, is_hard: Type.Boolean() }))

/** A mail was tried for five days, and is given up. */
export const mailFailed = defineEvent('mail.failed', strict({ ...facts, attempts: Type.Integer() }))

/** Nothing is sent to an address any more. */
export const suppressionCreated = defineEvent('suppression.created', strict({ reason: id }))

/** Mail is sent to an address again. */
export const suppressionDeleted = defineEvent('suppression.deleted', strict({ reason: id }))

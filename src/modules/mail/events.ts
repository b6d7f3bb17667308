import { Type } from 'typebox'
import { defineEvent } from '../../platform/events.ts'
import { nullable, strict } from '../../platform/http/schemas.ts'

/**
 * More mail than people write went to and fro: what came is kept, and nobody is mailed because of it. `scope` says which budget was
 * spent; `user_id` whose address it is.
 */
export const mailLoopTripped = defineEvent(
  'mail.loop_tripped',
  strict({
    scope: Type.Enum(['ticket', 'address', 'mailbox'], { type: 'string' }),
    direction: Type.Enum(['in', 'out'], { type: 'string' }),
    user_id: nullable(Type.String()),
  }),
)

import { Type } from 'typebox'
import { defineEvent } from '../../platform/events.ts'
import { nullable, strict } from '../../platform/http/schemas.ts'

/** Something of an agent changed: `changed` names the keys, the rest is as it is now. */
export const agentUpdated = defineEvent(
  'agent.updated',
  strict({ changed: Type.Array(Type.String()), availability: Type.String(), capacity: nullable(Type.Integer()) }),
)

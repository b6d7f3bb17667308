import { Type } from 'typebox'
import { defineEvent } from '../../platform/events.ts'
import { strict } from '../../platform/http/schemas.ts'

const id = Type.String()

/** A note mentions an agent, who follows its ticket from then on. */
export const messageMentioned = defineEvent('message.mentioned', strict({ message_id: id, user_id: id }))

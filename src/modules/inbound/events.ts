import { Type } from 'typebox'
import { defineEvent } from '../../platform/events.ts'
import { nullable, strict } from '../../platform/http/schemas.ts'

/** A mail was put aside: somebody has to look at it. Never what it says, nor whose it is. */
export const inboundMailQuarantined = defineEvent(
  'inbound_mail.quarantined',
  strict({ reason: Type.String(), mailbox_id: nullable(Type.String()), source: Type.String() }),
)

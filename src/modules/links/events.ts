import { Type } from 'typebox'
import { defineEvent } from '../../platform/events.ts'
import { strict } from '../../platform/http/schemas.ts'
import { linkKinds } from './link.ts'

// The other ticket is not named: not everybody who reads this one's log sees it.
const link = strict({ link_id: Type.String(), kind: Type.Enum(linkKinds, { type: 'string' }) })

/** A ticket was linked with another; `kind` is what that one is to it. */
export const ticketLinked = defineEvent('ticket.linked', link)

/** A ticket has a link no longer. */
export const ticketUnlinked = defineEvent('ticket.unlinked', link)

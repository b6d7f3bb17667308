import { Type } from 'typebox'
import { defineEvent } from '../../platform/events.ts'
import { strict } from '../../platform/http/schemas.ts'

const changed = Type.Array(Type.String())
const place = { queue_id: Type.String(), enabled: Type.Boolean() }
const signing = { enabled: Type.Boolean() }

/** There is a support address now. */
export const mailboxCreated = defineEvent('mailbox.created', strict(place))

/** Something of a mailbox changed: `changed` names the keys, the rest is as it is now. Never an address or a password. */
export const mailboxUpdated = defineEvent('mailbox.updated', strict({ changed, ...place }))

/** A support address is gone. */
export const mailboxDeleted = defineEvent('mailbox.deleted', strict({}))

/** A domain has a key that signs its mail. */
export const sendingDomainCreated = defineEvent('sending_domain.created', strict(signing))

/** Something of a sending domain changed: `changed` names the keys, the rest is as it is now. */
export const sendingDomainUpdated = defineEvent('sending_domain.updated', strict({ changed, ...signing }))

/** A key is gone, and mail of its domain is not signed any more. */
export const sendingDomainDeleted = defineEvent('sending_domain.deleted', strict({}))

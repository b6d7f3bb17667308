import { Type } from 'typebox'
import { defineEvent } from '../../platform/events.ts'
import { nullable, strict } from '../../platform/http/schemas.ts'

const id = Type.String()
const place = { kind: id, queue_id: nullable(id), locale: nullable(id) }

/** An admin worded a kind of mail. Never how. */
export const mailTemplateCreated = defineEvent('mail_template.created', strict(place))

/** An admin worded a kind of mail anew: `changed` names the parts. */
export const mailTemplateUpdated = defineEvent('mail_template.updated', strict({ changed: Type.Array(id), ...place }))

/** A kind of mail says again what is built in. */
export const mailTemplateDeleted = defineEvent('mail_template.deleted', strict({}))

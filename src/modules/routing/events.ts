import { Type } from 'typebox'
import { defineEvent } from '../../platform/events.ts'
import { strict } from '../../platform/http/schemas.ts'

const place = { position: Type.Integer(), enabled: Type.Boolean() }

/** A rule was made, behind all others. */
export const routingRuleCreated = defineEvent('routing_rule.created', strict(place))

/** Something of a rule changed, or only its place: `changed` names the keys, the rest is as it is now. */
export const routingRuleUpdated = defineEvent('routing_rule.updated', strict({ changed: Type.Array(Type.String()), ...place }))

/** A rule is gone. */
export const routingRuleDeleted = defineEvent('routing_rule.deleted', strict({}))

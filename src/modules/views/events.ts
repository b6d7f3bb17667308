import { Type } from 'typebox'
import { defineEvent } from '../../platform/events.ts'
import { nullable, strict } from '../../platform/http/schemas.ts'

const sharing = { owner_id: Type.String(), visibility: Type.String(), team_id: nullable(Type.String()) }

/** Somebody saved a view. Never its name or its filters. */
export const viewCreated = defineEvent('view.created', strict(sharing))

/** Something of a view changed: `changed` names the keys, the rest is as it is now. */
export const viewUpdated = defineEvent('view.updated', strict({ changed: Type.Array(Type.String()), ...sharing }))

/** A view is gone. */
export const viewDeleted = defineEvent('view.deleted', strict({}))

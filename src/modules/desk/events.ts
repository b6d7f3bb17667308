import { Type } from 'typebox'
import { defineEvent } from '../../platform/events.ts'
import { nullable, strict } from '../../platform/http/schemas.ts'

const changed = Type.Array(Type.String())
const openness = { public: Type.Boolean(), team_ids: Type.Array(Type.String()) }
const place = { parent_id: nullable(Type.String()) }

/** A queue was made. */
export const queueCreated = defineEvent('queue.created', strict(openness))

/** Something of a queue changed, or it is in use again: `changed` names the keys, the rest is as it is now. */
export const queueUpdated = defineEvent(
  'queue.updated',
  strict({ changed, ...openness, assignment: Type.Optional(strict({ mode: Type.String(), order: Type.String() })) }),
)

/** A queue takes no new tickets from now on. `changed` names the keys that changed with it. */
export const queueArchived = defineEvent('queue.archived', strict({ changed }))

/** A queue in which no ticket is, and that nothing else names, is gone. */
export const queueDeleted = defineEvent('queue.deleted', strict({}))

/** A category was made. */
export const categoryCreated = defineEvent('category.created', strict(place))

/** Something of a category changed, or it is in use again: `changed` names the keys, the rest is as it is now. */
export const categoryUpdated = defineEvent('category.updated', strict({ changed, ...place }))

/** A category is given to no ticket from now on. `changed` names the keys that changed with it. */
export const categoryArchived = defineEvent('category.archived', strict({ changed }))

/** A category that no ticket had is gone. */
export const categoryDeleted = defineEvent('category.deleted', strict({}))

/** An admin set something: `changed` names the keys, the rest is as it is now. */
export const settingsUpdated = defineEvent(
  'settings.updated',
  strict({ changed, registration: Type.String(), default_queue_id: Type.String() }),
)

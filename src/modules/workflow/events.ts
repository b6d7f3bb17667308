import { Type } from 'typebox'
import { defineEvent } from '../../platform/events.ts'
import { strict } from '../../platform/http/schemas.ts'

const changed = Type.Array(Type.String())

/** A lifecycle was made. */
export const lifecycleCreated = defineEvent('lifecycle.created', strict({}))

/** Something of a lifecycle changed, or it is in use again; `replaced` names statuses whose tickets go to others. */
export const lifecycleUpdated = defineEvent(
  'lifecycle.updated',
  strict({ changed, replaced: Type.Record(Type.String(), Type.String()) }),
)

/** A lifecycle is given to no queue from now on. */
export const lifecycleArchived = defineEvent('lifecycle.archived', strict({ changed }))

/** A lifecycle that no queue ever had is gone. */
export const lifecycleDeleted = defineEvent('lifecycle.deleted', strict({}))

import { Type } from 'typebox'
import { defineEvent } from '../../platform/events.ts'
import { nullable, strict } from '../../platform/http/schemas.ts'
import type { MacroKind } from './tables.ts'

const sharing = { owner_id: Type.String(), visibility: Type.String(), team_id: nullable(Type.String()) }
const changed = Type.Array(Type.String())

/** Somebody saved a canned reply. Never its name or its text. */
export const cannedReplyCreated = defineEvent('canned_reply.created', strict(sharing))

/** Something of a canned reply changed: `changed` names the keys, the rest is as it is now. */
export const cannedReplyUpdated = defineEvent('canned_reply.updated', strict({ changed, ...sharing }))

/** A canned reply is gone. */
export const cannedReplyDeleted = defineEvent('canned_reply.deleted', strict({}))

/** Somebody saved a macro. Never its name or its text. */
export const macroCreated = defineEvent('macro.created', strict(sharing))

/** Something of a macro changed: `changed` names the keys, the rest is as it is now. */
export const macroUpdated = defineEvent('macro.updated', strict({ changed, ...sharing }))

/** A macro is gone. */
export const macroDeleted = defineEvent('macro.deleted', strict({}))

/** A macro was applied to a ticket; what it did comes before, as if by hand. */
export const macroApplied = defineEvent('macro.applied', strict({ macro_id: Type.String() }))

/** What is announced of each kind. */
export const eventsOf: Readonly<
  Record<MacroKind, { created: typeof macroCreated; updated: typeof macroUpdated; deleted: typeof macroDeleted }>
> = {
  canned_reply: { created: cannedReplyCreated, updated: cannedReplyUpdated, deleted: cannedReplyDeleted },
  macro: { created: macroCreated, updated: macroUpdated, deleted: macroDeleted },
}

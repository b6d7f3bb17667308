import type { Ground, Module } from '../../platform/module.ts'
import type { IsInUse } from '../directory/index.ts'
import { fieldRoutes } from './routes/fields.ts'
import { ticketTypeRoutes } from './routes/ticket-types.ts'
import './tables.ts'
import type { HasValues } from './values.ts'

export { holdReference } from './commands/hold-reference.ts'
export {
  appliesTo,
  type Definition,
  type Definitions,
  type FieldValue,
  type FieldValues,
  filterKey,
  isRanged,
  isReadable,
  isSortable,
  type KeyColumn,
  keyColumn,
  keysOf,
  missingForSolve,
  readValue,
  shownValues,
} from './field.ts'
export { bindsRequesters, definitionsOf, holdDefinitions, presentFields, searchableFields } from './queries/fields.ts'
export { isUsableTicketType, presentTicketTypes } from './queries/ticket-types.ts'
export { FIELD_KEY, Field, FieldValueShape, TicketType } from './schema.ts'
export type { HasValues } from './values.ts'

/** Who else holds on to fields and types. */
export interface FieldsDeps {
  /** Whether tickets have values of a field, or an option of it. */
  hasValues: HasValues
  /** Whether a ticket is, or was when it was deleted, of this type. */
  isTypeInUse: IsInUse
}

/** Custom fields and ticket types: what an admin adds to tickets. */
export function createFields({ cursors }: Ground, { hasValues, isTypeInUse }: FieldsDeps): Module {
  return {
    routes: [...fieldRoutes({ cursors, hasValues }), ...ticketTypeRoutes({ cursors, isTypeInUse })],
    pages: [],
    reactions: [],
  }
}

import type { FieldType, RequesterAccess, Required } from './field.ts'

declare module '../../platform/database/schema.ts' {
  interface Schema {
    fields: FieldRow
    ticket_types: TicketTypeRow
  }
}

export interface FieldRow {
  id: string
  key: string
  label: string
  requester_label: string | null
  type: FieldType
  /** JSON: the options of a choice, those out of use included; `[]` for other types. */
  options: string
  /** JSON: the value that a new ticket gets; null for none. */
  default_value: string | null
  required: Required
  requester_access: RequesterAccess
  /** JSON, sorted: the ticket types whose tickets may have it; `[]` for all. */
  type_ids: string
  max_length: number | null
  minimum: number | null
  maximum: number | null
  position: number
  archived_at: number | null
  created_at: number
  updated_at: number
  version: number
}

export interface TicketTypeRow {
  id: string
  name: string
  /** The name folded: no two types are called the same. */
  name_key: string
  archived_at: number | null
  created_at: number
  updated_at: number
  version: number
}

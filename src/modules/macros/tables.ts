declare module '../../platform/database/schema.ts' {
  interface Schema {
    macros: MacroRow
  }
}

/** What staff keep to write it again: a text alone, or a message and changes that are made in one go. */
export type MacroKind = 'canned_reply' | 'macro'

export interface MacroRow {
  id: string
  kind: MacroKind
  name: string
  /** The name folded: lists go by it. */
  name_key: string
  shortcut: string | null
  /** The shortcut with its kind and those who share it: unique. */
  shortcut_key: string | null
  visibility: 'private' | 'team' | 'shared'
  team_id: string | null
  owner_id: string
  /** JSON, a `MessageTemplate`; null for a macro that writes nothing. */
  message: string | null
  /** JSON, `Changes`; null where nothing is changed. */
  changes: string | null
  created_at: number
  updated_at: number
  version: number
}

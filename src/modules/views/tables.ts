declare module '../../platform/database/schema.ts' {
  interface Schema {
    views: ViewRow
  }
}

/** A work list that somebody keeps. */
export interface ViewRow {
  id: string
  name: string
  /** JSON, as it was sent; read by the list's own reader whenever the view is used. */
  filters: string
  sort: string | null
  visibility: 'private' | 'team'
  team_id: string | null
  owner_id: string
  position: number
  created_at: number
  updated_at: number
  version: number
}

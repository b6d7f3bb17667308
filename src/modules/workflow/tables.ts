declare module '../../platform/database/schema.ts' {
  interface Schema {
    lifecycles: LifecycleRow
  }
}

export interface LifecycleRow {
  id: string
  name: string
  /** JSON: statuses, transitions, mappings, retired. One text, so that it is read and changed as a whole. */
  definition: string
  /** When a queue was first given it: from then on its statuses only go by way of a replacement. */
  used_at: number | null
  archived_at: number | null
  created_at: number
  updated_at: number
  version: number
}

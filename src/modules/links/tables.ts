import type { LinkKind } from './link.ts'

declare module '../../platform/database/schema.ts' {
  interface Schema {
    ticket_links: LinkRow
  }
}

/** A link as one of its two tickets sees it: the other ticket's row has the same id and the inverse kind. */
export interface LinkRow {
  id: string
  ticket_id: string
  other_id: string
  kind: LinkKind
  created_by_type: 'user' | 'api_key' | 'system'
  created_by_id: string
  created_at: number
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    ticket_merges: MergeRow
    merged_messages: MergedMessageRow
  }
}

type Doer = 'user' | 'api_key' | 'system'

/** One ticket went into another. */
export interface MergeRow {
  id: string
  /** The ticket that went. */
  ticket_id: string
  into_id: string
  /** The last number that the other ticket had given out by then: what was written in it since stands behind that. */
  into_seq: number
  /** JSON: where the ticket stood before, for the undo. */
  ticket_before: string
  /** JSON: the tags and people that the other ticket got by it, for the undo. */
  added: string
  message_count: number
  merged_by_type: Doer
  merged_by_id: string
  created_at: number
  undone_at: number | null
  undone_by_type: Doer | null
  undone_by_id: string | null
  updated_at: number
  version: number
}

/** A message that a merge moved, and its place in the ticket that it came from. Forgotten once the merge cannot be undone. */
interface MergedMessageRow {
  merge_id: string
  message_id: string
  place: number
}

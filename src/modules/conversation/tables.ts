import type { View } from '../messages/index.ts'

declare module '../../platform/database/schema.ts' {
  interface Schema {
    drafts: DraftRow
  }
}

/** What somebody has begun to write in a ticket. One that was discarded stays for a while, empty, so that its versions go on. */
export interface DraftRow {
  author_id: string
  ticket_id: string
  body: string
  visibility: 'public' | 'internal'
  /** JSON: ids in their order. */
  attachment_ids: string
  attachment_count: number
  /** The newest message that its author had read when he wrote it. */
  last_message_id: string | null
  /** Where that message stood: what is behind it is new. */
  base_place: number
  /** On which side its author stood when he last saved it. */
  side: View
  discarded_at: number | null
  created_at: number
  updated_at: number
  version: number
}

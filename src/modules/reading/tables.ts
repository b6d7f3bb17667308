declare module '../../platform/database/schema.ts' {
  interface Schema {
    read_marks: ReadMarkRow
  }
}

/**
 * How far somebody has read in a ticket, and what has reached him, by places of messages (see messages/place.ts); 0 is nothing. Each
 * stands there twice: on the staff side it covers notes, too, and moves only for who sees them; its public twin is what everybody in
 * the ticket may know, and stands at a public message.
 */
export interface ReadMarkRow {
  ticket_id: string
  user_id: string
  read_place: number
  read_at: number | null
  public_read_place: number
  public_read_at: number | null
  delivered_place: number
  delivered_at: number | null
  public_delivered_place: number
  public_delivered_at: number | null
  /** The versions that the ticket had when he read on last: who has one of these may hold an older count of what is unread. */
  version: number
  public_version: number
}

declare module './database/schema.ts' {
  interface Schema {
    events: EventRow
    /** Committed events that have no position yet; on SQLite always empty. */
    event_queue: { event_id: string }
    /** One row: the last position that was given, and the one behind which the log can be followed. */
    log_head: { id: number; position: number; floor: number }
    deliveries: DeliveryRow
    idempotency_keys: IdempotencyRow
    timers: TimerRow
    /** Of which trace an event or a mail is part, as a W3C `traceparent`. */
    traces: { subject_id: string; traceparent: string; created_at: number }
  }
}

export interface EventRow {
  id: string
  position: number | null
  type: string
  subject_type: string
  subject_id: string
  subject_version: number
  subject_public_version: number | null
  ticket_id: string | null
  ticket_seq: number | null
  visibility: 'public' | 'internal'
  actor_type: string
  actor_id: string
  data: string
  previous: string | null
  request_id: string | null
  occurred_at: number
}

export interface DeliveryRow {
  id: string
  event_id: string
  reaction: string
  state: 'due' | 'leased' | 'done' | 'dead'
  /** When it may be claimed; for a leased one, when the lease runs out. */
  due_at: number
  attempts: number
  lease_token: string | null
  order_key: string | null
  order_seq: number | null
  last_error: string | null
  created_at: number
  finished_at: number | null
}

export interface TimerRow {
  id: string
  kind: string
  subject_id: string
  due_at: number
  /** Rises whenever the timer is set again. */
  generation: number
  state: 'due' | 'leased' | 'dead'
  /** When it may be claimed: when it is due, after a failure later; for a leased one, when the lease runs out. */
  claim_at: number
  lease_token: string | null
  attempts: number
  last_error: string | null
  created_at: number
}

export interface IdempotencyRow {
  principal_id: string
  idempotency_key: string
  fingerprint: string
  status: number
  headers: string
  body: string
  /** What must still be visible to the caller when the answer is given again. */
  subject_id: string | null
  subject_view: string | null
  created_at: number
}

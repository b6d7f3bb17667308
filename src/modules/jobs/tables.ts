declare module '../../platform/database/schema.ts' {
  interface Schema {
    jobs: JobRow
  }
}

export interface JobRow {
  id: string
  kind: string
  state: 'running' | 'done' | 'failed'
  params: string
  /** Where the next step begins; null at first. */
  cursor: string | null
  processed: number
  total: number | null
  error: string | null
  started_by_type: 'user' | 'api_key' | 'system'
  started_by_id: string
  created_at: number
  updated_at: number
  finished_at: number | null
  version: number
}

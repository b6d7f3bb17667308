import type { AssignmentMode, AssignmentOrder, Fallback } from './assignment.ts'
import type { UnverifiedMail } from './unverified-mail.ts'

declare module '../../platform/database/schema.ts' {
  interface Schema {
    queues: QueueRow
    queue_teams: { queue_id: string; team_id: string }
    categories: CategoryRow
    category_queues: { category_id: string; queue_id: string }
    settings: SettingsRow
  }
}

export interface QueueRow {
  id: string
  key: string
  name: string
  public: number
  /** Which statuses its tickets have. */
  lifecycle_id: string
  assignment_mode: AssignmentMode
  assignment_order: AssignmentOrder
  claim_ttl_seconds: number | null
  fallback: Fallback
  fallback_queue_id: string | null
  reassign_on_away: number
  skill_relax_seconds: number | null
  /** What becomes of mail whose sender is not who he says, or no participant. */
  unverified_mail: UnverifiedMail
  external_id: string | null
  metadata: string
  archived_at: number | null
  created_at: number
  updated_at: number
  version: number
}

export interface CategoryRow {
  id: string
  name: string
  parent_id: string | null
  external_id: string | null
  metadata: string
  archived_at: number | null
  created_at: number
  updated_at: number
  version: number
}

/** The one row of settings that an admin changes while the desk runs. */
export interface SettingsRow {
  id: number
  registration: 'open' | 'closed'
  default_queue_id: string
  /** What queues get that are made without one. */
  default_lifecycle_id: string
  message_edit_seconds: number
  close_solved_after_days: number
  /** Whether agents may answer by mail. */
  agents_answer_by_mail: number
  /** The language of mail to whom nobody asked, BCP 47. */
  mail_locale: string
  created_at: number
  updated_at: number
  version: number
}

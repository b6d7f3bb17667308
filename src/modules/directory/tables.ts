declare module '../../platform/database/schema.ts' {
  interface Schema {
    users: UserRow
    organizations: OrganizationRow
    teams: TeamRow
    team_members: { team_id: string; user_id: string; created_at: number }
  }
}

export interface UserRow {
  id: string
  role: 'requester' | 'agent' | 'admin'
  name: string
  email: string
  /** The address folded for comparison; unique. */
  email_key: string
  /** When the address was proven: verified, or set by an admin. */
  email_verified_at: number | null
  /** The language that somebody reads, BCP 47; null where nobody said. */
  locale: string | null
  /** IANA name; null where nobody said. */
  time_zone: string | null
  organization_id: string | null
  organization_role: 'member' | 'manager' | null
  active: number
  external_id: string | null
  metadata: string
  created_at: number
  updated_at: number
  version: number
  /** Twins of `version` and `updated_at` that do not move with what the person does not see of himself. */
  public_version: number
  public_updated_at: number
}

export interface OrganizationRow {
  id: string
  name: string
  external_id: string | null
  metadata: string
  created_at: number
  updated_at: number
  version: number
}

export interface TeamRow {
  id: string
  name: string
  created_at: number
  updated_at: number
  version: number
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    credentials: CredentialRow
    registrations: RegistrationRow
    mail_tokens: MailTokenRow
    sessions: SessionRow
    signing_keys: SigningKeyRow
    api_keys: ApiKeyRow
    realtime_tokens: RealtimeTokenRow
  }
}

/** A person's password; people without one sign in by mail only after a reset or an invitation. */
interface CredentialRow {
  user_id: string
  password_hash: string
  updated_at: number
}

/** An unverified sign-up, a row of its own: it is nobody's account until its mail token is spent. */
export interface RegistrationRow {
  id: string
  email: string
  email_key: string
  name: string
  password_hash: string
  created_at: number
  expires_at: number
  used_at: number | null
}

/** What a link in a mail stands for. The token itself derives from the row's id and BECKON_SECRET and is not stored. */
export interface MailTokenRow {
  id: string
  purpose: 'password_reset' | 'email_change' | 'invitation' | 'setup'
  user_id: string | null
  email: string | null
  email_key: string | null
  created_at: number
  expires_at: number
  used_at: number | null
}

/** A signed-in device: a family of refresh tokens, of which `generation` is the newest. */
export interface SessionRow {
  id: string
  user_id: string
  generation: number
  /** When the newest generation was made; the one before it is answered alike for a short grace. */
  rotated_at: number
  created_at: number
  last_used_at: number
  expires_at: number
  ended_at: number | null
  ended_reason: string | null
  client_address: string | null
  user_agent: string | null
}

/** A signing key for access tokens; the private half is wrapped by a key that derives from BECKON_SECRET. */
export interface SigningKeyRow {
  kid: string
  public_jwk: string
  private_wrapped: string
  created_at: number
  /** Signs no more from here on; verifies until the last token that it signed has expired. */
  retired_at: number | null
}

/** A token that opens one stream; its id is a digest of it. The row is gone once it was spent. */
export interface RealtimeTokenRow {
  id: string
  /** The person or the API key that asked for it. */
  principal_id: string
  /** The session that asked for it; null for an API key. */
  session_id: string | null
  created_at: number
  expires_at: number
}

export interface ApiKeyRow {
  id: string
  name: string
  role: 'agent' | 'admin'
  scopes: string
  secret_hash: string
  /** The last four characters, so that people can tell keys apart. */
  hint: string
  created_by: string
  expires_at: number | null
  last_used_at: number | null
  revoked_at: number | null
  created_at: number
  updated_at: number
  version: number
}

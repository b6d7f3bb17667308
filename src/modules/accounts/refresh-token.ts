import { isSameSecret, type Secrets } from '../../platform/secrets.ts'
import type { SessionRow } from './tables.ts'

type Family = Pick<SessionRow, 'id' | 'created_at'>

/** The refresh token of one generation of a session: it derives from BECKON_SECRET and is kept nowhere. */
export function refreshToken(secrets: Secrets, { id, created_at }: Family, generation: number): string {
  return `beckon_rt_${id}.${generation}.${secrets.seal('refresh', id, generation, created_at)}`
}

/** The session and generation that a refresh token names; undefined for a text that is none. */
export function parseRefreshToken(token: string): { session_id: string; generation: number } | undefined {
  const [, session_id, generation] = /^beckon_rt_(ses_[0-9a-z]{26})\.([1-9]\d{0,14})\.[A-Za-z0-9_-]{26}$/.exec(token) ?? []
  return session_id === undefined ? undefined : { session_id, generation: Number(generation) }
}

/** Whether a text is the token of this generation of this session. */
export function isRefreshToken(
  secrets: Secrets,
  { token, session, generation }: { token: string; session: Family; generation: number },
): boolean {
  return isSameSecret(token, refreshToken(secrets, session, generation))
}

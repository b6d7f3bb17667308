import { errors, jwtVerify, SignJWT } from 'jose'
import type { Clock } from '../../platform/clock.ts'
import { InvalidToken } from '../../platform/http/problems.ts'
import { newId } from '../../platform/ids.ts'
import type { Problem } from '../../platform/problems.ts'
import { LruMap } from './lru.ts'
import type { SigningKeys } from './signing-keys.ts'

// The same on every node, whatever its public address; the keys tell installations apart.
const ISSUER = 'beckon'
// RFC 9068
const TYPE = 'at+jwt'
const VERIFIED_KEPT = 5000

/** Access tokens: JWT signed with Ed25519, the session in `sid`. */
export interface AccessTokens {
  sign(session: { id: string; user_id: string }): Promise<{ access_token: string; expires_in: number }>
  /** The session that a token was made for; throws 401 for any other text. Whether the session still lasts is not its business. */
  verify(token: string): Promise<{ session_id: string }>
}

export function createAccessTokens({
  keys,
  clock,
  accessTokenSeconds,
}: {
  keys: SigningKeys
  clock: Clock
  accessTokenSeconds: number
}): AccessTokens {
  const verified = new LruMap<{ session_id: string; expires_at: number }>(VERIFIED_KEPT)
  return {
    async sign({ id, user_id }) {
      const { kid, privateKey } = await keys.current()
      const issuedAt = Math.floor(clock.now() / 1000)
      const access_token = await new SignJWT({ sid: id })
        .setProtectedHeader({ alg: 'EdDSA', kid, typ: TYPE })
        .setIssuer(ISSUER)
        .setAudience(ISSUER)
        .setSubject(user_id)
        .setJti(newId('jti'))
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + accessTokenSeconds)
        .sign(privateKey)
      return { access_token, expires_in: accessTokenSeconds }
    },
    async verify(token) {
      let found = verified.get(token)
      if (!found) {
        found = await verifyAnew(token, { keys, now: clock.now() })
        verified.set(token, found)
      }
      if (found.expires_at <= clock.now()) throw invalidToken()
      return { session_id: found.session_id }
    },
  }
}

async function verifyAnew(
  token: string,
  { keys, now }: { keys: SigningKeys; now: number },
): Promise<{ session_id: string; expires_at: number }> {
  try {
    const { payload } = await jwtVerify(
      token,
      async ({ kid }) => {
        // What its header says is the sender's word.
        const key = typeof kid === 'string' ? await keys.find(kid) : undefined
        if (!key) throw invalidToken()
        return key
      },
      {
        algorithms: ['EdDSA'],
        typ: TYPE,
        issuer: ISSUER,
        audience: ISSUER,
        requiredClaims: ['exp', 'sub', 'sid'],
        currentDate: new Date(now),
      },
    )
    // Signed by us, so its claims have the form that sign() gave them.
    return { session_id: String(payload.sid), expires_at: Number(payload.exp) * 1000 }
  } catch (error) {
    if (error instanceof errors.JOSEError) throw invalidToken()
    throw error
  }
}

/** 401 for a credential that is wrong, expired or revoked (RFC 6750 §3.1). */
export function invalidToken(): Problem {
  return InvalidToken({ headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' } })
}

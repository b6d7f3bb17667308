import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { JWK } from 'jose'
import type { Clock } from '../../platform/clock.ts'
import { fromJson } from '../../platform/codecs.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { isId } from '../../platform/ids.ts'
import { openSealed, sealBytes } from '../../platform/sealed.ts'
import type { Secrets } from '../../platform/secrets.ts'
import { listSigningKeys } from './queries.ts'
import type { SigningKeyRow } from './tables.ts'

/** A node signs with a key for at most so long after another node has retired it. */
const RELOAD_MS = 30_000
// However many tokens with made-up key ids arrive, the table is read five times a second at most.
const SPACING_MS = 200

/** The secret is not the one that the signing keys were made with; the message is for an operator. */
export class WrongSecret extends Error {}

/** The keys of access tokens, as the database has them. */
export interface SigningKeys {
  /** The newest key that is not retired. */
  current(): Promise<{ kid: string; privateKey: KeyObject }>
  /** The public half of a key that still verifies; a `kid` that is not known yet is looked up in the database. */
  find(kid: string): Promise<KeyObject | undefined>
  /** What still verifies, as the JWKS shows it (RFC 7517). */
  published(): Promise<JWK[]>
}

interface Loaded {
  at: number
  newest: SigningKeyRow | undefined
  signing?: { kid: string; privateKey: KeyObject }
  rows: Map<string, SigningKeyRow & { publicKey: KeyObject }>
}

export function createSigningKeys(house: {
  db: Reader
  clock: Clock
  secrets: Secrets
  accessTokenSeconds: number
}): SigningKeys {
  const { db, clock, secrets } = house
  let loaded: Loaded | undefined
  let waiting: Promise<Loaded> | null = null
  let begunAt = Number.NEGATIVE_INFINITY

  /** One look at the table for everybody who asked before it began; who asks later may want a key that is newer. */
  const load = (): Promise<Loaded> => {
    waiting ??= (async () => {
      await wait(Math.max(0, begunAt + SPACING_MS - performance.now()))
      begunAt = performance.now()
      waiting = null
      loaded = await read(db, clock.now())
      return loaded
    })()
    return waiting
  }
  const fresh = async (): Promise<Loaded> => (loaded && clock.now() - loaded.at < RELOAD_MS ? loaded : load())

  const stillVerifies = ({ retired_at }: SigningKeyRow): boolean =>
    retired_at === null || clock.now() < retired_at + RELOAD_MS + house.accessTokenSeconds * 1000

  return {
    async current() {
      const keys = await fresh()
      if (!keys.newest) throw new Error('there is no signing key: accounts.prepare() was not run')
      keys.signing ??= { kid: keys.newest.kid, privateKey: unwrapKey(secrets, keys.newest) }
      return keys.signing
    },
    async find(kid) {
      if (!isId('kid', kid)) return undefined
      const row = (await fresh()).rows.get(kid) ?? (await load()).rows.get(kid)
      return row && stillVerifies(row) ? row.publicKey : undefined
    },
    async published() {
      const { rows } = await fresh()
      return [...rows.values()]
        .filter(stillVerifies)
        .map(({ kid, public_jwk }) => ({ ...fromJson<JWK>(public_jwk), kid, use: 'sig', alg: 'EdDSA' }))
    },
  }
}

async function read(db: Reader, at: number): Promise<Loaded> {
  const rows = await listSigningKeys(db)
  return {
    at,
    newest: rows.find(({ retired_at }) => retired_at === null),
    rows: new Map(
      rows.map((row) => [row.kid, { ...row, publicKey: createPublicKey({ key: fromJson<JWK>(row.public_jwk), format: 'jwk' }) }]),
    ),
  }
}

/** Encrypts a private key under BECKON_SECRET, bound to its `kid`. */
export function wrapKey(secrets: Secrets, { kid, privateKey }: { kid: string; privateKey: KeyObject }): string {
  return sealBytes(secrets.key('signing-keys'), privateKey.export({ type: 'pkcs8', format: 'der' }), kid)
}

function unwrapKey(secrets: Secrets, { kid, private_wrapped }: SigningKeyRow): KeyObject {
  try {
    const key = openSealed(secrets.key('signing-keys'), private_wrapped, kid)
    return createPrivateKey({ key, type: 'pkcs8', format: 'der' })
  } catch (cause) {
    throw new WrongSecret(
      'The signing key cannot be decrypted: BECKON_SECRET is not the one that it was made with. ' +
        'Set the former one again, or make a new key with `beckon key rotate`.',
      { cause },
    )
  }
}

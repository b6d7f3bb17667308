import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Everything secret of an installation, derived from its one BECKON_SECRET: a key of 32 bytes for each purpose. */
export interface Secrets {
  key(purpose: string): Buffer
  /** A keyed digest of parts, 26 characters of 130 bits: for tokens that are derived and not stored. */
  seal(purpose: string, ...parts: (string | number)[]): string
}

export function createSecrets(master: string): Secrets {
  const keys = new Map<string, Buffer>()
  const key = (purpose: string): Buffer => {
    const known = keys.get(purpose)
    if (known) return known
    // RFC 5869
    const made = Buffer.from(hkdfSync('sha256', master, 'beckon', purpose, 32))
    keys.set(purpose, made)
    return made
  }
  return {
    key,
    seal: (purpose, ...parts) =>
      createHmac('sha256', key(purpose)).update(JSON.stringify(parts)).digest('base64url').slice(0, 26),
  }
}

/** Whether two texts are the same, in a time that does not tell where they differ. */
export function isSameSecret(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** The secret of an installation on SQLite: made once, kept in the data directory, readable by its owner alone. */
export function secretInDirectory(directory: string): string {
  const path = join(directory, 'secret')
  if (!existsSync(path)) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    try {
      writeFileSync(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
    } catch (error) {
      // Another process was first.
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
  return readFileSync(path, 'utf8').trim()
}

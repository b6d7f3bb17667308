import { createCipheriv, createDecipheriv, createHmac, hash, hkdfSync } from 'node:crypto'
import { CursorMismatch } from './problems.ts'
import { invalidParameter } from './validate.ts'

/** The place in a list behind which the next page begins: the sort key of the last row, and its id. */
export interface Place {
  key: string | number
  id: string
}

/** Makes and reads cursors: sealed, so that they tell nothing, and bound to the filters and the order of their list. */
export interface Cursors {
  /** `filters` is everything that decides which rows stand in which order; limit and cursor left out. */
  write(filters: unknown, place: Place): string
  /** The place, or undefined at the beginning of a list. */
  read(filters: unknown, cursor: string | undefined): Place | undefined
}

const FORM = /^[A-Za-z0-9_-]{40,1500}$/
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** The same place always gives the same cursor: the nonce is a keyed digest of what it seals (as in RFC 8452). */
export function createCursors(secret: Buffer): Cursors {
  const sealKey = Buffer.from(hkdfSync('sha256', secret, '', 'cursor seal', 32))
  const nonceKey = Buffer.from(hkdfSync('sha256', secret, '', 'cursor nonce', 32))
  const digest = (filters: unknown): string => hash('sha256', JSON.stringify(filters), 'base64url').slice(0, 12)

  return {
    write(filters, { key, id }) {
      const text = JSON.stringify([digest(filters), key, id])
      const nonce = createHmac('sha256', nonceKey).update(text).digest().subarray(0, NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', sealKey, nonce)
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url')
    },
    read(filters, cursor) {
      if (cursor === undefined) return undefined
      const text = FORM.test(cursor) ? unseal(sealKey, Buffer.from(cursor, 'base64url')) : undefined
      if (text === undefined) throw invalidParameter('cursor', 'is not one that Beckon gave')
      // Sealed by us, so it has the shape that write() gave it.
      const [filtersDigest, key, id] = JSON.parse(text) as [string, string | number, string]
      if (filtersDigest !== digest(filters)) throw CursorMismatch()
      return { key, id }
    },
  }
}

function unseal(key: Buffer, sealed: Buffer): string | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES))
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
  try {
    return `${decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)).toString('utf8')}${decipher.final('utf8')}`
  } catch {
    // The only way in which it fails: somebody else made it, or changed it.
    return undefined
  }
}

/** One page out of rows: of which one more than `limit` was asked for, or of which it is known whether there are more. */
export function toPage<R, O>(
  rows: readonly R[],
  {
    limit,
    has_more = rows.length > limit,
    toObject,
    cursorAfter,
  }: { limit: number; has_more?: boolean; toObject: (row: R) => O; cursorAfter: (row: R) => string },
): { object: 'list'; data: O[]; has_more: boolean; next_cursor: string | null } {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    object: 'list',
    data: shown.map(toObject),
    has_more,
    next_cursor: has_more && last !== undefined ? cursorAfter(last) : null,
  }
}

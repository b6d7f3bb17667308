import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { InvalidParameter } from '../problems.ts'
import { CursorMismatch } from './problems.ts'

/** The place in a list behind which the next page begins: the sort key of the last row, and its id. */
export interface Place {
  key: string | number
  id: string
}

/** Makes and reads cursors: signed, and bound to the filters and the order of their list. */
export interface Cursors {
  /** `filters` is everything that decides which rows stand in which order; limit and cursor left out. */
  write(filters: unknown, place: Place): string
  /** The place, or undefined at the beginning of a list. */
  read(filters: unknown, cursor: string | undefined): Place | undefined
}

const FORM = /^([A-Za-z0-9_-]{4,1500})\.([A-Za-z0-9_-]{22})$/

export function createCursors(secret: Buffer): Cursors {
  const sign = (text: string): string => createHmac('sha256', secret).update(text).digest().subarray(0, 16).toString('base64url')
  const digest = (filters: unknown): string =>
    createHash('sha256').update(JSON.stringify(filters)).digest().subarray(0, 9).toString('base64url')

  return {
    write(filters, { key, id }) {
      const text = Buffer.from(JSON.stringify([digest(filters), key, id])).toString('base64url')
      return `${text}.${sign(text)}`
    },
    read(filters, cursor) {
      if (cursor === undefined) return undefined
      const [, text = '', signature = ''] = FORM.exec(cursor) ?? []
      if (!text || !timingSafeEqual(Buffer.from(sign(text)), Buffer.from(signature))) {
        const detail = 'This is not a cursor that Beckon gave.'
        throw InvalidParameter({ detail, errors: [{ parameter: 'cursor', code: 'invalid', detail }] })
      }
      // Signed by us, so it has the shape that write() gave it.
      const [filtersDigest, key, id] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [string, string | number, string]
      if (filtersDigest !== digest(filters)) throw CursorMismatch()
      return { key, id }
    },
  }
}

/** One page out of rows of which one more than `limit` was asked for. */
export function toPage<R, O>(
  rows: readonly R[],
  { limit, toObject, cursorAfter }: { limit: number; toObject: (row: R) => O; cursorAfter: (row: R) => string },
): { object: 'list'; data: O[]; has_more: boolean; next_cursor: string | null } {
  const has_more = rows.length > limit
  const shown = has_more ? rows.slice(0, limit) : rows
  const last = shown.at(-1)
  return {
    object: 'list',
    data: shown.map(toObject),
    has_more,
    next_cursor: has_more && last !== undefined ? cursorAfter(last) : null,
  }
}

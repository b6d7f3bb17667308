import type { Reader } from '../../platform/database/schema.ts'
import { servedAs } from './content-type.ts'
import type { Links } from './links.ts'
import { isReadable } from './policy.ts'
import type { Side } from './queries.ts'

/** An attachment that a message shows as a picture, and who reads that message. */
interface Shown {
  attachment_id: string
  message_id: string
  side: Side
}

/** Makes links to the pictures that messages show: to those that are attachments of that very message, pictures, and readable. */
export function imageLinks({ links, urlOf, isScanned }: { links: Links; urlOf(token: string): string; isScanned: boolean }) {
  return async (db: Reader, shown: readonly Shown[]): Promise<(one: Shown) => string | undefined> => {
    const ids = [...new Set(shown.map(({ attachment_id }) => attachment_id))]
    if (ids.length === 0) return () => undefined
    const rows = await db.selectFrom('attachments').selectAll().where('id', 'in', ids).execute()
    const byId = new Map(rows.map((row) => [row.id, row]))
    return ({ attachment_id, message_id, side }) => {
      const row = byId.get(attachment_id)
      if (row?.message_id !== message_id || !servedAs(row).isInline || !isReadable(row, isScanned)) return undefined
      return urlOf(links.sign(row.id, side).token)
    }
  }
}

import { pipeline } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Reader } from '../../platform/database/schema.ts'
import type { FileStore } from '../../platform/files/file-store.ts'
import { verified } from '../../platform/files/verified.ts'
import { isReadable } from './policy.ts'
import { findFile } from './queries.ts'
import type { AttachmentRow } from './tables.ts'

/** What goes along with a mail, together: many mail servers take no more than twice that, and in a mail it is a third longer. */
const CARRIED_BYTES = 10_485_760

/** A file with its content, for whoever has no other way to it. */
export interface Carried {
  name: string
  content_type: string
  content: Buffer
}

/** The contents of attachments that may be given out, in their order, as long as they are not too much together. */
export async function carry(
  db: Reader,
  attachments: readonly AttachmentRow[],
  { files, isScanned }: { files: FileStore; isScanned: boolean },
): Promise<Carried[]> {
  const carried: Carried[] = []
  let bytes = 0
  for (const row of attachments) {
    if (!isReadable(row, isScanned) || bytes + row.size > CARRIED_BYTES) continue
    const file = await findFile(db, row.sha256)
    if (!file) continue
    const checked = verified(row)
    pipeline(await files.read(file.storage_key), checked, () => {})
    carried.push({ name: row.name, content_type: row.content_type, content: await buffer(checked) })
    bytes += row.size
  }
  return carried
}

import { pipeline, type Readable } from 'node:stream'
import type { Reader } from '../../platform/database/schema.ts'
import type { ByteRange, FileStore } from '../../platform/files/file-store.ts'
import { FileDamaged, ofLength, verified } from '../../platform/files/verified.ts'
import type { Content } from '../../platform/http/answer.ts'
import type { Logger } from '../../platform/log.ts'
import { NotFound } from '../../platform/problems.ts'
import { servedAs } from './content-type.ts'
import { contentDisposition } from './disposition.ts'
import { requireReadable } from './policy.ts'
import { findFile } from './queries.ts'
import type { AttachmentRow } from './tables.ts'

/** The content of an attachment, and the headers under which a browser neither runs it nor takes it for something else. */
export interface Served {
  content: Content
  etag: string
  headers: Record<string, string>
}

/** What is given out of an attachment that somebody may see. A content that is read as a whole is checked against its SHA-256 on the way. */
export async function serve(
  db: Reader,
  row: AttachmentRow,
  { files, log, isScanned }: { files: FileStore; log: Logger; isScanned: boolean },
): Promise<Served> {
  requireReadable(row, isScanned)
  const file = await findFile(db, row.sha256)
  if (!file) throw NotFound()
  const { type, isInline } = servedAs(row)
  const open = async (range?: ByteRange): Promise<Readable> => {
    const checked = range ? ofLength(range.end - range.start + 1) : verified(row)
    pipeline(await files.read(file.storage_key, range), checked, (err) => {
      if (err instanceof FileDamaged)
        log.error({ err, attachment_id: row.id, storage_key: file.storage_key }, 'a kept file is damaged')
    })
    return checked
  }
  return {
    content: {
      type,
      size: row.size,
      open: (range) => open(range && range.end - range.start + 1 < row.size ? range : undefined),
    },
    etag: row.sha256,
    headers: {
      'Content-Disposition': contentDisposition(row.name, isInline),
      'Content-Security-Policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
      // Asked for again each time, so that a right that is taken away ends at once; 304 makes that cheap.
      'Cache-Control': 'private, no-cache',
    },
  }
}

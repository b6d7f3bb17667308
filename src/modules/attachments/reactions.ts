import type { Reaction } from '../../platform/events.ts'
import type { FileStore } from '../../platform/files/file-store.ts'
import { verified } from '../../platform/files/verified.ts'
import type { Ground } from '../../platform/module.ts'
import type { Scan } from './clamd.ts'
import { recordScan } from './commands/record-scan.ts'
import { attachmentUploaded } from './events.ts'
import { findAttachment, findFile } from './queries.ts'

/** What attachments do with the news of themselves: a new one is scanned, where there is a scanner. */
export function attachmentReactions(
  { database, transact }: Pick<Ground, 'database' | 'transact'>,
  { files, scan }: { files: FileStore; scan: Scan | undefined },
): Reaction[] {
  if (!scan) return []
  return [
    {
      name: 'attachments.scan',
      on: [attachmentUploaded],
      handle: async ({ event }) => {
        const { id } = event.subject
        const row = await findAttachment(database.reader, id)
        if (row?.scan_state !== 'pending') return
        const file = await findFile(database.reader, row.sha256)
        if (!file) return
        const content = await files.read(file.storage_key)
        const checked = verified(row)
        content.once('error', (error) => checked.destroy(error))
        const verdict = await scan(content.pipe(checked)).finally(() => content.destroy())
        await transact((tx) => recordScan(tx, id, verdict))
      },
    },
  ]
}

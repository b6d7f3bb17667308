import type { Reader } from '../../platform/database/schema.ts'
import type { FileStore } from '../../platform/files/file-store.ts'
import { verified } from '../../platform/files/verified.ts'
import type { Ground } from '../../platform/module.ts'
import type { Scan } from './clamd.ts'
import { recordScan } from './commands/record-scan.ts'
import { findAttachment, findFile } from './queries.ts'
import type { ScanState } from './tables.ts'

export interface Scanning extends Pick<Ground, 'database' | 'transact'> {
  files: FileStore
  scan: Scan
}

const WAITING: readonly ScanState[] = ['pending', 'unscanned']
const BATCH = 200

/** Lets the scanner look at an attachment that still waits for it, and writes down what it says. Throws while it is away. */
export async function scanAttachment({ database, transact, files, scan }: Scanning, id: string): Promise<void> {
  const row = await findAttachment(database.reader, id)
  if (!row || !WAITING.includes(row.scan_state)) return
  const file = await findFile(database.reader, row.sha256)
  if (!file) return
  const content = await files.read(file.storage_key)
  const checked = verified(row)
  content.once('error', (error) => checked.destroy(error))
  const verdict = await scan(content.pipe(checked)).finally(() => content.destroy())
  await transact((tx) => recordScan(tx, id, verdict))
}

/**
 * Has everything scanned that still waits: what came before there was a scanner, and what it was away for too long for. Answers none:
 * nothing is taken away. Throws when the scanner is away; what cannot be read is passed over.
 */
export async function scanWaiting(scanning: Scanning): Promise<number> {
  for (const state of WAITING)
    for (let after = ''; ; ) {
      const ids = await waitingIds(scanning.database.reader, state, after)
      for (const id of ids) await scanAttachment(scanning, id)
      if (ids.length < BATCH) break
      after = ids.at(-1) ?? after
    }
  return 0
}

async function waitingIds(db: Reader, state: ScanState, after: string): Promise<string[]> {
  const rows = await db
    .selectFrom('attachments')
    .select('id')
    .where('scan_state', '=', state)
    .where('id', '>', after)
    .orderBy('id')
    .limit(BATCH)
    .execute()
  return rows.map(({ id }) => id)
}

// Sweeps a house that nobody runs any more, an hour later, and looks whether rows and files belong together.
import { createHash } from 'node:crypto'
import { sweeps } from '../../src/modules/attachments/sweep.ts'
import '../../src/modules/attachments/tables.ts'
import '../../src/platform/tables.ts'
import type { Database } from '../../src/platform/database/database.ts'
import type { FileStore } from '../../src/platform/files/file-store.ts'
import { createTransactor } from '../../src/platform/transaction.ts'
import type { Sent } from './uploaders.ts'

export interface FilesFound {
  attachments: number
  contents: number
  /** Files that no row named, before the sweep. */
  strays: number
  lost: number
  'rows without a file': number
  'files without a row': number
  damaged: number
  [name: string]: number
}

const LATER_MS = 2 * 3_600_000

/** Sweeps, and counts what does not belong together. */
export async function auditFiles(database: Database, files: FileStore, sent: readonly Sent[]): Promise<FilesFound> {
  const before = await keysIn(files)
  const clock = { now: () => Date.now() + LATER_MS }
  const transact = createTransactor({ database, clock, reactions: [], onCommit: () => {} })()
  const strays = before.size - (await database.reader.selectFrom('files').select('sha256').execute()).length
  for (const chore of sweeps({ database, clock, transact, files, isKept: async () => new Set() })) await chore()

  const rows = await database.reader.selectFrom('files').selectAll().execute()
  const attachments = await database.reader.selectFrom('attachments').selectAll().execute()
  const keys = await keysIn(files)
  const contents = new Set(rows.map(({ sha256 }) => sha256))
  const known = new Map(attachments.map((row) => [row.id, row]))
  let damaged = 0
  for (const { sha256, storage_key, size } of rows)
    if (keys.has(storage_key)) damaged += (await isWhole(files, { sha256, storage_key, size })) ? 0 : 1
  const acknowledged = sent.filter(({ state }) => state === 'acknowledged')
  return {
    attachments: attachments.length,
    contents: rows.length,
    strays,
    lost: acknowledged.filter(({ id, sha256 }) => known.get(id)?.sha256 !== sha256 || !contents.has(sha256)).length,
    'rows without a file':
      rows.filter(({ storage_key }) => !keys.has(storage_key)).length +
      attachments.filter(({ sha256 }) => !contents.has(sha256)).length,
    'files without a row': keys.size - rows.filter(({ storage_key }) => keys.has(storage_key)).length,
    damaged,
  }
}

/** Whether nothing is wrong. */
export function isSound(found: FilesFound): boolean {
  return found.lost + found['rows without a file'] + found['files without a row'] + found.damaged === 0
}

async function keysIn(files: FileStore): Promise<Set<string>> {
  return new Set((await Array.fromAsync(files.list())).map(({ key }) => key))
}

async function isWhole(
  files: FileStore,
  { sha256, storage_key, size }: { sha256: string; storage_key: string; size: number },
): Promise<boolean> {
  const hash = createHash('sha256')
  let length = 0
  for await (const chunk of await files.read(storage_key)) {
    hash.update(chunk as Buffer)
    length += (chunk as Buffer).length
  }
  return length === size && hash.digest('hex') === sha256
}

import type { Reader } from '../../platform/database/schema.ts'
import type { FileStore, StoredFile } from '../../platform/files/file-store.ts'
import type { Chore } from '../../platform/housekeeping.ts'
import type { Ground } from '../../platform/module.ts'
import { expireUploads } from './commands/expire-uploads.ts'
import { forgetFile } from './commands/forget-file.ts'

/** How long an upload waits for a message to name it. */
const UNNAMED_MS = 86_400_000
/** How old a file is at the least before it is taken for one that nobody will name. */
export const STRAY_MS = 3_600_000
const BATCH = 200

/** Which of some uploads something else than a message still needs, such as a draft. */
export type IsKept = (db: Reader, ids: readonly string[]) => Promise<ReadonlySet<string>>

interface Swept extends Pick<Ground, 'database' | 'clock' | 'transact'> {
  files: FileStore
  isKept: IsKept
}

/**
 * What keeps rows and files together, in this order: uploads that nobody named, contents that no attachment shares, files that no
 * row names, and what broke off on its way in. Any of it may be cut off anywhere, and run on several nodes at once.
 */
export function sweeps(swept: Swept): Chore[] {
  return [
    () => expire(swept),
    () => forget(swept),
    () => removeStrays(swept),
    () => swept.files.spool.prune(swept.clock.now() - STRAY_MS),
  ]
}

async function expire({ database, clock, transact, isKept }: Swept): Promise<number> {
  const before = clock.now() - UNNAMED_MS
  let removed = 0
  for (let after = { created_at: 0, id: '' }; ; ) {
    const { created_at, id } = after
    const old = await database.reader
      .selectFrom('attachments')
      .select(['id', 'created_at'])
      .where('message_id', 'is', null)
      .where('kept_by', 'is', null)
      .where('created_at', '<', before)
      .where('created_at', '>=', created_at)
      .where((eb) => eb.or([eb('created_at', '>', created_at), eb('id', '>', id)]))
      .orderBy('created_at')
      .orderBy('id')
      .limit(BATCH)
      .execute()
    const ids = old.map(({ id }) => id)
    removed += await transact((tx) => expireUploads(tx, { ids, isKept }))
    if (ids.length < BATCH) return removed
    after = old.at(-1) ?? after
  }
}

async function forget({ database, transact, files }: Swept): Promise<number> {
  let removed = 0
  for (let after = ''; ; ) {
    const page = await database.reader
      .selectFrom('files')
      .leftJoin('attachments', 'attachments.sha256', 'files.sha256')
      .select('files.sha256')
      .where('files.sha256', '>', after)
      .where('attachments.id', 'is', null)
      .orderBy('files.sha256')
      .limit(BATCH)
      .execute()
    for (const { sha256 } of page) {
      const key = await transact((tx) => forgetFile(tx, sha256))
      if (key === null) continue
      // Once the row is gone for good: a file without a row is found below, a row without a file by nobody.
      await files.remove(key)
      removed++
    }
    if (page.length < BATCH) return removed
    after = page.at(-1)?.sha256 ?? after
  }
}

async function removeStrays({ database, clock, files }: Swept): Promise<number> {
  const before = clock.now() - STRAY_MS
  let removed = 0
  let batch: StoredFile[] = []
  const look = async (): Promise<void> => {
    const known = await namedKeys(database.reader, batch)
    for (const { key } of batch) {
      if (known.has(key)) continue
      await files.remove(key)
      removed++
    }
    batch = []
  }
  for await (const file of files.list()) {
    if (file.modified_at >= before) continue
    batch.push(file)
    if (batch.length === BATCH) await look()
  }
  await look()
  return removed
}

async function namedKeys(db: Reader, batch: readonly StoredFile[]): Promise<Set<string>> {
  if (batch.length === 0) return new Set()
  const digests = [...new Set(batch.map(({ key }) => digestIn(key)))]
  const rows = await db.selectFrom('files').select('storage_key').where('sha256', 'in', digests).execute()
  return new Set(rows.map(({ storage_key }) => storage_key))
}

/** The key under which an upload is put: its digest, and what makes it another one than that of the same content by somebody else. */
export function storageKey(sha256: string, own: string): string {
  return `${sha256}-${own}`
}

function digestIn(key: string): string {
  return key.split('-', 1)[0] ?? ''
}

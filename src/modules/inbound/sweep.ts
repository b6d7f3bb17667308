import type { Reader } from '../../platform/database/schema.ts'
import type { FileStore, StoredFile } from '../../platform/files/file-store.ts'
import type { Chore } from '../../platform/housekeeping.ts'
import type { Ground } from '../../platform/module.ts'
import { forgetRaw } from './commands/forget-raw.ts'
import { isKept } from './raw.ts'
import { isOver } from './state.ts'

/** How old a file is at the least before it is taken for one that no row names. */
export const STRAY_MS = 3_600_000
const DAY_MS = 86_400_000
const BATCH = 200

interface Swept extends Pick<Ground, 'database' | 'clock' | 'transact'> {
  files: FileStore
  /** 0: for ever. */
  keptDays: number
}

/** Takes away mails that were kept for long enough, those that no row names, and what broke off on its way in. */
export function mailSweeps(swept: Swept): Chore[] {
  return [
    ...(swept.keptDays === 0 ? [] : [createForgetting(swept)]),
    () => removeStrays(swept),
    () => swept.files.spool.prune(swept.clock.now() - STRAY_MS),
  ]
}

/** Forgets the bytes of old mails. How far it came is remembered, so that the hourly look at a long table is short. */
function createForgetting({ database, clock, transact, files, keptDays }: Swept): Chore {
  let done = { created_at: 0, id: '' }
  return async () => {
    const before = clock.now() - keptDays * DAY_MS
    let removed = 0
    // Behind one that is still worked on nothing counts as done.
    let isWhole = true
    for (let after = done; ; ) {
      const page = await database.reader
        .selectFrom('inbound_mails')
        .select(['id', 'created_at', 'state', 'storage_key'])
        .where('created_at', '>=', after.created_at)
        .where('created_at', '<', before)
        .where((eb) => eb.or([eb('created_at', '>', after.created_at), eb('id', '>', after.id)]))
        .orderBy('created_at')
        .orderBy('id')
        .limit(BATCH)
        .execute()
      for (const row of page) {
        if (!isOver(row.state)) isWhole = false
        else if (isKept(row)) {
          // The file first: a row that names none is found again, a file that no row names only by looking at all of them.
          await files.remove(row.storage_key)
          await transact((tx) => forgetRaw(tx, row.id))
          removed++
        }
        after = row
        if (isWhole) done = { created_at: row.created_at, id: row.id }
      }
      if (page.length < BATCH) return removed
    }
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
  const digests = [...new Set(batch.map(({ key }) => key.split('-', 1)[0] ?? ''))]
  const rows = await db.selectFrom('inbound_mails').select('storage_key').where('sha256', 'in', digests).execute()
  return new Set(rows.map(({ storage_key }) => storage_key))
}

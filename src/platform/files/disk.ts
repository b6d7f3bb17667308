import { once } from 'node:events'
import { constants, createReadStream } from 'node:fs'
import { access, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type FileStore, isFileKey, requireFileKey, type StoredFile } from './file-store.ts'
import { storageProblem } from './problems.ts'
import { createSpool, isAbsent, namesIn } from './spool.ts'

const READ_BYTES = 256 * 1024

/**
 * Files in a folder of this machine, for their owner alone, 256 folders wide. Nodes that serve one database must share the
 * folder.
 */
export function openDiskStore(folder: string): FileStore {
  const pathOf = (key: string): string => join(folder, requireFileKey(key).slice(0, 2), key)
  const spoolFolder = join(folder, 'incoming')
  return {
    spool: createSpool(spoolFolder),
    async put(key, { path }) {
      const target = pathOf(key)
      try {
        await syncFile(path)
        await renameInto(path, target)
        await syncFile(dirname(target))
      } catch (error) {
        await rm(target, { force: true }).catch(() => {})
        throw storageProblem(error)
      }
    },
    async read(key, range) {
      const path = pathOf(key)
      try {
        const stream = createReadStream(path, { highWaterMark: READ_BYTES, ...range })
        await once(stream, 'open')
        return stream
      } catch (error) {
        throw storageProblem(error)
      }
    },
    async remove(key) {
      const path = pathOf(key)
      try {
        await rm(path, { force: true })
      } catch (error) {
        throw storageProblem(error)
      }
    },
    async *list() {
      for (const name of await namesIn(folder)) if (/^[0-9a-z]{2}$/.test(name)) yield* filesIn(join(folder, name))
    },
    async check() {
      try {
        await mkdir(spoolFolder, { recursive: true, mode: 0o700 })
        await access(spoolFolder, constants.R_OK | constants.W_OK | constants.X_OK)
      } catch (error) {
        throw storageProblem(error)
      }
    },
    close: () => {},
  }
}

async function renameInto(path: string, target: string): Promise<void> {
  try {
    await rename(path, target)
  } catch (error) {
    if (!isAbsent(error)) throw error
    const made = await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    if (made !== undefined) await syncFile(dirname(made))
    await rename(path, target)
  }
}

/** A file's content, or a folder's names, as the disk has them. */
async function syncFile(path: string): Promise<void> {
  const handle = await open(path)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function* filesIn(folder: string): AsyncIterable<StoredFile> {
  for (const key of await namesIn(folder)) {
    if (!isFileKey(key)) continue
    const found = await stat(join(folder, key)).catch(() => undefined)
    if (found?.isFile()) yield { key, modified_at: found.mtimeMs }
  }
}

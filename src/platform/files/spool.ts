import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { newId } from '../ids.ts'
import type { Problem } from '../problems.ts'
import { storageProblem } from './problems.ts'

/** A file that has arrived as a whole, and is kept nowhere yet. */
export interface Received {
  path: string
  size: number
  /** 64 hexadecimal digits. */
  sha256: string
  /** Its first bytes, at most `HEAD_BYTES`. */
  head: Buffer
}

/** The folder through which files come in. What a killed process leaves there is removed by `prune`. */
export interface Spool {
  /** Writes a stream down as it comes, in flat memory. Nothing is left of it when it breaks off, or is longer than `limitBytes`. */
  receive(content: Readable, options: { limitBytes: number; tooLong: () => Problem }): Promise<Received>
  /** Removes what was received, unless it was brought into the store. */
  discard(received: Received): Promise<void>
  /** Removes what has not grown since a moment; answers how many. */
  prune(before: number): Promise<number>
}

const HEAD_BYTES = 4096

/** Opens a spool in a folder, which is made when it is needed, for its owner alone. */
export function createSpool(folder: string): Spool {
  return {
    async receive(content, options) {
      const path = join(folder, newId('spl'))
      let handle: FileHandle | undefined
      try {
        handle = await openNew(folder, path)
        const received = await writeDown(content, handle, options)
        await handle.close()
        return { path, ...received }
      } catch (error) {
        await handle?.close().catch(() => {})
        await rm(path, { force: true }).catch(() => {})
        throw error
      }
    },
    discard: ({ path }) => rm(path, { force: true }),
    async prune(before) {
      let removed = 0
      for (const name of await namesIn(folder)) {
        const path = join(folder, name)
        const found = await stat(path).catch(() => undefined)
        if (!found?.isFile() || found.mtimeMs >= before) continue
        await rm(path, { force: true })
        removed++
      }
      return removed
    },
  }
}

async function openNew(folder: string, path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600)
  } catch (error) {
    if (!isAbsent(error)) throw storageProblem(error)
  }
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return await open(path, 'wx', 0o600)
  } catch (error) {
    throw storageProblem(error)
  }
}

async function writeDown(
  content: Readable,
  handle: FileHandle,
  { limitBytes, tooLong }: { limitBytes: number; tooLong: () => Problem },
): Promise<Omit<Received, 'path'>> {
  const hash = createHash('sha256')
  const heads: Buffer[] = []
  const writer = createWriter(handle)
  let size = 0
  for await (const chunk of content as AsyncIterable<Buffer>) {
    if (size < HEAD_BYTES) heads.push(chunk.subarray(0, HEAD_BYTES - size))
    size += chunk.length
    if (size > limitBytes) throw tooLong()
    hash.update(chunk)
    await writer.write(chunk)
  }
  await writer.finish()
  // Copied: a slice would hold on to the whole chunk.
  return { size, sha256: hash.digest('hex'), head: Buffer.concat(heads) }
}

// One trip to the disk for so much, while the next is on its way in.
const BATCH_BYTES = 524_288

/** Writes chunks in large batches, one behind the other. */
function createWriter(handle: FileHandle) {
  let batch: Buffer[] = []
  let bytes = 0
  let writing: Promise<void> = Promise.resolve()
  const flush = async (): Promise<void> => {
    await writing
    writing = writeAll(handle, batch, bytes)
    // Told of when it is waited for.
    writing.catch(() => {})
    batch = []
    bytes = 0
  }
  return {
    async write(chunk: Buffer): Promise<void> {
      batch.push(chunk)
      bytes += chunk.length
      if (bytes >= BATCH_BYTES) await flush()
    },
    async finish(): Promise<void> {
      await flush()
      await writing
    },
  }
}

async function writeAll(handle: FileHandle, batch: readonly Buffer[], bytes: number): Promise<void> {
  if (bytes === 0) return
  try {
    const { bytesWritten } = await handle.writev([...batch])
    if (bytesWritten === bytes) return
    // A disk that is nearly full takes a part.
    const rest = Buffer.concat(batch).subarray(bytesWritten)
    for (let at = 0; at < rest.length; ) at += (await handle.write(rest, at, rest.length - at)).bytesWritten
  } catch (error) {
    throw storageProblem(error)
  }
}

/** The names in a folder; none where there is no folder yet. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isAbsent(error)) return []
    throw storageProblem(error)
  }
}

export function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

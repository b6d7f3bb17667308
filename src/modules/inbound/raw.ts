import { pipeline as pipe, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FileStore } from '../../platform/files/file-store.ts'
import { FileDamaged, verified } from '../../platform/files/verified.ts'
import type { InboundMailRow } from './tables.ts'

type Kept = Pick<InboundMailRow, 'storage_key' | 'size' | 'sha256'>

/** Whether the bytes of a mail are still kept. */
export function isKept({ storage_key }: Pick<InboundMailRow, 'storage_key'>): boolean {
  return storage_key !== ''
}

/** The whole mail as it came, in memory of its own that may be handed to a thread. Throws where it is not what was put. */
export async function readRaw(files: FileStore, { storage_key, size, sha256 }: Kept): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size)
  let at = 0
  const checked = verified({ sha256, size })
  await pipeline(await files.read(storage_key), checked, async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) {
      bytes.set(chunk, at)
      at += chunk.length
    }
  })
  return bytes
}

/** The mail as it came, checked while it is read. */
export async function openRaw(
  files: FileStore,
  { storage_key, size, sha256 }: Kept,
  onDamaged: (error: FileDamaged) => void,
): Promise<Readable> {
  const checked = verified({ sha256, size })
  pipe(await files.read(storage_key), checked, (error) => {
    if (error instanceof FileDamaged) onDamaged(error)
  })
  return checked
}

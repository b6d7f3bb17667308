import { Readable } from 'node:stream'
import type { Actor } from '../../platform/actor.ts'
import type { FileStore } from '../../platform/files/file-store.ts'
import { newId } from '../../platform/ids.ts'
import { Problem } from '../../platform/problems.ts'
import type { Tx } from '../../platform/transaction.ts'
import { createAttachment, type Uploaded } from './commands/create-attachment.ts'
import { cleanFileName } from './file-name.ts'
import { AttachmentTooLarge, AttachmentTypeNotAllowed } from './problems.ts'
import { storageKey } from './sweep.ts'
import type { AttachmentRow } from './tables.ts'
import { takeIn, type UploadLimits } from './upload.ts'

/** A file that came with something else than an upload. */
export interface Enclosed {
  name: string
  content: Uint8Array
}

/** What became of a file: it lies in the store and waits to be written down, or it was refused. */
export type Brought = { uploaded: Uploaded; name: string } | { refused: 'too_large' | 'type_not_allowed'; name: string }

/** Takes in files that came with something else, by the same limits and with the same scanner as uploads. */
export interface Bringing {
  /**
   * Puts files into the store; answers what became of each, in their order. Outside of a transaction: it may take long. What nobody
   * writes down within the hour is swept away.
   */
  bring(files: readonly Enclosed[]): Promise<Brought[]>
}

export function createBringing({
  files,
  limits,
  isScanned,
}: {
  files: FileStore
  limits: UploadLimits
  isScanned: boolean
}): Bringing {
  const bringOne = async ({ name, content }: Enclosed): Promise<Brought> => {
    try {
      const arrived = await takeIn({ name, content: Readable.from([content]) }, { files, limits })
      const { received, content_type } = arrived
      const storage_key = storageKey(received.sha256, newId('fil').slice(4))
      try {
        await files.put(storage_key, received)
      } finally {
        await files.spool.discard(received)
      }
      const { sha256, size } = received
      const scan_state = isScanned ? ('pending' as const) : ('unscanned' as const)
      return { uploaded: { sha256, size, storage_key, name: arrived.name, content_type, scan_state }, name: arrived.name }
    } catch (error) {
      const refused = refusalOf(error)
      if (!refused) throw error
      return { refused, name: cleanFileName(name) }
    }
  }
  return {
    async bring(enclosed) {
      const brought: Brought[] = []
      for (const one of enclosed) brought.push(await bringOne(one))
      return brought
    },
  }
}

function refusalOf(error: unknown): 'too_large' | 'type_not_allowed' | undefined {
  if (!(error instanceof Problem)) return undefined
  if (error.definition === AttachmentTooLarge) return 'too_large'
  return error.definition === AttachmentTypeNotAllowed ? 'type_not_allowed' : undefined
}

/** Writes down what was brought as somebody's own upload, so that his message can name it. */
export async function writeDownBrought(tx: Tx, actor: Actor, uploaded: Uploaded): Promise<AttachmentRow> {
  // Where the same content is kept already, the key is not needed, and the sweep takes it.
  return (await createAttachment(tx, actor, uploaded)).row
}

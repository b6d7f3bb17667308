import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { setImmediate } from 'node:timers/promises'
import type { FileStore } from '../../platform/files/file-store.ts'
import { newId } from '../../platform/ids.ts'
import type { Ground } from '../../platform/module.ts'
import { Problem } from '../../platform/problems.ts'
import { countCopy, keepArrived } from './commands/keep-arrived.ts'
import { createFingerprinting, type Fingerprinting } from './fingerprint.ts'
import { MailTooLarge } from './problems.ts'
import type { Receive } from './receive.ts'

const PIECE_BYTES = 65_536

/** The one way in, for every door: bytes first, then the row; where the row cannot be written nothing is left that anybody sees. */
export function createReceive(
  { database, transact }: Pick<Ground, 'database' | 'transact'>,
  { files, limitBytes, onReceived }: { files: FileStore; limitBytes: number; onReceived: () => void },
): Receive {
  const tooLong = () => MailTooLarge({ detail: `A mail may have ${limitBytes} bytes at most.` })
  return async ({ content, ...arrived }) => {
    const known = await findKnown(arrived.source_ref)
    if (known) {
      await passOver(content)
      await transact((tx) => countCopy(tx, known, { step: 'copied', source: arrived.source }))
      return { id: known.id, copy: true }
    }
    const fingerprinting = createFingerprinting()
    const received = await files.spool.receive(watched(content, fingerprinting), { limitBytes, tooLong })
    const fingerprint = fingerprinting.finish()
    const { size, sha256 } = received
    const storage_key = storageKey(sha256)
    try {
      await files.put(storage_key, received)
    } finally {
      await files.spool.discard(received)
    }
    try {
      const kept = await transact((tx) => keepArrived(tx, { ...arrived, storage_key, size, sha256, fingerprint }))
      if (kept.copy) await files.remove(storage_key).catch(leftToTheSweep)
      else onReceived()
      return kept
    } catch (error) {
      // Refused, so not written. After any other failure the commit may have happened all the same.
      if (error instanceof Problem && error.statusCode < 500) await files.remove(storage_key).catch(leftToTheSweep)
      throw error
    }
  }

  async function findKnown(source_ref: string | null): Promise<{ id: string } | undefined> {
    if (source_ref === null) return undefined
    return database.reader.selectFrom('inbound_mails').select('id').where('source_ref', '=', source_ref).executeTakeFirst()
  }
}

/** The key under which a mail is put: its digest, and what makes it another one than that of the same bytes that came before. */
function storageKey(sha256: string): string {
  return `${sha256}-${newId('raw').slice(4)}`
}

function leftToTheSweep(): void {}

function watched(content: Readable, fingerprinting: Fingerprinting): Readable {
  return Readable.from(
    (async function* () {
      for await (const chunk of content as AsyncIterable<Buffer | string>) {
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
        for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
          // What comes in one piece of megabytes must not hold up everybody else.
          if (at > 0) await setImmediate()
          const piece = bytes.subarray(at, at + PIECE_BYTES)
          fingerprinting.update(piece)
          yield piece
        }
      }
    })(),
    { objectMode: false },
  )
}

/** Who hands a mail over may wait until it has been read. */
async function passOver(content: Readable): Promise<void> {
  content.resume()
  await finished(content).catch(() => {})
}

import type { Readable } from 'node:stream'
import type { FileStore } from '../../platform/files/file-store.ts'
import type { Received } from '../../platform/files/spool.ts'
import { newId } from '../../platform/ids.ts'
import { Problem } from '../../platform/problems.ts'
import { contentTypeOf, isOneOf } from './content-type.ts'
import { cleanFileName } from './file-name.ts'
import { AttachmentTooLarge, AttachmentTypeNotAllowed, TooManyUploads } from './problems.ts'
import { storageKey } from './sweep.ts'

/** What a desk takes. */
export interface UploadLimits {
  limitBytes: number
  /** Types and `image/*`; none means all. */
  allowedTypes: readonly string[]
  deniedTypes: readonly string[]
  /** How many one caller may send at a time. */
  perCaller: number
}

/** A file that came as a whole, and what it is. */
interface Arrived {
  received: Received
  name: string
  content_type: string
}

// A form has some lines around its file.
const AROUND_BYTES = 65_536

function tooLong({ limitBytes }: UploadLimits): Problem {
  return AttachmentTooLarge({ detail: `A file may have ${limitBytes} bytes at most.` })
}

/** Throws where a request is so long that its file must be too large. */
export function requireFits(length: number | undefined, limits: UploadLimits): void {
  if (length !== undefined && length > limits.limitBytes + AROUND_BYTES) throw tooLong(limits)
}

/** Takes in a file under a desk's limits. Nothing is left of one that is refused. */
export async function takeIn(
  { name: given, content }: { name: string | undefined; content: Readable },
  { files, limits }: { files: FileStore; limits: UploadLimits },
): Promise<Arrived> {
  const { limitBytes, allowedTypes, deniedTypes } = limits
  const received = await files.spool.receive(content, { limitBytes, tooLong: () => tooLong(limits) })
  const name = cleanFileName(given)
  const content_type = contentTypeOf(received.head, name)
  const isAllowed = (allowedTypes.length === 0 || isOneOf(content_type, allowedTypes)) && !isOneOf(content_type, deniedTypes)
  if (isAllowed) return { received, name, content_type }
  await files.spool.discard(received)
  throw AttachmentTypeNotAllowed({ detail: `The file is ${content_type}.` })
}

/**
 * Puts what arrived into the store under a key of its own, and lets `record` write that down: it answers whether the key is needed.
 * Where it is not, the file goes again; where nobody knows, the sweep will see.
 */
export async function keep<T>(
  { received }: Arrived,
  files: FileStore,
  record: (storage_key: string) => Promise<{ value: T; isNeeded: boolean }>,
): Promise<T> {
  const key = storageKey(received.sha256, newId('fil').slice(4))
  try {
    await files.put(key, received)
  } finally {
    await files.spool.discard(received)
  }
  try {
    const { value, isNeeded } = await record(key)
    // Nobody waits for it: the time would tell that somebody has the same content.
    if (!isNeeded) files.remove(key).catch(leftToTheSweep)
    return value
  } catch (error) {
    // Refused, so not written. After any other failure the commit may have happened all the same.
    if (error instanceof Problem && error.statusCode < 500) await files.remove(key).catch(leftToTheSweep)
    throw error
  }
}

function leftToTheSweep(): void {}

/** Lets each caller do so many things at a time in this process, and refuses more. */
export function createGate(most: number): <T>(caller: string, work: () => Promise<T>) => Promise<T> {
  const running = new Map<string, number>()
  return async (caller, work) => {
    const count = running.get(caller) ?? 0
    if (count >= most) throw TooManyUploads({ detail: `The limit is ${most} at a time.`, headers: { 'Retry-After': '1' } })
    running.set(caller, count + 1)
    try {
      return await work()
    } finally {
      const left = (running.get(caller) ?? 1) - 1
      if (left === 0) running.delete(caller)
      else running.set(caller, left)
    }
  }
}

/** Lets so many things be done at a time; the others wait in line, in their order. */
export function createLine(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0
  const waiting: (() => void)[] = []
  return async (work) => {
    if (running >= most) await new Promise<void>((go) => waiting.push(go))
    else running++
    try {
      return await work()
    } finally {
      // Whoever is next takes the place over.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}

import type { Readable } from 'node:stream'
import type { Received, Spool } from './spool.ts'

/** The bytes from `start` to `end`, both of them included. */
export interface ByteRange {
  start: number
  end: number
}

/** A file as it is found in the store. */
export interface StoredFile {
  key: string
  /** When it was put there, epoch milliseconds. */
  modified_at: number
}

/**
 * Where files are kept, each under a key that its owner makes and never uses again: `isFileKey` says what one looks like.
 * Failures are problems: 507 `storage_full`, 503 `storage_unavailable`.
 */
export interface FileStore {
  /** Where files are while they arrive. */
  readonly spool: Spool
  /** Brings in what was received; it survives a loss of power once this resolves. Nothing is under the key when it rejects. */
  put(key: string, received: Received): Promise<void>
  /** The bytes of a file, or a part of them. */
  read(key: string, range?: ByteRange): Promise<Readable>
  /** Takes a file away; one that is not there is fine. */
  remove(key: string): Promise<void>
  /** Every file, in no order. Those that come or go meanwhile may or may not be in it. */
  list(): AsyncIterable<StoredFile>
  /** Throws where the store cannot be used as it is set up, or is away. */
  check(): Promise<void>
  close(): void
}

const KEY = /^[0-9a-z]{2}[0-9a-z._-]{4,198}$/

/** Whether a text can be a key: short, plain, and the name of no folder. */
export function isFileKey(text: string): boolean {
  return KEY.test(text) && !text.includes('..')
}

/** The key, unless it is none: a bug, never somebody's input. */
export function requireFileKey(key: string): string {
  if (!isFileKey(key)) throw new Error(`${key} is no key of a file`)
  return key
}

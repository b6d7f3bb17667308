import { write, writeSync } from 'node:fs'
import type { DestinationStream } from 'pino'

const TOGETHER_BYTES = 4096
const AT_THE_LATEST_MS = 500
/** What cannot be written for now is kept up to this size; then lines are dropped. */
const KEPT_BYTES = 8 * 1024 * 1024
const LAST_TRIES = 100

/**
 * Where lines are written together, because a write for each costs more than the line: at the latest after half a second, and at the
 * exit. A disk without room costs lines and nothing else: pino's own destination ends the process, or waits for ever at its exit.
 */
export function openLogOutput(fd: number): DestinationStream & { flushSync(): void } {
  let kept: string[] = []
  let keptBytes = 0
  let rest = Buffer.alloc(0)
  let isWriting = false
  let inHand = 0

  const takeAll = (): Buffer => {
    if (kept.length > 0) rest = Buffer.concat([rest, Buffer.from(kept.join(''))])
    kept = []
    return rest
  }
  const advance = (written: number): void => {
    rest = rest.subarray(written)
    keptBytes = rest.length + kept.reduce((total, line) => total + line.length, 0)
  }
  const flush = (): void => {
    if (isWriting || takeAll().length === 0) return
    isWriting = true
    inHand = rest.length
    write(fd, rest, (error, written) => {
      isWriting = false
      // What did not go is tried again with the next lines.
      if (!error) advance(written)
      // Nobody reads any more.
      else if (error.code === 'EPIPE') advance(rest.length)
      if (!error && keptBytes >= TOGETHER_BYTES) flush()
    })
  }
  const flushSync = (): void => {
    // What a write has in hand arrives by it.
    let left = takeAll().subarray(isWriting ? inHand : 0)
    for (let tries = 0; left.length > 0 && tries < LAST_TRIES; tries++) {
      try {
        left = left.subarray(writeSync(fd, left))
      } catch (error) {
        // There is nowhere to say anything else; but a pipe that is full is read in a moment.
        if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) break
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
      }
    }
    rest = rest.subarray(0, isWriting ? inHand : 0)
    keptBytes = rest.length
  }
  setInterval(flush, AT_THE_LATEST_MS).unref()
  process.on('exit', flushSync)
  return {
    write: (line) => {
      if (keptBytes + line.length > KEPT_BYTES) return
      kept.push(line)
      keptBytes += line.length
      if (keptBytes >= TOGETHER_BYTES) flush()
    },
    flushSync,
  }
}

import { createHash } from 'node:crypto'
import { Transform } from 'node:stream'

/** What is kept is not what was put there. */
export class FileDamaged extends Error {
  constructor(expected: string, found: string) {
    super(`a kept file has the SHA-256 ${found} where ${expected} was put`)
    this.name = 'FileDamaged'
  }
}

// Room for two reads, so that reading, taking the digest and sending go on side by side.
const BUFFER_BYTES = 524_288

/**
 * Passes a whole file on while its SHA-256 is taken. The last bytes are held back until it is known to be right; where it is not,
 * the stream breaks off, and whoever reads it gets less than he was promised.
 */
export function verified(sha256: string): Transform {
  const hash = createHash('sha256')
  let held: Buffer | undefined
  return new Transform({
    highWaterMark: BUFFER_BYTES,
    transform(chunk: Buffer, _, done) {
      hash.update(chunk)
      const before = held
      held = chunk
      done(null, before)
    },
    flush(done) {
      const found = hash.digest('hex')
      if (found !== sha256) done(new FileDamaged(sha256, found))
      else done(null, held)
    },
  })
}

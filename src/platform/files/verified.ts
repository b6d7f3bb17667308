import { createHash } from 'node:crypto'
import { Transform } from 'node:stream'

/** What is kept is not what was put there. */
export class FileDamaged extends Error {
  override name = 'FileDamaged'
}

// Room for two reads, so that reading, taking the digest and sending go on side by side.
const BUFFER_BYTES = 524_288

/**
 * Passes a whole file on while its SHA-256 is taken. The last bytes are held back until it is known to be right; where it is not,
 * the stream breaks off, and whoever reads it gets less than he was promised.
 */
export function verified({ sha256, size }: { sha256: string; size: number }): Transform {
  const hash = createHash('sha256')
  const count = counter(size)
  let held: Buffer | undefined
  return new Transform({
    highWaterMark: BUFFER_BYTES,
    transform(chunk: Buffer, _, done) {
      if (count(chunk) < 0) return done(new FileDamaged(`a kept file is longer than the ${size} bytes that were put`))
      hash.update(chunk)
      const before = held
      held = chunk
      done(null, before)
    },
    flush(done) {
      const found = hash.digest('hex')
      if (found !== sha256) done(new FileDamaged(`a kept file has the SHA-256 ${found} where ${sha256} was put`))
      else done(null, held)
    },
  })
}

/**
 * Passes a part of a file on as long as it is, neither more nor less: an answer says its length before its bytes, and what is more or
 * less than that would be read as a part of the next answer.
 */
export function ofLength(length: number): Transform {
  const count = counter(length)
  const wrong = () => new FileDamaged(`a part of a kept file does not have the ${length} bytes that it should`)
  return new Transform({
    highWaterMark: BUFFER_BYTES,
    transform: (chunk: Buffer, _, done) => (count(chunk) < 0 ? done(wrong()) : done(null, chunk)),
    flush: (done) => done(count() === 0 ? null : wrong()),
  })
}

/** Says how many bytes are still to come, after these. */
function counter(length: number): (chunk?: Buffer) => number {
  let left = length
  return (chunk) => {
    left -= chunk?.length ?? 0
    return left
  }
}

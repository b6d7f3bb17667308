import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { TooBusy } from './problems.ts'

// OWASP's first choice for argon2id.
const MEMORY_KIB = 19_456
const PASSES = 2
const LANES = 1
// Each hashing holds a thread of libuv's four: one is left for everything else.
const AT_ONCE = 3
const WAITING = 100

const derive = promisify<'argon2id', Argon2Parameters, Buffer>(argon2)

/** Hashes passwords with argon2id, few at a time; beyond what may wait it throws 503. */
export interface Hasher {
  /** A hash with its parameters in one text, the PHC string format. */
  hash(password: string): Promise<string>
  /** Whether a password is that of a hash. Without a hash it is false, and takes as long. */
  verify(password: string, hash: string | undefined): Promise<boolean>
}

export function createHasher(): Hasher {
  const gate = createGate(AT_ONCE, WAITING)
  // What nobody's password is compared with, so that an unknown address takes as long as a known one.
  const nobody = toPhc({ memory: MEMORY_KIB, passes: PASSES, lanes: LANES, salt: randomBytes(16), tag: randomBytes(32) })
  return {
    hash: (password) =>
      gate(async () => {
        const salted = { memory: MEMORY_KIB, passes: PASSES, lanes: LANES, salt: randomBytes(16) }
        return toPhc({ ...salted, tag: await deriveTag(password, { ...salted, tagLength: 32 }) })
      }),
    verify: (password, hash) =>
      gate(async () => {
        const known = fromPhc(hash ?? nobody)
        const tag = await deriveTag(password, { ...known, tagLength: known.tag.length })
        return timingSafeEqual(tag, known.tag) && hash !== undefined
      }),
  }
}

interface Salted {
  memory: number
  passes: number
  lanes: number
  salt: Buffer
}

function deriveTag(
  password: string,
  { memory, passes, lanes, salt, tagLength }: Salted & { tagLength: number },
): Promise<Buffer> {
  // One and the same text may be typed as different code points (NIST SP 800-63B §3.1.1.2).
  const message = Buffer.from(password.normalize('NFKC'))
  return derive('argon2id', { message, nonce: salt, parallelism: lanes, tagLength, memory, passes })
}

function toPhc({ memory, passes, lanes, salt, tag }: Salted & { tag: Buffer }): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${lanes}$${unpadded(salt)}$${unpadded(tag)}`
}

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

function fromPhc(text: string): Salted & { tag: Buffer } {
  const [, memory, passes, lanes, salt, tag] = PHC.exec(text) ?? []
  if (!salt || !tag) throw new Error('a stored password hash has a form that this version does not know')
  return {
    memory: Number(memory),
    passes: Number(passes),
    lanes: Number(lanes),
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  }
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}

/** Lets `limit` run at once and `waiting` wait. */
function createGate(limit: number, waiting: number): <T>(work: () => Promise<T>) => Promise<T> {
  const queue: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running < limit) running++
    else {
      if (queue.length >= waiting) throw TooBusy({ headers: { 'Retry-After': '2' } })
      const { promise, resolve } = Promise.withResolvers<void>()
      queue.push(resolve)
      await promise
    }
    try {
      return await work()
    } finally {
      // The place is handed over, or given up.
      const next = queue.shift()
      if (next) next()
      else running--
    }
  }
}

import type { Failure } from '../../platform/threads.ts'
import { createThreads } from '../../platform/threads.ts'
import type { Refusal } from './parse-mail.ts'
import type { ParsedMail } from './parsed-mail.ts'

/** A mail could not be read within the limits. */
export class ParsingFailed extends Error {
  override name = 'ParsingFailed'
  readonly failure: Failure
  constructor(failure: Failure, cause?: unknown) {
    super(`a mail could not be read: ${failure}`, { cause })
    this.failure = failure
  }
}

/** A mail is more than anybody reads: to try again makes no difference. */
export class MailRefused extends Error {
  override name = 'MailRefused'
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(`a mail is not read: ${refusal}`)
    this.refusal = refusal
  }
}

/** Reads mails, each in a thread that has nothing else to do. */
export interface Parser {
  /** The mail that these bytes are; they are gone afterwards. Throws `ParsingFailed`, `MailRefused`. */
  parse(raw: Uint8Array<ArrayBuffer>): Promise<ParsedMail>
  close(): Promise<void>
}

const THREAD = new URL('./parsing-thread.ts', import.meta.url)
// By the clock: the worst mail within the limits takes a tenth of it on a free core, and cores are not always free.
const TASK_MS = 30_000

/** A parser whose threads start when there is something to read, and end when there was nothing for a while. */
export function createParser(): Parser {
  const reasons = new WeakMap<Uint8Array, ParsingFailed>()
  const threads = createThreads<Uint8Array<ArrayBuffer>, ParsedMail | { refused: Refusal }>({
    entry: THREAD,
    size: 2,
    taskMs: TASK_MS,
    waitMs: 120_000,
    queueMax: 64,
    memoryMb: 512,
    transfer: (raw) => [raw.buffer],
    onFailure: (failure, error, raw) => void reasons.set(raw, new ParsingFailed(failure, error)),
  })
  return {
    async parse(raw) {
      const parsed = await threads.run(raw)
      if (!parsed) throw reasons.get(raw) ?? new ParsingFailed('crashed')
      if ('refused' in parsed) throw new MailRefused(parsed.refused)
      return parsed
    },
    close: () => threads.close(),
  }
}

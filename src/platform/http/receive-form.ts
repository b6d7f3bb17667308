import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Busboy } from '@fastify/busboy'
import { Problem } from '../problems.ts'
import { MalformedForm } from './problems.ts'

/** A form of another's making, as it came. */
export interface ReceivedForm<T> {
  /** Its short fields; of several with one name, the first. */
  fields: ReadonlyMap<string, string>
  /** What was made of the long one; undefined where it is not there. */
  taken: T | undefined
}

const FIELDS_MAX = 100
const FIELD_BYTES = 65_536

/** Reads a form (RFC 7578) of few short fields and a long one, `part`, which `take` reads as it comes. */
export async function receiveForm<T>(
  content: Readable,
  { content_type, part, take }: { content_type: string; part: string; take: (content: Readable) => Promise<T> },
): Promise<ReceivedForm<T>> {
  const fields = new Map<string, string>()
  let taking: Promise<T> | undefined
  try {
    const parser = new Busboy({
      headers: { 'content-type': content_type },
      limits: {
        fields: FIELDS_MAX,
        files: 1,
        parts: FIELDS_MAX + 1,
        fieldSize: FIELD_BYTES,
        headerPairs: 50,
        headerSize: 16_384,
      },
      isPartAFile: (name) => name === part,
    })
    parser.on('field', (name, value) => {
      if (!fields.has(name)) fields.set(name, value)
    })
    parser.on('file', (_, stream) => {
      // What nobody listens to would end the process.
      stream.on('error', () => {})
      const begun = take(stream)
      begun.catch((error) => parser.destroy(error))
      taking = begun
    })
    await pipeline(content, parser)
    return { fields, taken: await taking }
  } catch (error) {
    // Why it could not be taken counts, and not that the form was given up for it.
    const failed: unknown = await taking?.then(
      () => undefined,
      (reason) => reason,
    )
    if (failed instanceof Problem) throw failed
    throw error instanceof Problem ? error : Object.assign(MalformedForm(), { cause: failed ?? error })
  }
}

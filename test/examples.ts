import { writeFileSync } from 'node:fs'
import { examplesFile } from '../src/api-description.ts'
import type { Examples } from '../src/platform/http/openapi.ts'
import type { Json } from './desk.ts'
import { createNormaliser } from './normalise.ts'
import type { Exchange, Watch } from './replies.ts'

/** Keeps of each operation the first request that succeeded and each of its answers, and of each problem the first answer. */
export interface Recorder {
  watch: Watch
  recorded(): Examples
}

/** A list in an example needs no more than this. */
const SHOWN = 2

export function createRecorder(): Recorder {
  const normalise = createNormaliser()
  const examples: Examples = { operations: {}, problems: {} }

  const keepAnswer = (operationId: string, { reply, body }: Exchange): void => {
    const example = examples.operations[operationId] ?? { responses: {} }
    examples.operations[operationId] = example
    if (body !== undefined) example.request ??= normalise(body)
    if (reply.text !== '' && reply.body !== null) example.responses[reply.status] ??= normalise(shortened(reply.body))
  }
  return {
    watch(exchange) {
      const { reply, operation } = exchange
      if (operation && reply.status < 300) keepAnswer(operation.operationId, exchange)
      if (reply.status >= 400) examples.problems[reply.body.code] ??= normalise(reply.body)
    },
    recorded: () => ({ operations: sorted(examples.operations), problems: sorted(examples.problems) }),
  }
}

function shortened(body: Json): Json {
  return Array.isArray(body?.data) ? { ...body, data: body.data.slice(0, SHOWN) } : body
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Writes what was recorded, when the run was started to record. */
export function keepExamples(examples: Examples): void {
  if (process.env.RECORD_EXAMPLES !== '1') return
  writeFileSync(examplesFile, `${JSON.stringify(examples, null, 2)}\n`)
}

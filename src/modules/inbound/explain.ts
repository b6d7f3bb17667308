import { fromJson, toJson } from '../../platform/codecs.ts'

/** One thing that was found out about a mail, or done with it: small facts, never a text that somebody wrote. */
export interface Step {
  step:
    | 'received'
    | 'copied'
    | 'parsed'
    | 'classified'
    | 'threaded'
    | 'authenticated'
    | 'authorised'
    | 'decided'
    | 'applied'
    | 'failed'
    | 'quarantined'
    | 'replayed'
  at?: string
  [fact: string]: unknown
}

const STEPS_MAX = 64
const BYTES_MAX = 16_384
const FACT_MAX = 500

/** An explanation with one more step. What would make it too long is left out, the middle first: how it began and how it ended stay. */
export function withStep(explain: string, step: Step): string {
  const steps = [...stepsOf(explain), shortened(step)]
  while (steps.length > 2 && (steps.length > STEPS_MAX || Buffer.byteLength(toJson(steps)) > BYTES_MAX))
    steps.splice(Math.ceil(steps.length / 2) - 1, 1)
  return toJson(steps)
}

/** The steps of an explanation, the first one first. */
export function stepsOf(explain: string): Step[] {
  return fromJson<Step[]>(explain)
}

function shortened(step: Step): Step {
  const text = JSON.stringify(step, (_, value: unknown) =>
    typeof value === 'string' ? value.slice(0, FACT_MAX).toWellFormed() : value,
  )
  return text.length <= BYTES_MAX / 3 ? fromJson<Step>(text) : { step: step.step, ...(step.at ? { at: step.at } : {}), cut: true }
}

import { Type } from 'typebox'
import { defineEvent } from '../../platform/events.ts'
import { nullable, strict } from '../../platform/http/schemas.ts'

/** Somebody did something that takes more than a moment, and Beckon goes on with it. */
export const jobStarted = defineEvent('job.started', strict({ kind: Type.String(), total: nullable(Type.Integer()) }))

/** A job came to its end: `state` is `done`, or `failed` when Beckon gave it up. */
export const jobFinished = defineEvent(
  'job.finished',
  strict({ kind: Type.String(), state: Type.String(), processed: Type.Integer() }),
)

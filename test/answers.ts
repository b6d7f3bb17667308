import assert from 'node:assert/strict'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { fromTime } from '../src/platform/codecs.ts'
import type { Answer } from '../src/platform/http/answer.ts'
import type { Route } from '../src/platform/http/route.ts'

const ajv = new Ajv2020({ strict: false, allErrors: true })
ajv.addFormat('date-time', (text: string) => fromTime(text) !== undefined)
ajv.addFormat('email', true)
ajv.addFormat('uri', true)
const validators = new Map<string, ValidateFunction>()

/** Fails when an answer is not exactly what its operation publishes: no key missing, none too many, none of another shape. */
export function checkAnswer(route: Route, answer: Answer): void {
  const schema = route.answers[answer.status]
  assert.notEqual(schema, undefined, `${route.operationId} answers ${answer.status}, which it does not publish`)
  if (!schema) return
  const key = `${route.operationId} ${answer.status}`
  let validate = validators.get(key)
  if (!validate) {
    validate = ajv.compile(closed(schema) as object)
    validators.set(key, validate)
  }
  // What JSON cannot say, such as undefined, is absent on the wire.
  if (!validate(JSON.parse(JSON.stringify(answer.body))))
    assert.fail(`${key}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(answer.body)}`)
}

/** The schema with every object closed to unknown keys. */
export function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]))
  return 'properties' in copy && !('additionalProperties' in copy) ? { ...copy, additionalProperties: false } : copy
}

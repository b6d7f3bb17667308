import { JsonError, parseJson } from '../../platform/http/json.ts'
import { bodyValidator } from '../../platform/http/validate.ts'
import { nearest } from '../../platform/nearest.ts'
import { type Problem, ValidationFailed } from '../../platform/problems.ts'
import { type ClientFrame, clientFrames } from './frames.ts'
import { UnknownFrame, UnreadableFrame } from './problems.ts'

const checks = new Map(Object.entries(clientFrames).map(([type, schema]) => [type, bodyValidator(schema)]))

/** A frame as its client named it, as far as that can be told: for the answer that refuses it. */
export interface Names {
  ref?: string
  client_id?: string
}

/**
 * Reads a frame as strictly as the body of a request: throws `UnreadableFrame` for what is no JSON that everybody understands
 * alike, and 422 for what is no frame of ours. `onNames` hears what it is called before it is refused.
 */
export function readFrame(text: string, onNames: (names: Names) => void): ClientFrame {
  const value = parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw UnknownFrame({ detail: 'Send an object.' })
  const { type, ref, client_id } = value as Record<string, unknown>
  onNames({ ...nameOf('ref', ref, 100), ...nameOf('client_id', client_id, 200) })
  const check = typeof type === 'string' ? checks.get(type) : undefined
  if (!check) {
    const meant = typeof type === 'string' ? nearest(type, [...checks.keys()]) : undefined
    const detail = `There is no such frame.${meant ? ` Did you mean ${meant}?` : ''}`
    throw UnknownFrame({ detail, errors: [{ pointer: '/type', code: 'not_allowed', detail }] })
  }
  check(value)
  // It has been checked by the shape of its type.
  return value as ClientFrame
}

function parse(text: string): unknown {
  try {
    return parseJson(text)
  } catch (error) {
    throw error instanceof JsonError ? problemOf(error) : error
  }
}

function problemOf({ code, detail, pointer }: JsonError): Problem {
  const errors = [{ ...(pointer === undefined ? {} : { pointer }), code, detail }]
  // As in a body: text and numbers that no column can hold are wrong values in what can be read.
  return code === 'bad_text' || code === 'bad_number' ? ValidationFailed({ detail, errors }) : UnreadableFrame({ detail, errors })
}

function nameOf<K extends string>(key: K, value: unknown, longest: number): Partial<Record<K, string>> {
  const isName = typeof value === 'string' && value !== '' && value.length <= longest
  return isName ? ({ [key]: value } as Record<K, string>) : {} // a computed key widens
}

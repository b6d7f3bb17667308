import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import type { TObject, TSchema } from 'typebox'
import { fromTime } from '../codecs.ts'
import { nearest } from '../nearest.ts'
import { type FieldError, InvalidParameter, type Problem, ValidationFailed } from '../problems.ts'
import { isCleanText } from '../text.ts'
import { UnknownParameter } from './problems.ts'

/** The sender's text is taken as it is: nothing is coerced in a body, nothing is dropped, nothing is filled in. */
function createAjv({ allErrors }: { allErrors: boolean }): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    allErrors,
    useDefaults: false,
    coerceTypes: false,
    allowUnionTypes: true,
    validateFormats: true,
  })
  // A text that is too long is refused for that alone: some patterns take quadratic time to fail.
  ajv.removeKeyword('pattern')
  ajv.addKeyword({
    keyword: 'pattern',
    type: 'string',
    schemaType: 'string',
    error: { message: ({ schema }) => patternDetail(String(schema)) },
    compile: (pattern: string, { maxLength }) => {
      const expression = new RegExp(pattern, 'u')
      // Two units for each character at most.
      const longest = typeof maxLength === 'number' ? 2 * maxLength : Number.POSITIVE_INFINITY
      return (text: string) => text.length > longest || expression.test(text)
    },
  })
  ajv.addVocabulary(['x-name', 'x-staff-only', 'x-family', 'example'])
  ajv.addFormat('date-time', (text: string) => fromTime(text) !== undefined)
  ajv.addFormat('email', isEmailAddress)
  return ajv
}

const first = createAjv({ allErrors: false })
const all = createAjv({ allErrors: true })

/** One address, as mailboxes are really written: no quoting, no comments, at most 254 octets (RFC 5321 §4.5.3.1). */
export function isEmailAddress(text: string): boolean {
  const at = text.lastIndexOf('@')
  if (at < 1 || at > 64 || Buffer.byteLength(text) > 254) return false
  return LOCAL_PART.test(text.slice(0, at)) && DOMAIN.test(text.slice(at + 1))
}
const LOCAL_PART = /^[^\s\p{C}"(),:;<>@[\\\]]+$/u
const DOMAIN = /^(?=.{1,253}$)([\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)*[\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u

/** What somebody is told whose text is of another form: most patterns of ours say one of two things. */
function patternDetail(pattern: string): string {
  if (pattern === '\\S') return 'must not be blank'
  const [, kind] = /^\^([a-z]+)_\[0-9a-hjkmnp-tv-z\]\{26\}\$$/.exec(pattern) ?? []
  return kind ? `must be an id, ${kind}_ and 26 characters` : `must match pattern "${pattern}"`
}

/**
 * Checks a body; throws 422 with every mistake and where it stands. Of a body of very many values the first alone: to note one for each
 * takes several times as long as reading it.
 */
export function bodyValidator(schema: TSchema): (body: unknown) => void {
  return (body) => {
    const validate = compiled(isCrowded(body) ? first : all, schema)
    if (!validate(body)) throw bodyProblem(validate)
  }
}

/** Compiled when first needed, and kept by Ajv: to compile them all takes longer than everything else that a start does. */
function compiled(ajv: Ajv2020, schema: TSchema): ValidateFunction {
  return ajv.compile(schema)
}

const MANY = 2000

/** Whether a body has so many values that nobody would read a mistake of each. */
function isCrowded(body: unknown): boolean {
  let left = MANY
  const overflows = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null) return false
    const members: unknown[] = Array.isArray(value) ? value : Object.values(value)
    left -= members.length
    return left < 0 || members.some(overflows)
  }
  return overflows(body)
}

function bodyProblem({ errors, schema }: ValidateFunction): Problem {
  const seen = new Set<string>()
  const found: FieldError[] = []
  for (const error of errors ?? []) {
    if (found.length >= 20) break
    const { pointer, code, detail } = fieldError(error, schema)
    if (seen.has(pointer)) continue
    seen.add(pointer)
    // A pointer is for people to find the place; a megabyte of it would only echo the body.
    found.push({ ...(pointer.length <= 1000 ? { pointer } : {}), code, detail })
  }
  return ValidationFailed({
    detail: found.map(({ pointer, detail }) => `${pointer || 'The body'} ${detail}`).join('; '),
    errors: found,
  })
}

function fieldError(error: ErrorObject, schema: unknown): { pointer: string; code: string; detail: string } {
  const { instancePath: pointer, params, keyword } = error
  switch (keyword) {
    case 'additionalProperties': {
      const key = String(params.additionalProperty)
      const known = pointer === '' ? Object.keys((schema as { properties?: object }).properties ?? {}) : []
      const meant = nearest(key, known)
      return {
        pointer: `${pointer}/${escapePointer(key)}`,
        code: 'unknown_field',
        detail: `is not known here${meant ? `: did you mean ${meant}?` : ''}`,
      }
    }
    case 'required':
      return { pointer: `${pointer}/${escapePointer(String(params.missingProperty))}`, code: 'required', detail: 'is required' }
    case 'maxLength':
      return { pointer, code: 'too_long', detail: `must have at most ${params.limit} characters` }
    case 'minLength':
      return { pointer, code: 'too_short', detail: `must have at least ${params.limit} characters` }
    case 'maxItems':
    case 'maxProperties':
      return { pointer, code: 'too_many', detail: `must have at most ${params.limit} entries` }
    case 'minItems':
    case 'minProperties':
      return {
        pointer,
        code: 'too_few',
        detail: `must have at least ${params.limit} ${params.limit === 1 ? 'entry' : 'entries'}`,
      }
    case 'uniqueItems':
      return { pointer, code: 'duplicate', detail: 'must not have the same entry twice' }
    case 'enum':
      return { pointer, code: 'not_allowed', detail: `must be one of ${someOf(params.allowedValues as unknown[])}` }
    case 'const':
      // One of several forms: the others are not known here.
      if (error.schemaPath.includes('/anyOf/'))
        return { pointer, code: 'invalid', detail: 'is of none of the forms that it may have' }
      return { pointer, code: 'not_allowed', detail: `can only be ${JSON.stringify(params.allowedValue)}` }
    case 'type':
      return { pointer, code: 'wrong_type', detail: `must be ${[params.type].flat().join(' or ')}` }
    default:
      return { pointer, code: 'invalid', detail: error.message ?? 'is wrong' }
  }
}

/** Some of many values, for a sentence: the OpenAPI has them all. */
function someOf(values: readonly unknown[]): string {
  return values.length <= SAID ? values.join(', ') : `${values.slice(0, SAID).join(', ')} and ${values.length - SAID} more`
}
const SAID = 20

function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** Reads a query or path by its schema: text becomes the declared type, or the whole is refused with 400. */
export function parameterReader(
  schema: TObject,
  known: 'any name' | 'declared names',
): (given: Record<string, unknown>) => Record<string, unknown> {
  const properties = schema.properties as Record<string, { type?: unknown; default?: unknown; items?: { type?: unknown } }>
  const names = Object.keys(properties)
  const families = familiesOf(schema)
  return (given) => {
    const read: Record<string, unknown> = {}
    for (const [name, text] of Object.entries(given)) {
      const property = Object.hasOwn(properties, name)
        ? properties[name]
        : families.find(({ pattern }) => pattern.test(name))?.property
      if (!property) {
        if (known === 'any name') continue
        throw unknownParameter(name, names)
      }
      if (typeof text !== 'string') throw invalidParameter(name, 'is given twice')
      if (!isCleanText(text)) throw invalidParameter(name, 'is not clean text')
      read[name] = readText(text, property)
    }
    const validate = compiled(all, schema)
    if (!validate(read)) {
      const [error] = validate.errors ?? []
      const name = error?.instancePath.split('/')[1] ?? String(error?.params.missingProperty ?? '')
      throw invalidParameter(name, error ? fieldError(error, schema).detail : 'is wrong')
    }
    for (const name of names)
      if (!(name in read) && properties[name]?.default !== undefined) read[name] = properties[name]?.default
    return read
  }
}

/** The parameters that a schema knows by the form of their names. */
function familiesOf({ patternProperties = {} }: TObject & { patternProperties?: Record<string, { type?: unknown }> }) {
  return Object.entries(patternProperties).map(([pattern, property]) => ({ pattern: new RegExp(pattern, 'u'), property }))
}

/** 400 for a parameter that there is not, with the nearest of those that there are. */
export function unknownParameter(parameter: string, known: readonly string[]): Problem {
  const name = parameter.slice(0, 100)
  const meant = nearest(parameter, known)
  const detail = `There is no parameter ${name}.${meant ? ` Did you mean ${meant}?` : ''}`
  return UnknownParameter({ detail, errors: [{ parameter: name, code: 'unknown', detail }] })
}

function readText(text: string, { type, items }: { type?: unknown; items?: { type?: unknown } }): unknown {
  if (type === 'array') return text.split(',').map((part) => readText(part, items ?? {}))
  // What does not look like its type stays text, and the schema refuses it.
  if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text)
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

/** 400 for one parameter of path, query or header. */
export function invalidParameter(parameter: string, detail: string): Problem {
  const sentence = `${parameter} ${detail}.`
  return InvalidParameter({ detail: sentence, errors: [{ parameter, code: 'invalid', detail: sentence }] })
}

/** One thing that is wrong in a request: a JSON pointer (RFC 6901) into the body, or the name of a parameter. */
export interface FieldError {
  pointer?: string
  parameter?: string
  code: string
  detail: string
}

/** What a problem may carry beside its code: members of the answer (RFC 9457 §3.2) and headers. */
interface ProblemExtras {
  detail?: string
  errors?: FieldError[]
  headers?: Record<string, string>
  members?: Record<string, unknown>
}

/** An expected failure, thrown by rules and answered as `application/problem+json`. Anything else that is thrown is a bug. */
export class Problem extends Error {
  readonly definition: ProblemDefinition
  readonly extras: ProblemExtras
  constructor(definition: ProblemDefinition, extras: ProblemExtras = {}) {
    super(extras.detail ?? definition.title)
    this.name = 'Problem'
    this.definition = definition
    this.extras = extras
  }
  get code(): string {
    return this.definition.code
  }
  get statusCode(): number {
    return this.definition.status
  }
}

export interface ProblemDefinition {
  code: string
  status: number
  title: string
  (extras?: ProblemExtras): Problem
}

const defined = new Map<string, ProblemDefinition>()

/** Declares an expected failure: its stable code, its HTTP status, and a sentence for the caller that says what to do. */
export function defineProblem(code: string, status: number, title: string): ProblemDefinition {
  if (defined.has(code)) throw new Error(`problem ${code} is defined twice`)
  const create = (extras?: ProblemExtras): Problem => new Problem(definition, extras)
  const definition: ProblemDefinition = Object.assign(create, { code, status, title })
  defined.set(code, definition)
  return definition
}

/** Every declared problem, by code. */
export function allProblems(): ProblemDefinition[] {
  return [...defined.values()].sort((a, b) => a.code.localeCompare(b.code))
}

/** A hidden and a missing object alike. */
export const NotFound = defineProblem('not_found', 404, 'There is no such object, or you may not see it.')
export const Forbidden = defineProblem('forbidden', 403, 'Your role or your scopes do not allow this operation.')
export const ValidationFailed = defineProblem('validation_failed', 422, 'The body can be read, but something in it is wrong.')
export const InvalidParameter = defineProblem(
  'invalid_parameter',
  400,
  'A parameter of the path, the query or a header is wrong.',
)
export const VersionConflict = defineProblem(
  'version_conflict',
  412,
  'The object has changed since you read it. Read it again and repeat your change.',
)
export const DatabaseAway = defineProblem('database_unavailable', 503, 'The database does not answer. Try again in a moment.')
export const DatabaseFull = defineProblem(
  'database_full',
  507,
  'The database has no room left: what is there can be read, and nothing can be written. Tell whoever runs the server.',
)
export const Conflict = defineProblem('conflict', 409, 'Somebody else changed this at the same moment. Try again.')

/** A body that is wrong in one place. */
export function invalidField(pointer: string, code: string, detail: string): Problem {
  return ValidationFailed({ detail, errors: [{ pointer, code, detail }] })
}

/** A body that is wrong in several places, of which the answer names at most twenty. */
export function invalidFields(found: readonly FieldError[]): Problem {
  const errors = found.slice(0, 20)
  // A detail that is a sentence stands for itself; another goes on from the place that it is about.
  const say = ({ pointer, detail }: FieldError) => (/^\p{Lu}/u.test(detail) ? detail : `${pointer || 'The body'} ${detail}.`)
  return ValidationFailed({ detail: errors.map(say).join(' '), errors })
}

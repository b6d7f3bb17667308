import { isDeepStrictEqual } from 'node:util'

type Node = Record<string, unknown>
interface Comparison {
  before: Node
  after: Node
  found: string[]
  /** What a client sends, or what it gets: a list of values that grows harms neither, a key that is newly needed only the one. */
  side: 'request' | 'answer'
  /** Pairs of references that were compared or are being compared: shapes may contain themselves. */
  seen: Set<string>
}

/** What a client of the one document may stumble over with the other: one sentence each, none if there are only additions. */
export function breakingChanges(before: object, after: object): string[] {
  // Documents are read as trees here: what a key may hold is asked at each step.
  const comparison: Comparison = { before: before as Node, after: after as Node, found: [], side: 'answer', seen: new Set() }
  const [was, is] = [nodeAt(comparison.before, 'paths'), nodeAt(comparison.after, 'paths')]
  for (const path of Object.keys(was)) {
    for (const method of Object.keys(nodeAt(was, path))) {
      const name = `${method.toUpperCase()} ${path}`
      const operation = nodeAt(is, path)[method]
      if (operation === undefined) comparison.found.push(`${name} is gone`)
      else compareOperations(comparison, name, [nodeAt(was, path, method), operation as Node])
    }
  }
  return comparison.found
}

type Pair = [Node, Node]

function compareOperations(comparison: Comparison, name: string, [was, is]: Pair): void {
  const { found } = comparison
  if (was.operationId !== is.operationId) found.push(`${name} is no longer called ${was.operationId}`)
  if (isDeepStrictEqual(was.security, []) && !isDeepStrictEqual(is.security, [])) found.push(`${name} now needs a credential`)
  const sent: Comparison = { ...comparison, side: 'request' }
  compareParameters(sent, name, [parametersOf(comparison.before, was), parametersOf(comparison.after, is)])

  const bodies: Pair = [nodeAt(was, 'requestBody'), nodeAt(is, 'requestBody')]
  if (bodies[1].required === true && bodies[0].required !== true) found.push(`${name} now needs a body`)
  compareMedia(sent, `${name} request`, bodies)

  for (const [status, response] of Object.entries(nodeAt(was, 'responses'))) {
    if (!status.startsWith('2')) continue
    const now = nodeAt(is, 'responses')[status]
    if (now === undefined) found.push(`${name} no longer answers ${status}`)
    else compareMedia(comparison, `${name} ${status}`, [response as Node, now as Node])
  }
}

function parametersOf(document: Node, operation: Node): Node {
  const list = (operation.parameters ?? []) as Node[]
  const resolved = list.map((parameter) => resolve(document, parameter))
  return Object.fromEntries(resolved.map((parameter) => [`${parameter.in} ${parameter.name}`, parameter]))
}

function compareParameters(comparison: Comparison, name: string, [was, is]: Pair): void {
  for (const key of Object.keys(was)) {
    if (is[key] === undefined) comparison.found.push(`${name} no longer takes the parameter ${key}`)
    else compareSchemas(comparison, `${name} ${key}`, [nodeAt(was, key, 'schema'), nodeAt(is, key, 'schema')])
  }
  for (const key of Object.keys(is))
    if (nodeAt(is, key).required === true && nodeAt(was, key).required !== true)
      comparison.found.push(`${name} now needs the parameter ${key}`)
}

function compareMedia(comparison: Comparison, name: string, [was, is]: Pair): void {
  for (const type of Object.keys(nodeAt(was, 'content'))) {
    if (nodeAt(is, 'content')[type] === undefined) comparison.found.push(`${name} is no longer ${type}`)
    else compareSchemas(comparison, name, [nodeAt(was, 'content', type, 'schema'), nodeAt(is, 'content', type, 'schema')])
  }
}

function compareSchemas(comparison: Comparison, name: string, [left, right]: Pair): void {
  const { found, seen } = comparison
  const isRequest = comparison.side === 'request'
  if (left.$ref !== undefined && right.$ref !== undefined) {
    const pair = `${isRequest} ${left.$ref} ${right.$ref}`
    if (seen.has(pair)) return
    seen.add(pair)
  }
  const [was, is]: Pair = [resolve(comparison.before, left), resolve(comparison.after, right)]

  const lostTypes = missing(was.type, is.type)
  if (lostTypes.length > 0) found.push(`${name} is no longer ${lostTypes.join(' or ')}`)
  const lostValues = missing(was.enum, is.enum)
  if (lostValues.length > 0) found.push(`${name} lost the values ${lostValues.join(', ')}`)
  if (was.enum === undefined && is.enum !== undefined && isRequest) found.push(`${name} now takes only some values`)
  if (was.const !== undefined && !isDeepStrictEqual(was.const, is.const)) found.push(`${name} is no longer ${was.const}`)
  if (isRequest) compareBounds(comparison, name, [was, is])

  const required = (schema: Node) => (schema.required ?? []) as string[]
  for (const [key, property] of Object.entries(nodeAt(was, 'properties'))) {
    const now = nodeAt(is, 'properties')[key]
    if (now === undefined) found.push(`${name} lost ${key}`)
    else compareSchemas(comparison, `${name}/${key}`, [property as Node, now as Node])
    if (!isRequest && required(was).includes(key) && !required(is).includes(key)) found.push(`${name}/${key} may now be absent`)
  }
  if (isRequest) for (const key of missing(required(is), required(was))) found.push(`${name} now needs ${key}`)
  if (was.items && is.items) compareSchemas(comparison, `${name}[]`, [was.items as Node, is.items as Node])
  const alternatives: [Node[], Node[]] = [(was.anyOf ?? []) as Node[], (is.anyOf ?? []) as Node[]]
  for (const [index, alternative] of alternatives[0].entries()) {
    const now = alternatives[1][index]
    if (now === undefined) found.push(`${name} lost an alternative`)
    else compareSchemas(comparison, `${name}|${index}`, [alternative, now])
  }
}

const lower = ['maxLength', 'maximum', 'maxItems', 'maxProperties']
const higher = ['minLength', 'minimum', 'minItems']

function compareBounds({ found }: Comparison, name: string, [was, is]: Pair): void {
  const value = (node: Node, bound: string, absent: number) => (typeof node[bound] === 'number' ? node[bound] : absent)
  const narrowed = [
    ...lower.filter((bound) => value(is, bound, Number.POSITIVE_INFINITY) < value(was, bound, Number.POSITIVE_INFINITY)),
    ...higher.filter((bound) => value(is, bound, 0) > value(was, bound, 0)),
  ]
  for (const bound of narrowed) found.push(`${name} takes less: ${bound} is ${is[bound]}`)
}

/** What stands in the one list and not in the other; nothing where either is no list, or one text. */
function missing(was: unknown, is: unknown): string[] {
  if (was === undefined || is === undefined) return []
  const now = [is].flat()
  return [was]
    .flat()
    .filter((value) => !now.includes(value))
    .map(String)
}

function resolve(document: Node, node: Node): Node {
  if (typeof node.$ref !== 'string') return node
  return nodeAt(document, ...node.$ref.slice(2).split('/'))
}

function nodeAt(node: Node, ...keys: string[]): Node {
  return keys.reduce((at, key) => (at[key] ?? {}) as Node, node)
}

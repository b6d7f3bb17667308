import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from './desk.ts'

const LENGTH = 200_000
const LONGEST_MS = 50
const UNITS = ['a', 'A', 'z', '0', '1', '_', '-', '.', ' ', '\t', 'é', ' a', 'a ', 'a.', '. ']
const ENDS = ['', '\n', '\u0000', ' ', ',', '!', 'a\n', ' \n']

/** Every pattern of a text, or of the name of a member, anywhere in a schema. */
function* patternsIn(schema: unknown): Generator<string> {
  if (typeof schema !== 'object' || schema === null) return
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'pattern' && typeof value === 'string') yield value
    if (key === 'patternProperties') yield* Object.keys(value)
    yield* patternsIn(value)
  }
}

/** Long texts that nearly match: what the pattern lets through, begun by its own literals, and an end that it does not. */
function* attacksOn(pattern: string): Generator<string> {
  const literals = pattern.match(/[a-z]+[_:.]/g) ?? []
  for (const start of ['', ...literals])
    for (const unit of UNITS) for (const end of ENDS) yield start + unit.repeat(LENGTH / unit.length) + end
}

/** How much processor time a look takes; of several, for the collector of garbage may be busy, the shortest. */
function lookMs(expression: RegExp, text: string): number {
  let shortest = Number.POSITIVE_INFINITY
  for (let i = 0; i < 10 && shortest >= LONGEST_MS; i++) {
    const before = process.threadCpuUsage()
    expression.test(text)
    const { user, system } = process.threadCpuUsage(before)
    shortest = Math.min(shortest, (user + system) / 1000)
  }
  return shortest
}

test('no text, however long, keeps a pattern busy', async (t) => {
  const desk = await openDesk(t)
  const schemas = desk.app.routes.flatMap(({ params, query, body, requesterBody }) => [params, query, body, requesterBody])
  const patterns = new Set(schemas.flatMap((schema) => [...patternsIn(schema)]))

  assert.ok(patterns.size > 5)
  for (const pattern of patterns) {
    const expression = new RegExp(pattern, 'u')
    for (const attack of attacksOn(pattern)) {
      const ms = lookMs(expression, attack)
      assert.ok(ms < LONGEST_MS, `${pattern} takes ${Math.round(ms)} ms for ${JSON.stringify(attack.slice(0, 12))}…`)
    }
  }
})

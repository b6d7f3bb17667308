import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { placeholders } from '../src/modules/macros/placeholders.ts'

// docs/workflow.md is written by hand: what it names must be there.

type Json = Record<string, unknown>

const document = (name: string) => readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8')
const guide = document('workflow.md')
const openapi = JSON.parse(document('openapi.json')) as Json & {
  paths: Record<string, Json>
}
const blocks = [...guide.matchAll(/```json\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.trim().split(/\n\n/))

/** Every key that some object of the API has, and every parameter. */
function keysOf(schema: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(schema)) for (const part of schema) keysOf(part, found)
  else if (schema !== null && typeof schema === 'object')
    for (const [name, part] of Object.entries(schema)) {
      if (name === 'properties') for (const key of Object.keys(part)) found.add(key)
      if (name === 'name' && typeof part === 'string') found.add(part)
      if (name !== 'example' && name !== 'examples') keysOf(part, found)
    }
  return found
}

/** The keys of an example; what people name themselves stands under these. */
function keysIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keysIn)
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, part]) => [key, ...(OWN_NAMES.has(key) ? [] : keysIn(part))])
}
const OWN_NAMES = new Set(['fields', 'replacements', 'values'])
const NAME = /[a-z]+(?:[_.][a-z]+)+/g

test('every operation in the guide is one of the API', () => {
  const named = [...guide.matchAll(/\b(GET|POST|PUT|PATCH|DELETE) (\/v1\/[^\s`?]+)(?:\?([a-z_]+)=)?/g)]

  for (const [text, method = '', path = '', parameter] of named) {
    const operation = openapi.paths[path]?.[method.toLowerCase()]
    assert.ok(operation, text)
    if (parameter) assert.ok(keysOf(operation).has(parameter), text)
  }
  assert.ok(named.length > 20)
})

test('every key in an example of the guide is one of the API', () => {
  const known = keysOf(openapi)

  const examples = blocks.map((block) => block.replace(/^(\d{3}|[A-Z]+ \/.*)(\n|$)/, '')).filter((body) => body !== '')
  for (const body of examples) for (const key of keysIn(JSON.parse(body))) assert.ok(known.has(key), `${key} in ${body}`)
  assert.ok(examples.length > 10)
})

test('every other name in the guide is a key, an event, a problem or a value of the API', () => {
  // Those documents are held against the code by other tests.
  const told = JSON.stringify(openapi) + document('events.md') + document('problems.md')
  const known = new Set([...told.matchAll(NAME)].map(([name]) => name))
  const own = /^(with_bank|fields\.amount)$/

  for (const [, name = ''] of guide.matchAll(/`([a-z]+(?:[_.][a-z]+)+)/g)) assert.ok(known.has(name) || own.test(name), name)
})

test('the guide has every placeholder, and says where it may stand', () => {
  const rows = placeholders.map(
    ({ name, visibility, description }) =>
      `| \`${name}\` | ${visibility === 'public' ? 'every text' : 'notes'} | ${description} |`,
  )

  assert.ok(guide.includes(rows.join('\n')))
})

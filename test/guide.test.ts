import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { placeholders } from '../src/modules/macros/placeholders.ts'
import { closeCodes } from '../src/modules/realtime/index.ts'

// The guides are written by hand: what they name must be there.

type Json = Record<string, unknown>

const document = (name: string) => readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8')
const guides = ['workflow.md', 'conversation.md', 'realtime.md', 'mail.md']
const openapi = JSON.parse(document('openapi.json')) as Json & {
  paths: Record<string, Json>
}
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

/** The requests and answers that a guide shows. */
function examplesOf(guide: string): string[] {
  return [...guide.matchAll(/```json\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.trim().split(/\n\n/))
}

/** The body of an example, behind the line of its request or its status and its headers, or behind the arrow of a frame. */
function bodyOf(example: string): string {
  return example.replace(/^([→←] |(\d{3}|[A-Z]+ \/.*)(\n[A-Z][\w-]+: .*)*(\n|$))/, '')
}

const known = { keys: keysOf([openapi, JSON.parse(document('asyncapi.json'))]), names: new Set<string>() }
// Those documents are held against the code by other tests.
const all = ['openapi.json', 'asyncapi.json', 'events.md', 'problems.md'].map(document).join('\n')
for (const [name] of all.matchAll(NAME)) known.names.add(name)
const own = /^(with_bank|fields\.amount|cat\.png)$/

for (const name of guides) {
  const guide = document(name)

  test(`every operation in ${name} is one of the API`, () => {
    const named = [...guide.matchAll(/\b(GET|POST|PUT|PATCH|DELETE) (\/v1\/[^\s`?]+)(?:\?([a-z_]+)=)?/g)]

    for (const [text, method = '', path = '', parameter] of named) {
      const operation = openapi.paths[path]?.[method.toLowerCase()]
      assert.ok(operation, text)
      if (parameter) assert.ok(keysOf(operation).has(parameter), text)
    }
    assert.ok(named.length > 10)
  })

  test(`every key in an example of ${name} is one of the API`, () => {
    const bodies = examplesOf(guide)
      .map(bodyOf)
      .filter((body) => body !== '')

    for (const body of bodies) for (const key of keysIn(JSON.parse(body))) assert.ok(known.keys.has(key), `${key} in ${body}`)
    assert.ok(bodies.length > (name === 'mail.md' ? 0 : 10))
  })

  test(`every other name in ${name} is a key, an event, a problem or a value of the API`, () => {
    for (const [, word = ''] of guide.matchAll(/`([a-z]+(?:[_.][a-z]+)+)/g))
      assert.ok(known.names.has(word) || own.test(word), word)
  })

  test(`every setting in ${name}, and every document that it links, is there`, () => {
    const settings = document('configuration.md')

    for (const [setting] of guide.matchAll(/BECKON_[A-Z0-9_]+/g)) assert.ok(settings.includes(`\`${setting}\``), setting)
    for (const [, link = ''] of guide.matchAll(/\]\(([\w./-]+\.md)\)/g)) assert.ok(document(link).length > 0, link)
  })
}

test('the guide to the streams has every close code, and says what to do', () => {
  const rows = Object.entries(closeCodes).map(([reason, { code, advice }]) => `| ${code} | \`${reason}\` | ${advice} |`)

  assert.ok(document('realtime.md').includes(rows.join('\n')), rows.join('\n'))
})

test('the guide to the workflow has every placeholder, and says where it may stand', () => {
  const rows = placeholders.map(
    ({ name, visibility, description }) =>
      `| \`${name}\` | ${visibility === 'public' ? 'every text' : 'notes'} | ${description} |`,
  )

  assert.ok(document('workflow.md').includes(rows.join('\n')))
})

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { clientFrames, serverFrames } from '../src/modules/realtime/index.ts'
import { fromTime } from '../src/platform/codecs.ts'
import type { AsyncApiDocument } from '../src/platform/http/asyncapi.ts'
import { renderAsyncApi } from '../tools/render-asyncapi.ts'

const rendered = renderAsyncApi()
const document = JSON.parse(rendered) as AsyncApiDocument
const { channels, operations, components } = document

test('docs/asyncapi.json describes the streams as they are (else: npm run docs:make)', () => {
  const committed = readFileSync(new URL('../docs/asyncapi.json', import.meta.url), 'utf8')

  assert.ok(committed === rendered, 'docs/asyncapi.json is stale: npm run docs:make')
})

test('the document is AsyncAPI 3.0', () => {
  const file = createRequire(import.meta.url).resolve('@asyncapi/specs/schemas/3.0.0.json')
  // It brings the draft that it is written in along.
  const ajv = new Ajv({ strict: false, meta: false, validateSchema: false, validateFormats: false, unicodeRegExp: false })
  const schema = JSON.parse(readFileSync(file, 'utf8'))
  const validate = ajv.compile(schema)

  assert.ok(validate(document), ajv.errorsText(validate.errors))
  assert.equal(validate({ ...document, channels: { webSocket: { adress: '/v1/ws' } } }), false)
})

test('every reference leads somewhere', () => {
  const references = [...rendered.matchAll(/"\$ref": "([^"]+)"/g)].map(([, reference = '']) => reference)
  const lost = references.filter((reference) => {
    const keys = reference.replace('#/', '').split('/')
    return keys.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document) === undefined
  })

  assert.ok(references.length > 50)
  assert.deepEqual([...new Set(lost)], [])
})

test('every frame of either direction has a message that says what it is, and an operation', () => {
  const directions = [
    ['receive', clientFrames],
    ['send', serverFrames],
  ] as const

  for (const [direction, frames] of directions)
    for (const [type, frame] of Object.entries(frames)) {
      const name = String((frame as { 'x-name'?: unknown })['x-name'])
      assert.deepEqual(channels.webSocket?.messages[name], { $ref: `#/components/messages/${name}` })
      assert.equal(components.messages[name]?.title, type)
      assert.ok(components.messages[name]?.summary, `${type} says nothing of itself`)
      assert.equal(operations[`webSocket.${direction}${name}`]?.action, direction)
    }
})

test('every message has an example of the shape that is published for it', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false })
  ajv.addFormat('date-time', (text: string) => fromTime(text) !== undefined)
  ajv.addFormat('email', /^[^@\s]+@[^@\s]+$/)
  ajv.addSchema({ $id: 'https://asyncapi.test/', components: { schemas: components.schemas } })
  const here = (schema: object) => JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"https://asyncapi.test/#/'))

  for (const { name, payload, examples } of Object.values(components.messages)) {
    const validate = ajv.compile(here(payload))
    assert.ok(examples.length > 0, name)
    for (const example of examples) assert.ok(validate(example.payload), `${name}: ${ajv.errorsText(validate.errors)}`)
  }
})

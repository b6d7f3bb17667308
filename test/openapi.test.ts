import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { fromTime } from '../src/platform/codecs.ts'
import type { OpenApiDocument, OpenApiOperation } from '../src/platform/http/openapi.ts'
import { renderOpenApi, withRoutes } from '../tools/render-openapi.ts'
import { breakingChanges } from './breaking.ts'

const rendered = await withRoutes(renderOpenApi)
const document = JSON.parse(rendered) as OpenApiDocument
const committed = readFileSync(new URL('../docs/openapi.json', import.meta.url), 'utf8')

type Media = { schema?: object; example?: unknown; examples?: Record<string, { value: unknown }> }
type Content = Record<string, Media>
const contentOf = (holder: object | undefined): Content => (holder as { content?: Content } | undefined)?.content ?? {}
const operations: OpenApiOperation[] = Object.values(document.paths).flatMap((methods) => Object.values(methods))

/** The names of the operations that a rule catches: none should be. */
function caught(rule: (operation: OpenApiOperation) => boolean): string[] {
  return operations.filter(rule).map(({ operationId }) => operationId)
}

test('docs/openapi.json describes the operations as they are (else: npm run docs:make)', () => {
  assert.ok(committed === rendered, 'docs/openapi.json is stale: npm run docs:make')
})

test('nothing that was published is taken away', () => {
  assert.deepEqual(breakingChanges(JSON.parse(committed), document), [])
})

test('the document is OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(JSON.parse(rendered))

  assert.ok(valid, JSON.stringify(errors, null, 2))
})

test('every reference leads somewhere', () => {
  const references = [...rendered.matchAll(/"\$ref": "([^"]+)"/g)].map(([, reference = '']) => reference)
  const lost = references.filter((reference) => {
    const keys = reference.replace('#/', '').split('/')
    return keys.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document) === undefined
  })

  assert.ok(references.length > 100)
  assert.deepEqual([...new Set(lost)], [])
})

test('every operation has a name of its own, a summary, a description and a described group', () => {
  const groups = new Map(document.tags.map(({ name, description }) => [name, description]))

  assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length)
  assert.deepEqual(
    caught(({ summary, description, tags: [tag = ''] }) => !summary || !description || !groups.get(tag)),
    [],
  )
})

test('every operation has an example of its request and of each of its answers', () => {
  const lacksRequest = ({ requestBody }: OpenApiOperation) =>
    Object.values(contentOf(requestBody)).some(({ example }) => example === undefined)
  const lacksAnswer = ({ responses }: OpenApiOperation) =>
    Object.entries(responses).some(
      ([status, response]) =>
        status.startsWith('2') && Object.values(contentOf(response)).some(({ example }) => example === undefined),
    )

  assert.deepEqual(caught(lacksRequest), [])
  assert.deepEqual(caught(lacksAnswer), [])
})

test('every operation says how it refuses: 400 and 429, 401 and 403 where it is closed, 404 where it names an object', () => {
  const answers = (operation: OpenApiOperation, ...statuses: string[]) =>
    statuses.every((status) => operation.responses[status] !== undefined)
  const namesAnObject = ({ parameters = [] }: OpenApiOperation) => parameters.some((parameter) => parameter.in === 'path')

  assert.deepEqual(
    caught((operation) => !answers(operation, '400', '429', '500', '503')),
    [],
  )
  assert.deepEqual(
    caught((operation) => operation.security.length > 0 && !answers(operation, '401', '403')),
    [],
  )
  assert.deepEqual(
    caught((operation) => namesAnObject(operation) && !answers(operation, '404')),
    [],
  )
  assert.deepEqual(
    caught((operation) => operation.requestBody !== undefined && !answers(operation, '413', '415', '422')),
    [],
  )
})

test('every example has the shape that is published for it', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false, formats: { binary: true } })
  ajv.addFormat('date-time', (text: string) => fromTime(text) !== undefined)
  ajv.addFormat('email', /^[^@\s]+@[^@\s]+$/)
  ajv.addSchema({ $id: 'https://openapi.test/', components: { schemas: document.components.schemas } })
  const wrong: string[] = []
  const check = (name: string, { schema, example, examples = {} }: Media) => {
    const text = JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"https://openapi.test/#/')
    const validate = ajv.compile(JSON.parse(text))
    const values = [...(example === undefined ? [] : [example]), ...Object.values(examples).map(({ value }) => value)]
    for (const value of values) if (!validate(value)) wrong.push(`${name}: ${ajv.errorsText(validate.errors)}`)
  }
  for (const { operationId, requestBody, responses } of operations) {
    for (const media of Object.values(contentOf(requestBody))) check(`${operationId} request`, media)
    for (const [status, response] of Object.entries(responses))
      for (const media of Object.values(contentOf(response))) check(`${operationId} ${status}`, media)
  }
  for (const [name, response] of Object.entries(document.components.responses ?? {}))
    for (const media of Object.values(contentOf(response))) check(name, media)

  assert.deepEqual(wrong, [])
})

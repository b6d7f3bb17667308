import assert from 'node:assert/strict'
import { test } from 'node:test'
import { breakingChanges } from './breaking.ts'

const cup = {
  type: 'object',
  required: ['id'],
  properties: {
    id: { type: 'string' },
    colour: { type: 'string', enum: ['red', 'blue'] },
    inside: { $ref: '#/components/schemas/Cup' },
  },
}
const newCup = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string', maxLength: 20 }, colour: { type: 'string' } },
}
const limit = { name: 'limit', in: 'query', schema: { type: 'integer', maximum: 100 } }

/** A document with one operation, some of it replaced. */
function documentOf(changed: { answer?: object; body?: object; parameters?: object[]; operation?: object } = {}) {
  const { answer = cup, body = newCup, parameters = [limit], operation = {} } = changed
  const json = (schema: object) => ({ content: { 'application/json': { schema } } })
  const post = {
    operationId: 'makeCup',
    security: [],
    parameters,
    requestBody: { required: true, ...json(body) },
    responses: { 201: json({ $ref: '#/components/schemas/Cup' }) },
    ...operation,
  }
  return { paths: { '/v1/cups': { post } }, components: { schemas: { Cup: answer } } }
}

test('the same document breaks nothing', () => {
  assert.deepEqual(breakingChanges(documentOf(), documentOf()), [])
})

test('additions break nothing', () => {
  const after = documentOf({
    answer: {
      ...cup,
      properties: { ...cup.properties, size: { type: 'integer' }, colour: { type: 'string', enum: ['red', 'blue', 'green'] } },
    },
    body: { ...newCup, properties: { ...newCup.properties, size: { type: 'integer' } } },
    parameters: [limit, { name: 'dry_run', in: 'query', schema: { type: 'boolean' } }],
  })

  assert.deepEqual(breakingChanges(documentOf(), after), [])
})

const broken: [string, Parameters<typeof documentOf>[0], string[]][] = [
  ['a new name of an operation', { operation: { operationId: 'createCup' } }, ['POST /v1/cups is no longer called makeCup']],
  ['a credential', { operation: { security: [{ bearer: [] }] } }, ['POST /v1/cups now needs a credential']],
  ['a lost answer', { operation: { responses: {} } }, ['POST /v1/cups no longer answers 201']],
  ['a lost parameter', { parameters: [] }, ['POST /v1/cups no longer takes the parameter query limit']],
  [
    'a parameter that is needed',
    { parameters: [limit, { name: 'size', in: 'query', required: true, schema: {} }] },
    ['POST /v1/cups now needs the parameter query size'],
  ],
  [
    'a lower limit',
    { parameters: [{ ...limit, schema: { type: 'integer', maximum: 50 } }] },
    ['POST /v1/cups query limit takes less: maximum is 50'],
  ],
  [
    'a lost key of an answer',
    { answer: { ...cup, properties: { id: cup.properties.id, colour: cup.properties.colour } } },
    ['POST /v1/cups 201 lost inside'],
  ],
  ['a key that may be absent', { answer: { ...cup, required: [] } }, ['POST /v1/cups 201/id may now be absent']],
  [
    'a lost value',
    { answer: { ...cup, properties: { ...cup.properties, colour: { type: 'string', enum: ['red'] } } } },
    ['POST /v1/cups 201/colour lost the values blue'],
  ],
  [
    'another type',
    { answer: { ...cup, properties: { ...cup.properties, id: { type: 'integer' } } } },
    ['POST /v1/cups 201/id is no longer string'],
  ],
  ['a key that is needed', { body: { ...newCup, required: ['name', 'colour'] } }, ['POST /v1/cups request now needs colour']],
  [
    'a key that is refused',
    { body: { ...newCup, properties: { name: newCup.properties.name } } },
    ['POST /v1/cups request lost colour'],
  ],
  [
    'text that must be shorter',
    { body: { ...newCup, properties: { ...newCup.properties, name: { type: 'string', maxLength: 10 } } } },
    ['POST /v1/cups request/name takes less: maxLength is 10'],
  ],
]

for (const [what, changed, sentences] of broken) {
  test(`${what} breaks clients`, () => {
    assert.deepEqual(breakingChanges(documentOf(), documentOf(changed)), sentences)
  })
}

test('a lost operation breaks clients', () => {
  assert.deepEqual(breakingChanges(documentOf(), { paths: {}, components: {} }), ['POST /v1/cups is gone'])
})

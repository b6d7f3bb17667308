import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import { defineProblem, VersionConflict } from '../problems.ts'
import { ok } from './answer.ts'
import { type ApiDescription, buildOpenApi } from './openapi.ts'
import { everyone, type Route, route, staff } from './route.ts'
import { listOf, named, nullable, PageQuery, strict } from './schemas.ts'

const Cup = named(
  'Cup',
  Type.Object({ id: Type.String(), object: Type.Literal('cup'), owner: nullable(Type.String()), version: Type.Integer() }),
)
const CupParams = strict({ cup: Type.String({ description: 'A cup.' }) })
const CupBroken = defineProblem('cup_broken', 409, 'The cup is broken.')
const about = { tag: 'Cups', description: 'Cups on a shelf.', handle: async () => ok(null) }

const list = route({
  ...about,
  method: 'GET',
  path: '/v1/cups',
  operationId: 'listCups',
  summary: 'List cups',
  access: 'open',
  query: strict({ ...PageQuery, colour: Type.Optional(Type.Array(Type.Enum(['red', 'blue']), { description: 'Colours.' })) }),
  answers: { 200: listOf('CupList', Cup) },
})
const get = route({
  ...about,
  method: 'GET',
  path: '/v1/cups/:cup',
  operationId: 'getCup',
  summary: 'Get a cup',
  access: { roles: everyone, scope: 'cups:read' },
  params: CupParams,
  answers: { 200: Cup },
})
const change = route({
  ...about,
  method: 'PATCH',
  path: '/v1/cups/:cup',
  operationId: 'changeCup',
  summary: 'Change a cup',
  access: { roles: staff, scope: null },
  params: CupParams,
  body: strict({ owner: Type.Optional(nullable(Type.String())), colour: Type.Optional(Type.String()) }),
  requesterBody: strict({ owner: Type.Optional(nullable(Type.String())) }),
  answers: { 200: Cup },
  problems: [VersionConflict, CupBroken],
})

function build(routes: Route[], more: Partial<ApiDescription> = {}) {
  return buildOpenApi({
    title: 'Cups',
    version: '1',
    description: 'For tests.',
    routes,
    problems: [CupBroken],
    events: ['cup.made'],
    examples: { operations: {}, problems: {} },
    tags: [{ name: 'Cups', description: 'Cups.' }],
    ...more,
  })
}

test('paths are whole, with their parameters in braces', () => {
  const { paths } = build([list, get, change])

  assert.deepEqual(Object.keys(paths), ['/v1/cups', '/v1/cups/{cup}'])
  assert.deepEqual(Object.keys(paths['/v1/cups/{cup}'] ?? {}), ['get', 'patch'])
})

test('a list parameter is one text with commas', () => {
  const operation = build([list]).paths['/v1/cups']?.get

  const colour = operation?.parameters?.find(({ name }) => name === 'colour')
  assert.deepEqual(colour, {
    name: 'colour',
    in: 'query',
    description: 'Colours.',
    style: 'form',
    explode: false,
    schema: { type: 'array', items: { type: 'string', enum: ['red', 'blue'] } },
  })
})

test('an open operation needs no credential and a closed one says who may call it', () => {
  const { paths } = build([list, get, change])

  assert.deepEqual(paths['/v1/cups']?.get?.security, [])
  assert.deepEqual(paths['/v1/cups/{cup}']?.get?.security, [{ bearer: [] }])
  assert.match(String(paths['/v1/cups/{cup}']?.get?.description), /For requesters, agents and admins\. .*`cups:read`/)
  assert.match(String(paths['/v1/cups/{cup}']?.patch?.description), /For agents and admins\. For people.*\n\n.*only `owner`\./)
})

test('every operation lists the statuses that it can answer', () => {
  const { paths } = build([list, get, change])

  const statuses = (path: string, method: string) => Object.keys(paths[path]?.[method]?.responses ?? {}).join(' ')
  assert.equal(statuses('/v1/cups', 'get'), '200 400 429 500 503 507')
  assert.equal(statuses('/v1/cups/{cup}', 'get'), '200 304 400 401 403 404 429 500 503 507')
  assert.equal(statuses('/v1/cups/{cup}', 'patch'), '200 400 401 403 404 409 412 413 415 422 429 500 503 507')
})

test('every problem of a status is told with an example', () => {
  const { paths, components } = build([change], {
    examples: { operations: {}, problems: { cup_broken: { detail: 'It fell.', request_id: 'req_1' } } },
    publicUrl: 'https://cups.test',
  })

  const { $ref } = paths['/v1/cups/{cup}']?.patch?.responses[409] ?? {}
  assert.equal($ref, '#/components/responses/409.cup_broken.idempotency_answer_gone.idempotency_in_progress')
  const response = components.responses?.['409.cup_broken.idempotency_answer_gone.idempotency_in_progress'] as {
    description: string
    content: Record<string, { examples: Record<string, { value: unknown }> }>
  }
  assert.match(response.description, /- `cup_broken`: The cup is broken\.\n- `idempotency_answer_gone`: /)
  assert.deepEqual(response.content['application/problem+json']?.examples.cup_broken?.value, {
    detail: 'It fell.',
    request_id: 'req_1',
    type: 'https://cups.test/errors/cup_broken',
    title: 'The cup is broken.',
    status: 409,
    code: 'cup_broken',
  })
})

test('a named shape stands in the document once, and nothing of TypeBox with it', () => {
  const document = build([list, get, change])

  assert.deepEqual(Object.keys(document.components.schemas ?? {}), ['Cup', 'CupList', 'Problem'])
  assert.doesNotMatch(JSON.stringify(document), /x-name|"~/)
})

test('two shapes with one name are refused', () => {
  const other = { ...get, path: '/v1/mugs', operationId: 'getMug', answers: { 200: named('Cup', Type.Object({})) } } as const

  assert.throws(() => build([get, other]), /two different schemas are named Cup/)
})

test('the examples of an operation come from what was recorded', () => {
  const { paths } = build([change], {
    examples: { operations: { changeCup: { request: { owner: null }, responses: { 200: { id: 'cup_1' } } } }, problems: {} },
  })

  const operation = paths['/v1/cups/{cup}']?.patch
  const body = operation?.requestBody?.content as Record<string, { example: unknown }>
  assert.deepEqual(Object.keys(body), ['application/json', 'application/merge-patch+json'])
  assert.deepEqual(body['application/json']?.example, { owner: null })
  const answer = operation?.responses[200]?.content as Record<string, { example: unknown }>
  assert.deepEqual(answer['application/json']?.example, { id: 'cup_1' })
})

test('conditional headers are told where they count', () => {
  const { paths } = build([list, get, change])

  const names = (method: string) => paths['/v1/cups/{cup}']?.[method]?.parameters?.flatMap(({ $ref }) => ($ref ? [$ref] : []))
  assert.deepEqual(names('get'), ['#/components/parameters/If-None-Match'])
  assert.deepEqual(names('patch'), ['#/components/parameters/Idempotency-Key', '#/components/parameters/If-Match'])
})

test('the same table gives the same document', () => {
  assert.equal(JSON.stringify(build([list, get, change])), JSON.stringify(build([list, get, change])))
})

test('groups come in the order of their descriptions, those without operations left out', () => {
  const tags = [
    { name: 'Mugs', description: 'Mugs.' },
    { name: 'Cups', description: 'Cups.' },
  ]

  assert.deepEqual(build([list], { tags }).tags, [{ name: 'Cups', description: 'Cups.' }])
  assert.deepEqual(build([list], { tags: [] }).tags, [{ name: 'Cups', description: '' }])
})

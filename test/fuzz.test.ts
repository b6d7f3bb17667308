import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { TSchema } from 'typebox'
import type { Route } from '../src/platform/http/route.ts'
import { assertDiscreet, openTarget, type Target } from './attacks/assault.ts'
import { type Caller, openDesk } from './desk.ts'

// How often each operation is tried: FUZZ_RUNS=1000 for a long night.
const RUNS = Number(process.env.FUZZ_RUNS ?? 5)

/** Values that break what trusts them. */
const nasty = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    -0,
    Number.MAX_SAFE_INTEGER,
    '',
    ' ',
    '0',
    'null',
    [],
    {},
    [[]],
    [null],
    [{}],
  ),
  fc.constantFrom<unknown>(
    '__proto__',
    'constructor',
    'toString',
    "' or '1'='1",
    '%',
    '_',
    '\\',
    '"',
    '\u0001',
    '\r\n',
    '\u202e',
    '💥',
    'İ',
    '\ufdfa',
  ),
  fc.constantFrom<unknown>('x'.repeat(400), '💥'.repeat(200), { length: 5 }, { toString: 'x' }, { valueOf: 1 }, { toJSON: 'x' }, [
    'a',
    'a',
  ]),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ maxLength: 20 }),
  fc.jsonValue({ maxDepth: 3 }),
)

interface Shape {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: Shape[]
  properties?: Record<string, Shape>
  required?: string[]
  patternProperties?: Record<string, Shape>
  items?: Shape
  maxItems?: number
  minimum?: number
  maximum?: number
  format?: string
  pattern?: string
}

/** Values that mostly fit a shape; `known` are identifiers that lead somewhere. */
function fitting(shape: Shape, known: readonly string[]): fc.Arbitrary<unknown> {
  if (shape.const !== undefined) return fc.constant(shape.const)
  if (shape.enum) return fc.constantFrom(...shape.enum)
  if (shape.anyOf) return fc.oneof(...shape.anyOf.map((one) => fitting(one, known)))
  const [type] = [shape.type ?? 'string'].flat()
  switch (type) {
    case 'integer':
      return fc.integer({ min: shape.minimum ?? -5, max: Math.min(shape.maximum ?? 1000, 100_000) })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(spoiled(fitting(shape.items ?? {}, known)), { maxLength: Math.min(shape.maxItems ?? 4, 4) })
    case 'object':
      return fittingObject(shape, known)
    default:
      if (shape.format === 'date-time')
        return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString())
      if (shape.format === 'email') return fc.oneof(fc.constantFrom('ada@example.com', 'ünï@exämple.example'), fc.emailAddress())
      return fittingText(shape, known)
  }
}

function fittingText({ pattern = '' }: Shape, known: readonly string[]): fc.Arbitrary<unknown> {
  const expression = new RegExp(pattern, 'u')
  const leading = known.filter((text) => expression.test(text))
  if (leading.length === 0) return fc.oneof(fc.constantFrom(...known), fc.stringMatching(/^[a-z0-9]{1,12}$/))
  return fc.oneof({ arbitrary: fc.constantFrom(...leading), weight: 9 }, { arbitrary: fc.string({ maxLength: 30 }), weight: 1 })
}

function fittingObject(
  { properties = {}, required = [], patternProperties }: Shape,
  known: readonly string[],
): fc.Arbitrary<unknown> {
  if (patternProperties) return fc.dictionary(fc.string({ maxLength: 10 }), fc.string({ maxLength: 10 }), { maxKeys: 4 })
  const names = Object.keys(properties)
  const values = Object.fromEntries(names.map((name) => [name, spoiled(fitting(properties[name] ?? {}, known))]))
  const requiredKeys = names.filter((name) => required.includes(name))
  return fc.oneof(
    { arbitrary: fc.record(values, { requiredKeys }), weight: 6 },
    { arbitrary: fc.record(values, { requiredKeys: [] }), weight: 1 },
    {
      arbitrary: fc
        .tuple(fc.record(values, { requiredKeys }), fc.string(), nasty)
        .map(([rest, key, value]) => ({ ...rest, [key]: value })),
      weight: 1,
    },
  )
}

/** Now and then something else. */
function spoiled(fine: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ arbitrary: fine, weight: 24 }, { arbitrary: nasty, weight: 1 })
}

interface Shot {
  params: Record<string, unknown>
  query: Record<string, unknown>
  body: unknown
  /** Instead of the body: bytes that may be no JSON at all. */
  raw: string | undefined
  headers: Record<string, string>
  by: number
}

/** Whose identifiers stand in a path, by the word before them or their name. */
const prefixes: Record<string, string> = {
  ...{ users: 'usr', organizations: 'org', teams: 'team', queues: 'que', categories: 'cat', 'api-keys': 'key', sessions: 'ses' },
  ...{ user_id: 'usr', queue: 'que', ticket: 'tkt', message: 'msg' },
}

function shots(route: Route, known: readonly string[]): fc.Arbitrary<Shot> {
  // TypeBox's schemas are JSON Schema; these are the parts of it that the API uses.
  const shape = (schema: TSchema | undefined) => (schema ?? { type: 'object' }) as Shape
  const lists = Object.entries(shape(route.query).properties ?? {})
  const query = fc.record(Object.fromEntries(lists.map(([name, one]) => [name, spoiled(fitting(one, known))])), {
    requiredKeys: [],
  })
  const params = Object.entries(shape(route.params).properties ?? {}).map(([name, one]) => {
    const kind = name === 'id' ? prefixes[route.path.split('/').at(-2) ?? ''] : prefixes[name]
    const leading = known.filter((id) => kind !== undefined && id.startsWith(kind))
    return [name, spoiled(leading.length > 0 ? fc.constantFrom(...leading) : fitting(one, known))]
  })
  return fc.record({
    params: fc.record(Object.fromEntries(params)),
    query: fc.oneof(
      { arbitrary: fc.constant({}), weight: route.method === 'GET' ? 1 : 20 },
      { arbitrary: query, weight: 5 },
      { arbitrary: fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }) as fc.Arbitrary<Record<string, unknown>>, weight: 1 },
    ),
    body: route.body
      ? spoiled(fitting(shape(route.body), known))
      : fc.oneof({ arbitrary: fc.constant(undefined), weight: 15 }, nasty),
    raw: fc.oneof({ arbitrary: fc.constant(undefined), weight: 15 }, fc.string({ unit: 'binary' }), fc.json()),
    headers: fc.oneof(
      { arbitrary: fc.constant({}), weight: 3 },
      fc.record(
        {
          'if-match': fc.constantFrom('*', '"p1"', '"i1"', 'W/"p1"', '"', 'x'),
          'if-none-match': fc.constantFrom('*', '"v1"', '"', 'x'),
          'idempotency-key': fc.constantFrom('k', 'x'.repeat(300), 'é', ' '),
          'content-type': fc.constantFrom('application/json', 'application/merge-patch+json', 'text/plain', 'x'),
        },
        { requiredKeys: [] },
      ),
    ) as fc.Arbitrary<Record<string, string>>,
    by: fc.nat(5),
  })
}

async function fire({ desk, admin, agent, ada }: Target, route: Route, shot: Shot): Promise<void> {
  const callers: Caller[] = [admin, admin, admin, agent, ada, desk.anyone]
  const caller = callers[shot.by] ?? desk.anyone
  const text = (value: unknown) =>
    encodeURIComponent(String(typeof value === 'object' ? JSON.stringify(value) : value).toWellFormed())
  const path = route.path.replaceAll(/:([a-z_]+)/g, (_, name: string) => text(shot.params[name]).replace(/^\.+$/, '-') || '-')
  const query = Object.entries(shot.query).map(
    ([name, value]) => `${text(name)}=${Array.isArray(value) ? value.map(text).join() : text(value)}`,
  )
  const url = query.length > 0 ? `${path}?${query.join('&')}` : path
  const body = shot.raw ?? (shot.body === undefined ? undefined : JSON.stringify(shot.body))
  const headers = { ...shot.headers }
  if (body === undefined) delete headers['content-type']
  // Every answer is held against the OpenAPI by the caller itself.
  const reply = await (route.method === 'GET'
    ? caller.get(url, headers)
    : route.method === 'DELETE'
      ? caller.delete(url, headers)
      : route.method === 'POST'
        ? caller.post(url, body, headers)
        : route.method === 'PUT'
          ? caller.put(url, body, headers)
          : caller.patch(url, body, headers))
  assert.ok(reply.status < 500, `${route.method} ${url} ${body}: ${reply.text}`)
  assertDiscreet(reply.status < 400 ? '' : reply.text)
}

test('whatever is sent to an operation, it answers as it says it does', async (t) => {
  const desk = await openDesk(t)
  let fired = 0
  let queues = 0
  for (const route of desk.app.routes) {
    // Each operation is attacked on fresh ground: what ends a session or takes a role away does not spare the next.
    const target = await openTarget(desk)
    const { admin, agent, ada, ticket, message } = target
    const made = [
      await admin.post('/v1/organizations', { name: 'Acme' }),
      await admin.post('/v1/teams', { name: 'First line' }),
      await admin.post('/v1/queues', { key: `q${++queues}`, name: 'Billing' }),
      await admin.post('/v1/categories', { name: 'Printers' }),
      await admin.post('/v1/api-keys', { name: 'Bot' }),
    ].map(({ body }) => body.id)
    const words = [String(ticket.number), 'me', 'none', 'open', 'ticket.created', 'billing', 'correct-horse-battery']
    const known = [ticket.id, message.id, admin.id, agent.id, ada.id, ada.session_id, admin.session_id, ...made, ...words]
    await fc.assert(
      fc.asyncProperty(shots(route, known), async (shot) => {
        fired++
        await fire(target, route, shot)
      }),
      { numRuns: RUNS, endOnFailure: true },
    )
  }
  await desk.settle()
  t.diagnostic(`${fired} requests to ${desk.app.routes.length} operations`)
  assert.doesNotMatch(desk.logged(), /"level":50/)
})

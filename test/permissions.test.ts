import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import type { Route } from '../src/platform/http/route.ts'
import { newId } from '../src/platform/ids.ts'
import type { Caller, Reply } from './desk.ts'
import { readEverything } from './permissions/reading.ts'
import { type Request, requests } from './permissions/requests.ts'
import { type Role, roles, signedIn } from './permissions/roles.ts'
import { expectations, table } from './permissions/table.ts'
import { buildWorld, canary, type World } from './permissions/world.ts'

test('who may do what, and sees what', async (t) => {
  const world = await buildWorld(t)
  const { routes } = world.desk.app

  await t.test('every operation has a line per role in the table, and a way to be requested', () => {
    const names = routes.map(({ operationId }) => operationId)
    const without = names.filter((name) => !table[name] || !requests[name])
    assert.deepEqual(without, [], 'these operations need lines in test/permissions/table.ts and requests.ts')
    assert.deepEqual(
      Object.keys(table).filter((name) => !names.includes(name)),
      [],
      'these operations are gone',
    )
    for (const operation of Object.values(table)) for (const role of roles) expectations(operation, role)
  })

  await t.test('everybody finds what he sees, in every list, search, count and log, and nothing else', async () => {
    for (const role of signedIn) if (role !== 'keyNarrow') await readEverything(world, role)
  })

  await t.test('hidden and missing tickets are the same, whatever is sent and however they are called', async () => {
    for (const role of ['requester', 'manager', 'raisingAgent', 'keyAgent'] as const)
      for (const route of routes) if (route.path.includes(':ticket')) await compareHidden(world, { route, role })
  })

  await t.test('everybody may do what the table says; hidden and missing are the same', async (t) => {
    const covered = new Set<string>()
    // What only looks comes first: what is written then shows names that were hidden before.
    const inOrder = [...routes].sort((a, b) => Number(a.method !== 'GET') - Number(b.method !== 'GET'))
    for (const route of inOrder)
      for (const role of roles) {
        await tryOperation(world, { route, role })
        covered.add(`${route.operationId} ${role}`)
      }
    const percent = (100 * covered.size) / (routes.length * roles.length)
    t.diagnostic(`operations × roles covered: ${routes.length} × ${roles.length}, ${percent} %`)
    assert.equal(percent, 100)
  })

  await t.test('every hidden word was found by those who may see it', (t) => {
    world.canaries.assertSeen()
    const { texts, answers } = world.canaries.counts()
    t.diagnostic(`${texts} hidden texts were looked for in ${answers} answers`)
  })

  await t.test('no other spelling of a path gets around the credential', async () => {
    for (const route of routes) {
      if (route.access === 'open') continue
      const { path, body } = await requestOf(world, { route, role: 'nobody', target: '', succeeds: false })
      for (const spelled of [
        path,
        path.replace('/v1/', '/%761/'),
        path.replace('/v1/', '/v%31/'),
        path.replace('/v1/', '/.//v1/'),
      ])
        for (const method of route.method === 'GET' ? (['GET', 'HEAD'] as const) : [route.method]) {
          const { statusCode } = await world.desk.app.server.inject({
            method,
            url: spelled,
            ...(body === undefined ? {} : { payload: body as object }),
          })
          assert.ok(statusCode === 401 || statusCode === 404, `${method} ${spelled} answers nobody with ${statusCode}`)
          if (spelled === path) assert.equal(statusCode, 401)
        }
    }
    for (const target of ['http://desk.test/v1/users', 'https://desk.test/v1/settings', '/%761/users'])
      assert.match(await rawGet(world, target), /^HTTP\/1\.1 401 /, target)
  })
})

/** Sends what a role may try of an operation, and holds each answer against the table. */
async function tryOperation(world: World, { route, role }: { route: Route; role: Role }): Promise<void> {
  const operation = table[route.operationId]
  assert.ok(operation, route.operationId)
  const refused: Reply[] = []
  for (const { target, status } of expectations(operation, role)) {
    const request = await requestOf(world, { route, role, target, succeeds: status < 300 })
    const { path, body, headers = {} } = request
    const reply = await send(request.caller ?? world.as[role], route, { path, body, headers })
    const told = `${role}: ${route.operationId} on ${target}: ${route.method} ${request.path}`
    assert.equal(reply.status, status, `${told}: ${reply.text}`)
    if (status === 404) refused.push(reply)
  }
  const [first, ...others] = refused.map(withoutNames)
  for (const other of others) assert.deepEqual(other, first, `${role}: ${route.operationId} tells hidden from missing`)
}

/** Names of a ticket that the role does not see, and of one that is not there, in each of the three forms. */
function namesOfHidden({ tickets }: World): { hidden: string; missing: string }[] {
  const { id, number } = tickets.freds
  return [
    { hidden: id, missing: newId('tkt') },
    { hidden: tickets.gone.id, missing: newId('tkt') },
    { hidden: String(number), missing: '900100' },
    { hidden: `ext:${canary('freds', 'external')}`, missing: 'ext:canarynothing' },
  ]
}

/** Requests that are odd in one way or another. */
const oddities: { query?: string; body?: unknown; headers?: Record<string, string> }[] = [
  {},
  { body: { bogus: true } },
  { query: '?bogus=1' },
  { headers: { 'if-match': '"p1"' } },
  { headers: { 'if-match': 'broken' } },
  { headers: { 'if-none-match': '*' } },
  { headers: { 'idempotency-key': 'once' } },
]

async function compareHidden(world: World, { route, role }: { route: Route; role: Role }): Promise<void> {
  const { path, body } = await requestOf(world, { route, role, target: 'missing', succeeds: false })
  const before = path.split('/')
  for (const odd of oddities)
    for (const names of namesOfHidden(world)) {
      const ask = (name: string): Promise<Reply> => {
        const url = [...before.slice(0, 3), encodeURIComponent(name), ...before.slice(4)].join('/') + (odd.query ?? '')
        const sent = { path: url, body: odd.body && body ? odd.body : body, ...(odd.headers ? { headers: odd.headers } : {}) }
        return send(world.as[role], route, sent)
      }
      const [hidden, missing] = [await ask(names.hidden), await ask(names.missing)]
      assert.ok(hidden.status >= 400)
      const told = `${role}: ${route.operationId} of ${names.hidden} with ${JSON.stringify(odd)}`
      assert.deepEqual(withoutNames(hidden), withoutNames(missing), told)
    }
}

async function requestOf(
  world: World,
  { route, ...cell }: { route: Route; role: Role; target: string; succeeds: boolean },
): Promise<Request & { path: string }> {
  const request = (await requests[route.operationId]?.({ world, ...cell })) ?? {}
  const path = route.path.replaceAll(/:([a-z_]+)/g, (_, name) => encodeURIComponent(request.params?.[name] ?? ''))
  return { ...request, path: path + (request.query ?? '') }
}

function send(
  caller: Caller,
  { method }: Pick<Route, 'method'>,
  { path, body, headers }: Pick<Request, 'body'> & { path: string; headers?: Record<string, string> },
): Promise<Reply> {
  switch (method) {
    case 'GET':
      return caller.get(path, headers)
    case 'DELETE':
      return caller.delete(path, headers)
    case 'POST':
      return caller.post(path, body, headers)
    case 'PATCH':
      return caller.patch(path, body, headers)
    case 'PUT':
      return caller.put(path, body, headers)
  }
}

/** An answer without what differs between any two. */
function withoutNames({ status, headers, text, body }: Reply) {
  const { 'request-id': _, date: __, ratelimit: ___, ...rest } = headers
  return { status, headers: rest, text: text.replaceAll(body?.request_id ?? ' ', 'req_') }
}

/** The answer to a request line that no client library would send. */
async function rawGet({ desk }: World, target: string): Promise<string> {
  const { server } = desk.app
  if (!server.server.listening) await server.listen({ port: 0, host: '127.0.0.1' })
  const [address] = server.addresses()
  assert.ok(typeof address === 'object')
  const socket = connect(address.port, '127.0.0.1')
  socket.end(`GET ${target} HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\n\r\n`)
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

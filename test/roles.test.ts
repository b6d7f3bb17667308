import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { openDesk } from './desk.ts'

// A role is for nodes that share a server; which database the desk really runs on is not its business.
const shared = { DATABASE_URL: 'mysql://beckon@127.0.0.1:9/beckon', BECKON_SECRET: 's'.repeat(40) }
const registration = { email: 'ada@example.com', password: 'seven green umbrellas', name: 'Ada' }

test('an api node answers and leaves the work to a worker, which does it and answers nothing else', async (t) => {
  const desk = await openDesk(t, { env: { ...shared, BECKON_ROLE: 'api' } })
  const worker = await desk.node(desk.clock, { BECKON_ROLE: 'worker' })

  const registered = await desk.anyone.post('/v1/auth/register', registration)
  const before = await desk.mails()
  await worker.app.settle()
  const after = await desk.mails()
  const ready = await worker.app.server.inject('/readyz')
  const refused = await worker.app.server.inject('/v1/tickets')

  assert.equal(registered.status, 202)
  assert.deepEqual(before, [])
  assert.equal(after.length, 1)
  assert.equal(ready.statusCode, 200)
  assert.deepEqual([refused.statusCode, refused.json().code], [404, 'route_not_found'])
  assert.deepEqual(
    worker.app.routes.map(({ path }) => path).filter((path) => path.startsWith('/v1')),
    [],
  )
})

test('a node that retires is not ready and ends connections with the next answer, but answers', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()

  desk.app.retire()
  const ready = await desk.anyone.get('/readyz')
  const live = await desk.anyone.get('/livez')
  const raised = await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })

  assert.deepEqual([ready.status, ready.body.code, ready.headers['retry-after']], [503, 'shutting_down', '1'])
  assert.equal(live.status, 200)
  assert.deepEqual([raised.status, raised.headers.connection], [201, 'close'])
})

test('a request that comes on an open connection while the node closes is answered', async (t) => {
  const desk = await openDesk(t)
  const node = await desk.node(desk.clock)
  await node.app.server.listen({ port: 0, host: '127.0.0.1' })
  const { port } = new URL(node.app.server.listeningOrigin)
  const socket = connect(Number(port), '127.0.0.1')
  let answers = ''
  socket.on('data', (chunk) => {
    answers += chunk
  })
  // One whole request, and in the same piece the beginning of the next: once the first is answered, the second has begun.
  const head = 'GET /livez HTTP/1.1\r\nHost: localhost\r\n'
  socket.write(`${head}\r\n${head}`)
  await once(socket, 'data')

  const closing = node.close()
  socket.write('\r\n')
  await Promise.all([closing, once(socket, 'close')])

  const [, first, second] = answers.split('HTTP/1.1 ')
  assert.match(first ?? '', /^200 [\s\S]*connection: keep-alive/i)
  assert.match(second ?? '', /^200 [\s\S]*connection: close/i)
})

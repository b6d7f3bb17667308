import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { EventSource } from 'eventsource'
import { clientsOf, coming, openLiveDesk, refusedWith } from '../../../test/live.ts'

test('a requester hears the answer to his ticket as it is written, and nothing of notes', async (t) => {
  const desk = await openLiveDesk(t)
  const [ada, ann] = [await desk.person(), await desk.person({ role: 'agent' })]
  const ticket = (await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })).body
  const stream = await desk.stream(`?topics=ticket:${ticket.number}`, { bearer: ada.token })
  const ready = await stream.blocks.until(({ event }) => event === 'ready')

  const messages = `/v1/tickets/${ticket.id}/messages`
  await ann.post(messages, { body: 'canary note', visibility: 'internal' })
  const answer = (await ann.post(messages, { body: 'Use water.' })).body
  const heard = await stream.blocks.until(({ data }) => data?.type === 'message.created')

  const { headers } = stream.response
  assert.equal(headers['content-type'], 'text/event-stream; charset=utf-8')
  assert.equal(headers['cache-control'], 'no-store')
  assert.equal(headers['x-accel-buffering'], 'no')
  assert.equal(headers['content-encoding'], undefined)
  assert.match(String(headers['request-id']), /^req_/)
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.deepEqual(stream.blocks.all[0], { retry: '2000' })
  assert.deepEqual(ready.data, { type: 'ready', position: Number(ready.id), topics: [`ticket:${ticket.id}`] })
  assert.equal(heard.event, undefined)
  const log = await ada.get(`/v1/events?after=${ready.id}&include=object,ticket`)
  assert.deepEqual(
    heard.data,
    log.body.data.find(({ subject }: { subject: { id: string } }) => subject.id === answer.id),
  )
  assert.equal(heard.id, String(heard.data.position))
  assert.doesNotMatch(stream.text(), /canary/)
})

test('who comes back with the last id gets exactly what he missed', async (t) => {
  const desk = await openLiveDesk(t)
  const [ada, ann] = [await desk.person(), await desk.person({ role: 'agent' })]
  const ticket = (await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })).body
  const messages = `/v1/tickets/${ticket.id}/messages`
  const first = await desk.stream(`?topics=ticket:${ticket.id}`, { bearer: ada.token })
  const { id = '' } = await first.blocks.until(({ event }) => event === 'ready')
  first.close()
  for (const body of ['One.', 'Two.', 'Three.']) await ann.post(messages, { body })

  const headers = { 'last-event-id': id }
  const again = await desk.stream(`?topics=ticket:${ticket.id}&after=0`, { bearer: ada.token, headers })
  await again.blocks.until(({ data }) => data?.object?.body === 'Three.')
  const bodies = again.blocks.all.flatMap(({ data }) => (data?.type === 'message.created' ? [data.object.body] : []))

  assert.deepEqual(bodies, ['One.', 'Two.', 'Three.'])
  const wrong = await refusedWith(desk.stream('?topics=me', { bearer: ada.token, headers: { 'last-event-id': 'x' } }))
  assert.deepEqual([wrong.status, wrong.body.code], [400, 'invalid_parameter'])
})

test('what cannot be heard is refused before the stream begins', async (t) => {
  const desk = await openLiveDesk(t)
  const [ada, bob, admin] = [await desk.person(), await desk.person(), await desk.person({ role: 'admin' })]
  const ticket = (await bob.post('/v1/tickets', { subject: 'Bobs', body: 'His.' })).body
  const key = (await admin.post('/v1/api-keys', { name: 'K', scopes: ['events:read'] })).body
  const refused = async (query: string, bearer?: string) => {
    const { status, body, headers } = await refusedWith(desk.stream(query, bearer === undefined ? {} : { bearer }))
    assert.match(String(headers['content-type']), /^application\/problem\+json/)
    assert.equal(headers['request-id'], body.request_id)
    return [status, body.code]
  }

  assert.deepEqual(await refused(`?topics=ticket:${ticket.id}`, ada.token), [404, 'not_found'])
  assert.deepEqual(await refused('?topics=me,ticket:999999', ada.token), [404, 'not_found'])
  assert.deepEqual(await refused('', ada.token), [400, 'invalid_parameter'])
  assert.deepEqual(await refused('?topics=nothing', ada.token), [400, 'invalid_parameter'])
  assert.deepEqual(await refused('?topics=me&after=-1', ada.token), [400, 'invalid_parameter'])
  assert.deepEqual(await refused('?topics=me&afterwards=1', ada.token), [400, 'unknown_parameter'])
  assert.deepEqual(await refused('?topics=me'), [401, 'unauthenticated'])
  assert.deepEqual(await refused('?topics=me', 'nobody'), [401, 'invalid_token'])
  assert.deepEqual(await refused('?topics=all', key.secret), [403, 'forbidden'])
  assert.equal(desk.app.hub.count().connections, 0)
})

test('a token opens one stream, and no other operation', async (t) => {
  const desk = await openLiveDesk(t)
  const ada = await desk.person()
  const { token } = (await ada.post('/v1/realtime/tokens')).body

  const other = await desk.anyone.get(`/v1/me?token=${token}`)
  const stream = await desk.stream(`?topics=me&token=${token}`)
  await stream.blocks.until(({ event }) => event === 'ready')
  const again = await refusedWith(desk.stream(`?topics=me&token=${token}`))

  assert.deepEqual([other.status, other.body.code], [401, 'unauthenticated'])
  assert.deepEqual([again.status, again.body.code], [401, 'invalid_token'])
  stream.close()
  await stream.ended
  assert.doesNotMatch(desk.logged(), /beckon_rt_|topics=/)
})

test('HEAD says what a stream is, and opens none', async (t) => {
  const desk = await openLiveDesk(t)
  const ada = await desk.person()

  const answer = await fetch(`${desk.url}/v1/stream?topics=me`, {
    method: 'HEAD',
    headers: { authorization: `Bearer ${ada.token}` },
  })

  assert.equal(answer.status, 200)
  assert.match(answer.headers.get('content-type') ?? '', /^text\/event-stream/)
  assert.equal(desk.app.hub.count().connections, 0)
})

test('a stream ends with its session, and says so', async (t) => {
  const desk = await openLiveDesk(t)
  const ada = await desk.person()
  const stream = await desk.stream('?topics=me', { bearer: ada.token })
  await stream.blocks.until(({ event }) => event === 'ready')

  await ada.post('/v1/auth/logout')
  await stream.ended

  const last = stream.blocks.all.at(-1)
  assert.deepEqual([last?.event, last?.data.problem.code, last?.data.problem.status], ['error', 'invalid_token', 401])
  assert.equal(desk.app.hub.count().connections, 0)
})

test('a server that stops says so on each stream, and stops at once', async (t) => {
  const desk = await openLiveDesk(t)
  const ada = await desk.person()
  const node = await desk.node(desk.clock)
  await node.app.server.listen({ port: 0, host: '127.0.0.1' })
  const clients = clientsOf(t, Number(new URL(node.app.server.listeningOrigin).port))
  const stream = await clients.stream('?topics=me', { bearer: ada.token })
  const socket = await clients.socket('?topics=me', { bearer: ada.token })
  await stream.blocks.until(({ event }) => event === 'ready')

  const began = performance.now()
  await node.close()

  await stream.ended
  assert.equal(stream.blocks.all.at(-1)?.data.problem.code, 'shutting_down')
  assert.deepEqual(await socket.closed, { code: 1001, reason: 'stopping' })
  assert.ok(performance.now() - began < 4000)
})

test('the EventSource of a browser hears events as messages, and comes back by itself where it was', async (t) => {
  const desk = await openLiveDesk(t)
  const [ada, ann] = [await desk.person(), await desk.person({ role: 'agent' })]
  const ticket = (await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })).body
  await desk.settle()
  const open = new EventSource(`${desk.url}/v1/stream?topics=ticket:${ticket.id}`, {
    fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${ada.token}` } }),
  })
  t.after(() => open.close())
  const heard = coming<{ id: string; body: string | undefined }>()
  open.addEventListener('message', ({ data, lastEventId }) =>
    heard.push({ id: lastEventId, body: JSON.parse(data).object?.body }),
  )
  await once(open, 'ready')

  await ann.post(`/v1/tickets/${ticket.id}/messages`, { body: 'One.' })
  const one = await heard.until(({ body }) => body === 'One.')
  desk.app.server.server.closeAllConnections()
  await ann.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Two.' })
  const two = await heard.until(({ body }) => body === 'Two.')

  assert.ok(Number(two.id) > Number(one.id))
  assert.deepEqual(
    heard.all.flatMap(({ body }) => body ?? []),
    ['One.', 'Two.'],
  )
})

test('who is told much, and more than the network takes at once, hears all of it in order', async (t) => {
  const desk = await openLiveDesk(t)
  const ada = await desk.person()
  const ticket = (await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })).body
  const stream = await desk.stream('?topics=all', { bearer: ada.token })
  const socket = await desk.socket('?topics=all', { bearer: ada.token })
  const many = Array.from({ length: 40 }, (_, i) => `${i} ${'x'.repeat(30_000)}`)

  stream.response.pause()
  socket.socket.pause()
  for (const body of many.slice(0, 20)) await ada.post(`/v1/tickets/${ticket.id}/messages`, { body })
  stream.response.resume()
  socket.socket.resume()
  for (const body of many.slice(20)) await ada.post(`/v1/tickets/${ticket.id}/messages`, { body })
  await stream.blocks.until(({ data }) => data?.object?.body === many.at(-1))
  await socket.frames.until(({ event }) => event?.object?.body === many.at(-1))

  const inStream = stream.blocks.all.flatMap(({ data }) => (data?.type === 'message.created' ? [data.object.body] : []))
  const inSocket = socket.frames.all.flatMap(({ event }) => (event?.type === 'message.created' ? [event.object.body] : []))
  assert.ok(isDeepStrictEqual(inStream, many))
  assert.ok(isDeepStrictEqual(inSocket, many))
})

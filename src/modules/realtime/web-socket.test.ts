import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WebSocket as WsClient } from 'ws'
import { coming, openLiveDesk, refusedWith } from '../../../test/live.ts'

test('people talk inside a ticket, see each other write, and read', async (t) => {
  const desk = await openLiveDesk(t)
  const [ada, ann] = [await desk.person({ name: 'Ada' }), await desk.person({ role: 'agent', name: 'Ann' })]
  const ticket = (await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })).body
  const hers = await desk.socket(`?topics=ticket:${ticket.number}`, { bearer: ada.token })
  const anns = await desk.socket('', { bearer: ann.token })
  await desk.announcements()

  assert.deepEqual((await anns.frames.until(({ type }) => type === 'ready')).topics, [])
  anns.say({ type: 'subscribe', ref: 's1', topics: [`ticket:${ticket.number}`] })
  const subscribed = await anns.frames.until(({ ref }) => ref === 's1')
  assert.deepEqual([subscribed.type, subscribed.topics], ['subscribed', [`ticket:${ticket.id}`]])
  hers.say({ type: 'typing', ticket: ticket.id })
  const writing = await anns.frames.until(({ type }) => type === 'typing')
  assert.deepEqual([writing.user, writing.visibility, writing.active], [{ id: ada.id, name: 'Ada' }, 'public', true])
  anns.say({ type: 'typing', ticket: ticket.id, visibility: 'internal' })
  anns.say({ type: 'presence', ticket: ticket.id })
  anns.say({ type: 'send', ref: 'n', ticket: ticket.id, body: 'canary note', visibility: 'internal', client_id: 'n1' })
  anns.say({ type: 'send', ref: 'm', ticket: String(ticket.number), body: 'Use **water**.', client_id: 'm1' })
  const acked = await anns.frames.until(({ ref }) => ref === 'm')
  const heard = await hers.frames.until(({ event }) => event?.type === 'message.created')

  assert.deepEqual([acked.type, acked.status, acked.client_id], ['ack', 201, 'm1'])
  assert.deepEqual(acked.message, (await ann.get(`/v1/tickets/${ticket.id}/messages/${acked.message.id}`)).body)
  assert.deepEqual(heard.event.object, (await ada.get(`/v1/tickets/${ticket.id}/messages/${acked.message.id}`)).body)
  hers.say({ type: 'read', ticket: ticket.id })
  const read = await anns.frames.until(({ type }) => type === 'read')
  assert.deepEqual([read.user.id, read.last_read_message_id], [ada.id, acked.message.id])
  assert.doesNotMatch(hers.text(), /canary|internal|"presence"/)
  await desk.announced(['message.created', 'message.created', 'ticket.status_changed'])
})

test('a message that is sent again is answered with the first one', async (t) => {
  const desk = await openLiveDesk(t)
  const ada = await desk.person()
  const ticket = (await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })).body
  const { frames, say } = await desk.socket('', { bearer: ada.token })
  await desk.announcements()

  for (const ref of ['1', '2']) say({ type: 'send', ref, ticket: ticket.id, body: 'Still.', client_id: 'same' })
  const [first, second] = [await frames.until(({ ref }) => ref === '1'), await frames.until(({ ref }) => ref === '2')]

  assert.deepEqual([first.status, second.status], [201, 200])
  assert.deepEqual(second.message, first.message)
  await desk.announced(['message.created'])
})

test('what is wrong is answered by an error that names the frame, and nothing is done', async (t) => {
  const desk = await openLiveDesk(t)
  const [ada, bob] = [await desk.person(), await desk.person()]
  const ticket = (await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })).body
  const bobs = (await bob.post('/v1/tickets', { subject: 'Bobs', body: 'His.' })).body
  const { frames, say, socket } = await desk.socket('', { bearer: ada.token })
  await desk.announcements()
  const send = { type: 'send', ticket: ticket.id, body: 'x', client_id: 'c' }
  const wrong: [object, string][] = [
    [{ type: 'subscribe', topics: [`ticket:${bobs.id}`] }, 'not_found'],
    [{ type: 'subscribe', topics: ['nothing'] }, 'validation_failed'],
    [{ type: 'subscribe' }, 'validation_failed'],
    [{ type: 'suscribe', topics: ['me'] }, 'unknown_frame'],
    [{ ...send, ticket: bobs.id }, 'not_found'],
    [{ ...send, body: ' ' }, 'validation_failed'],
    [{ ...send, visibility: 'internal' }, 'validation_failed'],
    [{ ...send, bogus: 1 }, 'validation_failed'],
    [{ ...send, attachment_ids: Array.from({ length: 21 }, (_, i) => `att_${i}`) }, 'validation_failed'],
    [{ ...send, expected_last_message_id: null }, 'conversation_moved_on'],
    [{ type: 'typing', ticket: bobs.id }, 'not_found'],
    [{ type: 'typing', ticket: ticket.id, visibility: 'internal' }, 'forbidden'],
    [{ type: 'presence', ticket: bobs.id }, 'not_found'],
    [{ type: 'read', ticket: bobs.id }, 'not_found'],
  ]

  for (const [i, [frame, code]] of wrong.entries()) {
    const ref = `r${i}`
    say({ ...frame, ref })
    const answer = await frames.until((one) => one.ref === ref)
    assert.deepEqual([answer.type, answer.problem.code], ['error', code], JSON.stringify(answer))
    assert.match(answer.problem.request_id, /^req_/)
    if ('client_id' in frame) assert.equal(answer.client_id, 'c')
  }
  socket.send('[1]')
  await frames.until(({ type, ref, problem }) => type === 'error' && ref === undefined && problem.code === 'unknown_frame')
  say({ type: 'ping', ref: 'still' })
  await frames.until(({ type, ref }) => type === 'pong' && ref === 'still')
  await desk.announced([])
})

test('what cannot be read ends the connection, after an error', async (t) => {
  const desk = await openLiveDesk(t)
  const ada = await desk.person()
  const unreadable = [
    '{"type":"ping"',
    '',
    '{"type":"ping","type":"ping"}',
    `${'['.repeat(40)}${']'.repeat(40)}`,
    Buffer.from('{"type":"ping"}'),
  ]

  for (const data of unreadable) {
    const { socket, frames, closed } = await desk.socket('', { bearer: ada.token })
    socket.send(data)
    assert.equal((await frames.until(({ type }) => type === 'error')).problem.code, 'unreadable_frame')
    assert.deepEqual(await closed, { code: 4400, reason: 'unreadable' })
  }
})

test('frames that come too fast, too many or too large end the connection', async (t) => {
  const desk = await openLiveDesk(t, { env: { BECKON_BODY_LIMIT_BYTES: '200000' } })
  const ada = await desk.person()
  const open = () => desk.socket('', { bearer: ada.token })

  const pings = await open()
  for (let count = 0; count < 21; count++) pings.say({ type: 'ping' })
  assert.deepEqual(await pings.closed, { code: 4429, reason: 'too_many_frames' })

  const low = await open()
  for (let count = 0; count < 21; count++) low.socket.ping()
  assert.equal((await low.closed).code, 4429)

  const many = await open()
  for (let count = 0; count < 400; count++) many.say({ type: 'subscribe', topics: ['me'] })
  assert.equal((await many.closed).code, 4429)

  const large = await open()
  large.say({ type: 'ping', ref: 'x'.repeat(90), pad: 'x'.repeat(70_000) })
  assert.equal((await large.frames.until(({ type }) => type === 'error')).problem.code, 'validation_failed')

  const giant = await open()
  giant.say({ type: 'send', body: 'x'.repeat(250_000) })
  assert.equal((await giant.closed).code, 1009)
  assert.equal((await ada.get('/v1/me')).status, 200)
})

test('frames count against the limit of the caller, as requests do', async (t) => {
  const desk = await openLiveDesk(t, { env: { BECKON_RATE_LIMIT_PER_MINUTE: '10' } })
  const ada = await desk.person()
  const { frames, say, headers } = await desk.socket('', { bearer: ada.token })

  for (let count = 0; count < 12; count++) say({ type: 'subscribe', ref: `r${count}`, topics: ['me'] })
  const last = await frames.until(({ ref }) => ref === 'r11')

  assert.match(String(headers.ratelimit), /^"default";r=9;t=\d+$/)
  assert.match(String(headers['request-id']), /^req_/)
  assert.equal(headers['sec-websocket-protocol'], 'beckon.v1+json')
  assert.equal(last.problem.code, 'rate_limited')
  assert.equal(frames.all.filter(({ type }) => type === 'subscribed').length, 9)
})

test('topics are left, and heard again from a position', async (t) => {
  const desk = await openLiveDesk(t)
  const [ada, ann] = [await desk.person(), await desk.person({ role: 'agent' })]
  const ticket = (await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })).body
  const { frames, say } = await desk.socket(`?topics=me,ticket:${ticket.id}`, { bearer: ada.token })
  const { position } = await frames.until(({ type }) => type === 'ready')
  await ann.post(`/v1/tickets/${ticket.id}/messages`, { body: 'One.' })
  await frames.until(({ event }) => event?.object?.body === 'One.')

  say({ type: 'resume', ref: 'again', after: position })
  await frames.until(({ ref }) => ref === 'again')
  const heard = () => frames.all.filter(({ event }) => event?.object?.body === 'One.')
  await frames.until(() => heard().length === 2)
  say({ type: 'unsubscribe', ref: 'less', topics: [`ticket:${ticket.number}`] })
  const left = await frames.until(({ ref }) => ref === 'less')
  say({ type: 'unsubscribe', ref: 'none', topics: ['me'] })
  const none = await frames.until(({ ref }) => ref === 'none')

  assert.deepEqual([left.topics, none.topics], [['me'], []])
})

test('a socket ends with its session, its key, or its owner', async (t) => {
  const desk = await openLiveDesk(t)
  const [admin, ada, bob] = [await desk.person({ role: 'admin' }), await desk.person(), await desk.person()]
  const key = (await admin.post('/v1/api-keys', { name: 'K' })).body
  const sockets = []
  for (const bearer of [ada.token, bob.token, key.secret]) sockets.push(await desk.socket('?topics=all', { bearer }))

  await ada.post('/v1/auth/logout')
  await admin.patch(`/v1/users/${bob.id}`, { active: false })
  await admin.delete(`/v1/api-keys/${key.id}`)

  for (const { closed } of sockets) assert.deepEqual(await closed, { code: 4401, reason: 'signed_out' })
})

test('an agent who comes in sees who is there already; who goes is seen to go', async (t) => {
  const desk = await openLiveDesk(t)
  const [ann, ben] = [await desk.person({ role: 'agent', name: 'Ann' }), await desk.person({ role: 'agent' })]
  const ada = await desk.person()
  const ticket = (await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })).body
  const topics = `?topics=ticket:${ticket.id}`
  const anns = await desk.socket(topics, { bearer: ann.token })
  const annsToo = await desk.socket(topics, { bearer: ann.token })
  const others = await desk.socket(topics, { bearer: (await desk.person({ role: 'agent' })).token })
  anns.say({ type: 'presence', ticket: ticket.id })
  anns.say({ type: 'typing', ticket: ticket.id, visibility: 'internal' })
  await others.frames.until(({ type }) => type === 'typing')

  const bens = await desk.socket(topics, { bearer: ben.token })
  const stream = await desk.stream(topics, { bearer: ben.token })
  const [looking, writing] = [
    await bens.frames.until(({ type }) => type === 'presence'),
    await bens.frames.until(({ type }) => type === 'typing'),
  ]
  await stream.blocks.until(({ event }) => event === 'presence')
  const adas = await desk.stream(topics, { bearer: ada.token })
  anns.socket.terminate()
  const gone = await bens.frames.until(({ type, active }) => type === 'presence' && !active)

  assert.deepEqual([looking.user.name, looking.active], ['Ann', true])
  assert.deepEqual([writing.visibility, writing.active], ['internal', true])
  assert.equal(gone.user.id, ann.id)
  assert.doesNotMatch(adas.text(), /presence|typing/)
  // Nobody is told of himself, in whichever tab.
  assert.doesNotMatch(anns.text() + annsToo.text(), /presence|typing/)
})

test('what a client says has arrived counts as delivered to it', async (t) => {
  const desk = await openLiveDesk(t)
  const [ada, ann] = [await desk.person(), await desk.person({ role: 'agent' })]
  const ticket = (await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })).body
  const [hers, anns] = [
    await desk.socket('?topics=me', { bearer: ada.token }),
    await desk.socket(`?topics=ticket:${ticket.id}`, { bearer: ann.token }),
  ]
  const message = (await ann.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Use water.' })).body
  const { event } = await hers.frames.until((frame) => frame.event?.subject.id === message.id)

  hers.say({ type: 'ack', position: event.position })
  const delivered = await anns.frames.until(({ type }) => type === 'read')

  assert.deepEqual([delivered.user.id, delivered.last_delivered_message_id], [ada.id, message.id])
  assert.equal(delivered.last_read_message_id, null)
})

test('a browser opens a socket from pages that an operator has listed, with a token', async (t) => {
  const desk = await openLiveDesk(t, { env: { BECKON_CORS_ORIGINS: 'https://app.example.com' } })
  const ada = await desk.person()
  const token = async () => (await ada.post('/v1/realtime/tokens')).body.token
  const open = async (origin: string) => desk.socket(`?topics=me&token=${await token()}`, { headers: { origin } })

  await open('https://app.example.com')
  await open(desk.config.publicUrl)
  // The page of /docs/realtime, by whatever name somebody opened it.
  await open(`http://127.0.0.1:${desk.port}`)
  for (const origin of [
    'https://evil.example.com',
    'null',
    `http://localhost:${desk.port}`,
    'http://127.0.0.1',
    'https://app.example.com.evil.example.com',
  ]) {
    const refused = await refusedWith(open(origin))
    assert.deepEqual([refused.status, refused.body.code], [403, 'origin_not_allowed'])
  }
  // The built-in client of browsers, and of Node.
  const heard = coming<string>()
  const socket = new WebSocket(`ws://127.0.0.1:${desk.port}/v1/ws?token=${await token()}`, ['beckon.v1+json'])
  socket.addEventListener('message', ({ data }) => heard.push(String(data)))
  await heard.until((text) => text.includes('"ready"'))
  socket.close()
})

test('who answers no ping is not sent more and more, and gets the rest once he answers', async (t) => {
  const desk = await openLiveDesk(t)
  const ada = await desk.person()
  const ticket = (await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })).body
  await desk.settle()
  const socket = new WsClient(`ws://127.0.0.1:${desk.port}/v1/ws?topics=all`, ['beckon.v1+json'], {
    autoPong: false,
    headers: { authorization: `Bearer ${ada.token}` },
  })
  t.after(() => socket.terminate())
  const [heard, pings] = [coming<string>(), coming<Buffer>()]
  let bytes = 0
  // The heartbeat's have no data.
  socket.on('ping', (data) => data.length > 0 && pings.push(data))
  socket.on('message', (data) => {
    const { type, event } = JSON.parse(String(data))
    bytes += String(data).length
    if (type !== 'ping') heard.push(event?.object.body.slice(0, 10) ?? type)
  })
  await heard.until((what) => what === 'ready')
  const many = Array.from({ length: 25 }, (_, i) => `${i} ${'x'.repeat(20_000)}`)

  for (const body of many) await ada.post(`/v1/tickets/${ticket.id}/messages`, { body })
  await desk.settle()
  await pings.until((data) => Number(data) > 300_000)
  await ada.get('/v1/me')
  assert.ok(bytes < 400_000, `${bytes} bytes were sent`)
  socket.on('ping', (data) => socket.pong(data))
  socket.pong(pings.all.at(-1))
  await heard.until((what) => what === many.at(-1)?.slice(0, 10))

  assert.deepEqual(heard.all, ['ready', ...many.map((body) => body.slice(0, 10))])
})

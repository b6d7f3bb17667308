import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Caller, type Json, openDesk } from '../../../test/desk.ts'

const printer = { subject: 'The printer is on fire', body: 'Help' }

test('fifty agents claim from one queue at once, ten rounds, on two nodes: no ticket twice, none left', async (t) => {
  const desk = await openDesk(t, { env: { BECKON_ACCESS_TOKEN_SECONDS: '3600' } })
  const root = await desk.person({ role: 'admin' })
  const queue: string = (await root.get('/v1/queues')).body.data[0].id
  const agents = await Promise.all(Array.from({ length: 50 }, () => desk.person({ role: 'agent' })))
  const other = process.env.TEST_DATABASE_URL ? await desk.node(desk.clock) : undefined
  const callers: Caller[] = agents.map((agent, i) => (other && i % 2 === 1 ? { ...agent, ...other.bearer(agent.token) } : agent))
  const taken: string[] = []
  for (let round = 0; round < 10; round++) {
    // Fewer than claim: somebody goes away empty.
    for (let i = 0; i < 45; i += 15) {
      const raised = await Promise.all(Array.from({ length: 15 }, () => root.post('/v1/tickets', printer)))
      assert.deepEqual(
        raised.map(({ status }) => status),
        Array(15).fill(201),
      )
    }

    const replies = await Promise.all(callers.map((caller) => caller.post(`/v1/queues/${queue}/claim`)))

    assert.deepEqual(replies.map(({ status }) => status).sort(), [...Array(45).fill(200), ...Array(5).fill(204)])
    taken.push(...replies.filter(({ status }) => status === 200).map(({ body }) => body.id))
  }
  assert.equal(taken.length, 450)
  assert.equal(new Set(taken).size, 450)
  assert.equal((await root.get('/v1/tickets?assignee_id=none&include=total')).body.total, 0)
})

test('claiming the next one passes over what the agent has not the skills for; a ticket by name is his own choice', async (t) => {
  const desk = await openDesk(t, { env: { BECKON_ACCESS_TOKEN_SECONDS: '3600' } })
  const root = await desk.person({ role: 'admin' })
  const queue: string = (await root.get('/v1/queues')).body.data[0].id
  const [tom, tim] = [await desk.person({ role: 'agent' }), await desk.person({ role: 'agent' })]
  await root.patch(`/v1/agents/${tim.id}`, { skills: ['tax'] })
  const ids: string[] = []
  // More than are looked at before the whole line is searched.
  for (let i = 0; i < 22; i++) {
    const { body } = await root.post('/v1/tickets', printer)
    ids.push(body.id)
    if (i < 21) await root.put(`/v1/tickets/${body.id}/skills`, { skills: ['tax'], relax_after_seconds: 600 })
  }
  const next = async (who: Caller): Promise<[number, string?]> => {
    const { status, body } = await who.post(`/v1/queues/${queue}/claim`)
    return [status, body?.id]
  }

  assert.deepEqual(await next(tom), [200, ids[21]])
  assert.deepEqual(await next(tom), [204, undefined])
  assert.deepEqual(await next(tim), [200, ids[0]])
  assert.equal((await tom.post(`/v1/tickets/${ids[3]}/claim`)).status, 200)
  desk.clock.advance(600_000)
  assert.deepEqual(await next(tom), [200, ids[1]])
})

test('who is away, and who has all that he can take, may claim still', async (t) => {
  const desk = await openDesk(t, { env: { BECKON_ACCESS_TOKEN_SECONDS: '3600' } })
  const root = await desk.person({ role: 'admin' })
  const queue: string = (await root.get('/v1/queues')).body.data[0].id
  const tom = await desk.person({ role: 'agent' })
  await root.patch(`/v1/agents/${tom.id}`, { capacity: 0, availability: 'away' })
  await root.post('/v1/tickets', printer)

  assert.equal((await tom.post(`/v1/queues/${queue}/claim`)).status, 200)
})

test('what was claimed and left untouched goes back after the time of its queue', async (t) => {
  const desk = await openDesk(t, { env: { BECKON_ACCESS_TOKEN_SECONDS: '3600' } })
  const root = await desk.person({ role: 'admin' })
  const tom = await desk.person({ role: 'agent' })
  const ada = await desk.person()
  const { body: queue } = await root.post('/v1/queues', {
    key: 'q',
    name: 'Q',
    public: true,
    assignment: { claim_ttl_seconds: 600 },
  })
  const raise = async () => (await ada.post('/v1/tickets', { ...printer, queue_id: queue.id })).body.id as string
  const assignee = async (id: string) => (await root.get(`/v1/tickets/${id}`)).body.assignee_id
  const acts: Record<string, (path: string) => Promise<unknown>> = {
    nothing: async () => {},
    'somebody else writes': (path) => ada.post(`${path}/messages`, { body: 'Any news?' }),
    answers: (path) => tom.post(`${path}/messages`, { body: 'Coming.' }),
    'writes a note': (path) => tom.post(`${path}/messages`, { body: 'Hm.', visibility: 'internal' }),
    waits: (path) => tom.patch(path, { status: 'pending' }),
    tags: (path) => tom.post(`${path}/tags`, { tags: ['fire'] }),
    'is given it by another': (path) => root.patch(path, { assignee_id: root.id }),
  }
  const claimed = new Map<string, string>()
  for (const name of Object.keys(acts)) {
    const id = await raise()
    if (claimed.size % 2 === 0) await tom.post(`/v1/tickets/${id}/claim`)
    else assert.equal((await tom.post(`/v1/queues/${queue.id}/claim`)).body.id, id)
    claimed.set(name, id)
  }
  for (const [name, act] of Object.entries(acts)) await act(`/v1/tickets/${claimed.get(name)}`)
  await desk.announcements()

  desk.clock.advance(599_000)
  await desk.announced([])
  desk.clock.advance(1000)
  const news = await desk.announcements()

  assert.deepEqual(
    news.flatMap(({ type, actor_id, data }) => [type, actor_id, data]),
    [
      ...['ticket.assigned', 'system', { assignee_id: null, reason: 'claim_expired' }],
      ...['ticket.assigned', 'system', { assignee_id: null, reason: 'claim_expired' }],
    ],
  )
  for (const [name, id] of claimed) {
    const goesBack = name === 'nothing' || name === 'somebody else writes'
    assert.equal(await assignee(id), goesBack ? null : name === 'is given it by another' ? root.id : tom.id, name)
  }
})

test('the time of a claim begins anew with a new claim, and follows the queue', async (t) => {
  const desk = await openDesk(t, { env: { BECKON_ACCESS_TOKEN_SECONDS: '3600' } })
  const root = await desk.person({ role: 'admin' })
  const [tom, tim] = [await desk.person({ role: 'agent' }), await desk.person({ role: 'agent' })]
  const { body: queue } = await root.post('/v1/queues', { key: 'q', name: 'Q', assignment: { claim_ttl_seconds: 600 } })
  const path = `/v1/tickets/${(await root.post('/v1/tickets', { ...printer, queue_id: queue.id })).body.id}`
  const assignee = async (): Promise<Json> => (await root.get(path)).body.assignee_id

  await tom.post(`${path}/claim`)
  desk.clock.advance(300_000)
  await tom.post(`${path}/release`)
  await tim.post(`${path}/claim`)
  desk.clock.advance(300_000)
  await desk.settle()
  assert.equal(await assignee(), tim.id)
  await root.patch(`/v1/queues/${queue.id}`, { assignment: { claim_ttl_seconds: 900 } })
  desk.clock.advance(300_000)
  await desk.settle()
  assert.equal(await assignee(), tim.id)
  desk.clock.advance(300_000)
  await desk.settle()
  assert.equal(await assignee(), null)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'

const printer = { subject: 'The printer is on fire', body: 'Help' }

test('a queue that is deleted while tickets are raised in it strands none of them', async (t) => {
  const desk = await openDesk(t)
  const root = await desk.person({ role: 'admin' })
  for (let round = 0; round < 5; round++) {
    const { body: queue } = await root.post('/v1/queues', { key: `short-${round}`, name: 'Short-lived' })

    const replies = await Promise.all([
      root.post('/v1/tickets', { ...printer, queue_id: queue.id }),
      root.delete(`/v1/queues/${queue.id}`),
      root.post('/v1/tickets', { ...printer, queue_id: queue.id }),
    ])

    assert.ok(
      replies.every(({ status }) => [201, 204, 422].includes(status)),
      replies.map(({ status }) => status).join(),
    )
    const stranded = await desk.query('select id from tickets where queue_id not in (select id from queues)')
    assert.deepEqual(stranded, [])
  }
})

test('walking a list by creation while tickets are written skips none that was there, and gives none twice', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const there: string[] = []
  for (let i = 0; i < 25; i++) {
    there.push((await tom.post('/v1/tickets', printer)).body.id)
    if (i % 4 === 0) desk.clock.advance(1)
  }
  for (const sort of ['created_at', '-created_at', 'number', '-number']) {
    const seen: string[] = []
    let path: string | undefined = `/v1/tickets?limit=3&sort=${sort}`
    while (path && seen.length < 100) {
      const page = await tom.get(path)
      seen.push(...page.body.data.map(({ id }: { id: string }) => id))
      path = /<([^>]+)>; rel="next"/.exec(page.headers.link ?? '')?.[1]
      if (seen.length < 60) {
        await tom.post('/v1/tickets', printer)
        await tom.post(`/v1/tickets/${there[seen.length % there.length]}/messages`, { body: 'More' })
        desk.clock.advance(1)
      }
    }
    assert.equal(new Set(seen).size, seen.length, `${sort} gave one twice`)
    assert.deepEqual(
      there.filter((id) => !seen.includes(id)),
      [],
      `${sort} skipped one`,
    )
  }
})

test('one Idempotency-Key on two nodes raises one ticket', { skip: !process.env.TEST_DATABASE_URL }, async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const there = (await desk.node(desk.clock)).bearer(ada.token)
  const send = (node: Pick<typeof ada, 'post'>, i: number) => node.post('/v1/tickets', printer, { 'idempotency-key': `key ${i}` })

  for (let i = 0; i < 10; i++) {
    const replies = await Promise.all([send(ada, i), send(there, i), send(ada, i), send(there, i)])
    const made = replies.filter(({ status }) => status === 201).map(({ body }) => body.id)
    assert.ok(made.length >= 1)
    assert.equal(new Set(made).size, 1)
    assert.ok(replies.every(({ status }) => status === 201 || status === 409))
  }

  assert.equal((await ada.get('/v1/tickets?include=total')).body.total, 10)
})

test('a status that another node made a moment ago is no stranger here', async (t) => {
  const desk = await openDesk(t)
  const [root, ada] = [await desk.person({ role: 'admin' }), await desk.person()]
  const there = (await desk.node(desk.clock)).bearer(root.token)
  const { body: ticket } = await ada.post('/v1/tickets', printer)
  const path = `/v1/tickets/${ticket.id}`
  const { body: lifecycle } = await there.get('/v1/lifecycles?limit=1')
  const [{ id, statuses, transitions }] = lifecycle.data
  const changes = {
    statuses: [...statuses, { key: 'at_supplier', label: 'At the supplier', requester_label: null, category: 'on_hold' }],
    transitions: [
      ...transitions,
      { from: 'new', to: 'at_supplier', by: ['agent'] },
      { from: 'at_supplier', to: 'closed', by: ['agent'] },
    ],
  }
  // What it knows, it keeps for a moment.
  await there.get(path)

  assert.equal((await root.patch(`/v1/lifecycles/${id}`, changes)).status, 200)
  assert.equal((await root.patch(path, { status: 'at_supplier' })).status, 200)
  const replies = [await there.get(path), await there.get('/v1/tickets'), await there.get(`${path}/transitions`)]

  assert.deepEqual(
    replies.map(({ status }) => status),
    [200, 200, 200],
  )
  assert.deepEqual(replies[0]?.body.allowed_transitions, ['closed'])
})

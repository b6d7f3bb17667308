import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Caller, type Desk, type Json, openDesk, type Person, type Reply } from '../../../test/desk.ts'
import { serverUrl } from '../../../test/engine.ts'
import { inverseOf, linkKinds } from './link.ts'

async function raise(caller: Caller, subject: string, more: object = {}): Promise<Json> {
  return (await caller.post('/v1/tickets', { subject, body: 'Please help.', ...more })).body
}

function link(caller: Caller, from: Json, { to, kind }: { to: Json; kind: string }): Promise<Reply> {
  return caller.post(`/v1/tickets/${from.id}/links`, { ticket_id: to.id, kind })
}

async function links(caller: Caller, ticket: Json): Promise<[string, number][]> {
  return (await caller.get(`/v1/tickets/${ticket.id}/links`)).body.data.map((one: Json) => [one.kind, one.ticket_number])
}

/** A queue of a team that has no one in it yet. */
async function closedQueue(admin: Person, key: string): Promise<{ team: string; queue: string }> {
  const team = (await admin.post('/v1/teams', { name: key })).body.id
  return { team, queue: (await admin.post('/v1/queues', { key, name: key, team_ids: [team] })).body.id }
}

test('what a ticket is to another, the other is to it the other way round', () => {
  for (const kind of linkKinds) assert.equal(inverseOf(inverseOf(kind)), kind)
  assert.deepEqual(linkKinds.map(inverseOf), [
    ...['related', 'duplicated_by', 'duplicates', 'child', 'parent'],
    ...['split_into', 'split_from'],
  ])
})

test('an agent links two tickets, and both say so', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const [fire, smoke] = [await raise(tom, 'Fire'), await raise(tom, 'Smoke')]
  await desk.announcements()

  const made = await tom.post(`/v1/tickets/${smoke.number}/links`, { ticket_id: String(fire.number), kind: 'duplicates' })

  assert.equal(made.status, 201)
  assert.deepEqual(made.body, {
    ...{ id: made.body.id, object: 'ticket_link', kind: 'duplicates', ticket_id: fire.id },
    ticket_number: fire.number,
    created_by: { type: 'user', id: tom.id },
    ...{ created_at: '2026-11-22T09:00:00.000Z', updated_at: '2026-11-22T09:00:00.000Z', version: 1 },
  })
  assert.equal(made.headers.location, `/v1/tickets/${smoke.id}/links/${made.body.id}`)
  assert.deepEqual((await tom.get(made.headers.location ?? '')).body, made.body)
  assert.deepEqual(await links(tom, fire), [['duplicated_by', smoke.number]])
  assert.deepEqual(
    (await desk.announcements()).map(({ type, visibility, subject_id, data }) => [type, visibility, subject_id, data]),
    [
      ['ticket.linked', 'internal', smoke.id, { link_id: made.body.id, kind: 'duplicates' }],
      ['ticket.linked', 'internal', fire.id, { link_id: made.body.id, kind: 'duplicated_by' }],
    ],
  )

  const again = await link(tom, smoke, { to: fire, kind: 'duplicates' })
  assert.equal(again.status, 200)
  assert.deepEqual(again.body, made.body)
  assert.equal((await link(tom, fire, { to: smoke, kind: 'duplicated_by' })).body.id, made.body.id)
  assert.equal((await link(tom, fire, { to: smoke, kind: 'duplicates' })).body.code, 'linked_otherwise')
  await desk.announced([])
  assert.equal((await link(tom, fire, { to: smoke, kind: 'related' })).status, 201)
  await desk.announced(['ticket.linked', 'ticket.linked'])
})

test('a link is removed from both tickets, and made again', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const [fire, smoke] = [await raise(tom, 'Fire'), await raise(tom, 'Smoke')]
  const { body: made } = await link(tom, fire, { to: smoke, kind: 'related' })
  await desk.announcements()

  assert.equal((await tom.delete(`/v1/tickets/${smoke.id}/links/${made.id}`)).status, 204)

  await desk.announced(['ticket.unlinked', 'ticket.unlinked'])
  assert.deepEqual([await links(tom, fire), await links(tom, smoke)], [[], []])
  assert.equal((await tom.delete(`/v1/tickets/${smoke.id}/links/${made.id}`)).status, 404)
  await desk.announced([])
  assert.equal((await link(tom, smoke, { to: fire, kind: 'related' })).status, 201)
})

test('a ticket is not linked with itself, nor with one that its linker does not work on', async (t) => {
  const desk = await openDesk(t)
  const [root, tom, ada] = [await desk.person({ role: 'admin' }), await desk.person({ role: 'agent' }), await desk.person()]
  const { queue } = await closedQueue(root, 'vault')
  const [fire, hidden] = [await raise(ada, 'Fire'), await raise(root, 'Hidden', { queue_id: queue })]
  const seenOnly = await raise(tom, 'A chair', { queue_id: queue })
  await desk.announcements()

  const replies = [
    await link(tom, fire, { to: fire, kind: 'related' }),
    await link(tom, fire, { to: hidden, kind: 'related' }),
    await link(tom, fire, { to: { id: '999999' }, kind: 'related' }),
    await link(tom, fire, { to: seenOnly, kind: 'related' }),
    await link(tom, seenOnly, { to: fire, kind: 'related' }),
    await link(tom, hidden, { to: fire, kind: 'related' }),
    await link(ada, fire, { to: fire, kind: 'related' }),
    await ada.get(`/v1/tickets/${fire.id}/links`),
    await tom.get(`/v1/tickets/${seenOnly.id}/links`),
    await link(tom, fire, { to: hidden, kind: 'split_from' }),
  ]

  assert.deepEqual(
    replies.map(({ status, body }) => [status, body.errors?.[0].code ?? body.code]),
    [
      [422, 'same_ticket'],
      ...Array.from({ length: 3 }, () => [422, 'not_found']),
      [403, 'forbidden'],
      [404, 'not_found'],
      ...Array.from({ length: 3 }, () => [403, 'forbidden']),
      [422, 'not_allowed'],
    ],
  )
  await desk.announced([])
})

test('a link with a ticket that somebody does not see is not there for him, and comes back when he sees it', async (t) => {
  const desk = await openDesk(t)
  const [root, tom] = [await desk.person({ role: 'admin' }), await desk.person({ role: 'agent' })]
  const { team, queue } = await closedQueue(root, 'vault')
  const [fire, hidden] = [await raise(tom, 'Fire'), await raise(root, 'Hidden', { queue_id: queue })]
  const { body: made } = await link(root, fire, { to: hidden, kind: 'related' })

  assert.deepEqual(await links(root, fire), [['related', hidden.number]])
  assert.deepEqual(await links(tom, fire), [])
  assert.equal((await tom.get(`/v1/tickets/${fire.id}/links/${made.id}`)).status, 404)
  assert.equal((await tom.delete(`/v1/tickets/${fire.id}/links/${made.id}`)).status, 404)
  const log = await tom.get(`/v1/tickets/${fire.id}/events?include=object`)
  assert.ok(!log.text.includes(hidden.id), 'the log names the hidden ticket')

  await root.put(`/v1/teams/${team}/members/${tom.id}`)
  assert.deepEqual(await links(tom, fire), [['related', hidden.number]])
})

test('the links of a ticket are read in pages', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const fire = await raise(tom, 'Fire')
  const others: Json[] = []
  for (let i = 0; i < 5; i++) others.push(await raise(tom, `Smoke ${i}`))
  for (const to of others) await link(tom, fire, { to, kind: 'related' })

  const seen: number[] = []
  let path: string | undefined = `/v1/tickets/${fire.number}/links?limit=2`
  while (path) {
    const page = await tom.get(path)
    seen.push(...page.body.data.map((one: Json) => one.ticket_number))
    path = /<([^>]+)>; rel="next"/.exec(page.headers.link ?? '')?.[1]
  }

  assert.deepEqual(
    seen,
    others.map(({ number }) => number),
  )
})

test('the links of a deleted ticket go with it', async (t) => {
  const desk = await openDesk(t)
  const root = await desk.person({ role: 'admin' })
  const [floor, fire, smoke] = [await raise(root, 'Floor'), await raise(root, 'Fire'), await raise(root, 'Smoke')]
  await link(root, fire, { to: floor, kind: 'parent' })
  await link(root, smoke, { to: fire, kind: 'related' })
  await desk.announcements()

  await root.delete(`/v1/tickets/${floor.id}`)
  await desk.announced(['ticket.deleted', 'ticket.unlinked'])
  await root.delete(`/v1/tickets/${smoke.id}`)
  await desk.announced(['ticket.deleted', 'ticket.unlinked'])

  assert.deepEqual(await links(root, fire), [])
  assert.deepEqual(await desk.query('select * from ticket_links'), [])
})

test('a ticket has one parent, and is no part of itself, near or far', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const [a, b, c, d] = [await raise(tom, 'A'), await raise(tom, 'B'), await raise(tom, 'C'), await raise(tom, 'D')]
  assert.equal((await link(tom, b, { to: a, kind: 'parent' })).status, 201)
  assert.equal((await link(tom, b, { to: c, kind: 'child' })).status, 201)
  await desk.announcements()

  const replies = [
    await link(tom, a, { to: b, kind: 'parent' }),
    await link(tom, a, { to: c, kind: 'parent' }),
    await link(tom, c, { to: a, kind: 'child' }),
    await link(tom, b, { to: d, kind: 'parent' }),
    await link(tom, d, { to: c, kind: 'child' }),
  ]

  assert.deepEqual(
    replies.map(({ status, body }) => [status, body.code]),
    [
      [409, 'linked_otherwise'],
      [409, 'link_cycle'],
      [409, 'link_cycle'],
      [409, 'has_parent'],
      [409, 'has_parent'],
    ],
  )
  await desk.announced([])
})

test('at most ten tickets stand one above the other', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const chain = async (length: number): Promise<Json[]> => {
    const tickets = []
    for (let i = 0; i < length; i++) tickets.push(await raise(tom, `Level ${i}`))
    for (const [i, ticket] of tickets.entries())
      if (i > 0) assert.equal((await link(tom, ticket, { to: tickets[i - 1], kind: 'parent' })).status, 201)
    return tickets
  }
  const [above, below] = [await chain(6), await chain(5)]

  assert.equal((await link(tom, below[0], { to: above[5], kind: 'parent' })).body.code, 'too_many_levels')
  assert.equal((await link(tom, below[0], { to: above[4], kind: 'parent' })).status, 201)
  assert.equal((await link(tom, await raise(tom, 'One more'), { to: below[4], kind: 'parent' })).body.code, 'too_many_levels')
})

/** Two who work at the same time: on a server database each on a node of his own. */
async function twoNodes(desk: Desk, person: Person): Promise<Caller[]> {
  return serverUrl ? [person, (await desk.node(desk.clock)).bearer(person.token)] : [person, person]
}

test('however many parents are named at the same time, no ticket becomes a part of itself', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const [here, there] = await twoNodes(desk, tom)
  assert.ok(here && there)
  for (let round = 0; round < 4; round++) {
    const ring: Json[] = []
    for (let i = 0; i < 6; i++) ring.push(await raise(tom, `Round ${round}, ${i}`))
    // Each alone is sound; all together they are a circle, whose links have no ticket in common two by two.
    const order = [0, 2, 4, 1, 3, 5]
    const replies: Reply[] = await Promise.all(
      order.map((i) => link(i % 2 ? here : there, ring[i], { to: ring[(i + 1) % 6], kind: 'parent' })),
    )

    const made = replies.filter(({ status }) => status === 201).length
    const refused = replies.filter(({ body }) => body.code === 'link_cycle').length
    assert.deepEqual([made, refused], [5, 1], replies.map(({ status, text }) => `${status} ${text}`).join('\n'))
  }
  await desk.settle()
})

test('with a ticket all its open children are closed, near and far', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const [floor, fire, smoke, done] = [
    await raise(tom, 'Floor'),
    await raise(tom, 'Fire'),
    await raise(tom, 'Smoke'),
    await raise(tom, 'Done'),
  ]
  await link(tom, fire, { to: floor, kind: 'parent' })
  await link(tom, done, { to: floor, kind: 'parent' })
  await link(tom, smoke, { to: done, kind: 'parent' })
  await tom.post(`/v1/tickets/${done.id}/close`, {})
  await desk.announcements()

  const closed = await tom.post(`/v1/tickets/${floor.id}/close`, { message: 'All is well.', close_children: true })

  assert.equal(closed.status, 200)
  assert.equal(closed.body.status_category, 'closed')
  for (const { id } of [fire, smoke]) assert.equal((await tom.get(`/v1/tickets/${id}`)).body.status_category, 'closed')
  await desk.announced(['message.created', ...Array.from({ length: 3 }, () => 'ticket.status_changed')])
})

test('children that somebody does not see stay open, and he is not told of them', async (t) => {
  const desk = await openDesk(t)
  const [root, tom, ada] = [await desk.person({ role: 'admin' }), await desk.person({ role: 'agent' }), await desk.person()]
  const { queue } = await closedQueue(root, 'vault')
  const [floor, hidden] = [await raise(ada, 'Floor'), await raise(root, 'Hidden', { queue_id: queue })]
  await link(root, hidden, { to: floor, kind: 'parent' })

  assert.equal((await ada.post(`/v1/tickets/${floor.id}/close`, { close_children: true })).status, 422)
  const closed = await tom.post(`/v1/tickets/${floor.id}/close`, { close_children: true })

  assert.equal(closed.status, 200)
  assert.ok(!closed.text.includes(hidden.id))
  assert.equal((await root.get(`/v1/tickets/${hidden.id}`)).body.status_category, 'new')
})

test('where one child cannot be closed, nothing is closed, and it is named', async (t) => {
  const desk = await openDesk(t)
  const [root, tom] = [await desk.person({ role: 'admin' }), await desk.person({ role: 'agent' })]
  const { body: standard } = await root.get('/v1/lifecycles?limit=1')
  const { statuses, transitions } = standard.data[0]
  const { body: lifecycle } = await root.post('/v1/lifecycles', {
    name: 'Where only admins close',
    statuses,
    transitions: transitions.map((step: Json) => (step.to === 'closed' ? { ...step, by: ['admin'] } : step)),
  })
  const { body: queue } = await root.post('/v1/queues', { key: 'strict', name: 'Strict', lifecycle_id: lifecycle.id })
  const [floor, fire, smoke] = [
    await raise(tom, 'Floor'),
    await raise(tom, 'Fire', { queue_id: queue.id }),
    await raise(tom, 'Smoke'),
  ]
  for (const child of [fire, smoke]) await link(tom, child, { to: floor, kind: 'parent' })
  await desk.announcements()

  const refused = await tom.post(`/v1/tickets/${floor.id}/close`, { message: 'Done.', close_children: true })

  assert.deepEqual([refused.status, refused.body.code, refused.body.ticket_ids], [409, 'children_stay_open', [fire.id]])
  await desk.announced([])
  assert.equal((await root.post(`/v1/tickets/${floor.id}/close`, { close_children: true })).status, 200)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Caller, type Json, openDesk, type Person } from '../../../test/desk.ts'

const MINUTE = 60_000
const DAY = 86_400_000

async function raise(caller: Caller, subject: string, more: object = {}): Promise<Json> {
  return (await caller.post('/v1/tickets', { subject, body: `${subject}.`, ...more })).body
}

function say(caller: Caller, ticket: Json, body: string, more: object = {}) {
  return caller.post(`/v1/tickets/${ticket.id}/messages`, { body, ...more })
}

function merge(caller: Caller, ticket: Json, into: Json) {
  return caller.post(`/v1/tickets/${ticket.id}/merge`, { into_ticket_id: into.id })
}

function unmerge(caller: Caller, ticket: Json) {
  return caller.post(`/v1/tickets/${ticket.id}/unmerge`)
}

async function read(caller: Caller, ticket: Json): Promise<string[]> {
  return (await caller.get(`/v1/tickets/${ticket.id}/messages?limit=100`)).body.data.map(({ body }: Json) => body)
}

test('a merge that is undone gives back what came, and what was written to the ticket since, and nothing else', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada, bob] = [await desk.person({ role: 'agent' }), await desk.person(), await desk.person()]
  const fire = await raise(ada, 'Fire')
  desk.clock.advance(MINUTE)
  const smoke = await raise(bob, 'Smoke', {})
  desk.clock.advance(MINUTE)
  await say(ada, fire, 'It burns higher.')
  await say(tom, smoke, 'A note.', { visibility: 'internal' })
  await tom.post(`/v1/tickets/${smoke.id}/tags`, { tags: ['grey', 'kept'] })
  const before = (await tom.get(`/v1/tickets/${smoke.id}`)).body
  await merge(tom, smoke, fire)
  desk.clock.advance(MINUTE)
  await say(bob, smoke, 'To the old number.')
  await say(tom, fire, 'To the fire.')
  await say(ada, fire, 'Thank you.')
  await tom.post(`/v1/tickets/${fire.id}/tags`, { tags: ['red'] })
  await tom.delete(`/v1/tickets/${fire.id}/tags/kept`)
  await desk.announcements()

  const undone = await unmerge(tom, smoke)

  assert.equal(undone.status, 200)
  const { status, merged_into_id, message_count, closed_at, solved_at, tags } = undone.body
  assert.deepEqual([status, merged_into_id, message_count, closed_at, solved_at], [before.status, null, 3, null, null])
  assert.deepEqual(tags, ['grey', 'kept'])
  assert.deepEqual(await read(tom, smoke), ['Smoke.', 'A note.', 'To the old number.'])
  assert.deepEqual(await read(tom, fire), ['Fire.', 'It burns higher.', 'To the fire.', 'Thank you.'])
  const left = (await tom.get(`/v1/tickets/${fire.id}`)).body
  assert.deepEqual([left.message_count, left.tags], [4, ['red']])
  assert.equal((await bob.get(`/v1/tickets/${fire.id}`)).status, 404)
  const [{ id: merge_id, ...shown }] = (await tom.get(`/v1/tickets/${fire.id}/merges`)).body.data
  assert.deepEqual(
    [shown.undo_until, shown.undone_at, shown.undone_by, shown.version],
    [null, '2026-11-22T09:03:00.000Z', { type: 'user', id: tom.id }, 2],
  )
  const told = (await desk.announcements()).map(({ type, visibility, subject_id, data }) => [type, visibility, subject_id, data])
  const [first, note, last] = (await tom.get(`/v1/tickets/${smoke.id}/messages`)).body.data.map(({ id }: Json) => id)
  const gone = { from_ticket_id: smoke.id, merge_id }
  assert.deepEqual(told, [
    ['ticket.unmerged', 'public', smoke.id, { into_ticket_id: fire.id, merge_id }],
    ['ticket.status_changed', 'public', smoke.id, { status: 'new', status_category: 'new' }],
    ['ticket.parted', 'public', fire.id, { ...gone, message_ids: [first, last], message_count: 2 }],
    ['ticket.parted', 'internal', fire.id, { ...gone, message_ids: [note], message_count: 1 }],
    ['ticket.participant_removed', 'public', fire.id, { user_id: bob.id, role: 'cc' }],
    ['ticket.untagged', 'internal', fire.id, { tags: ['grey'] }],
  ])

  await say(bob, smoke, 'And on.')
  assert.deepEqual((await read(bob, smoke)).at(-1), 'And on.')
  assert.equal((await unmerge(tom, smoke)).body.code, 'not_merged')
  assert.equal((await merge(tom, smoke, fire)).status, 200)
  assert.equal((await read(tom, fire)).length, 8)
})

test('who has written in the other ticket since keeps his sight of what he wrote', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada, bob, eve] = [
    await desk.person({ role: 'agent' }),
    await desk.person(),
    await desk.person(),
    await desk.person(),
  ]
  const fire = await raise(ada, 'Fire')
  const smoke = await raise(bob, 'Smoke')
  await tom.put(`/v1/tickets/${smoke.id}/participants/${eve.id}`)
  await merge(tom, smoke, fire)
  await say(bob, fire, 'I see the fire, too.')
  await say(eve, smoke, 'I see smoke only.')

  await unmerge(tom, smoke)

  assert.deepEqual(await read(bob, fire), ['Fire.', 'I see the fire, too.'])
  assert.equal((await eve.get(`/v1/tickets/${fire.id}`)).status, 404)
  assert.deepEqual(await read(eve, smoke), ['Smoke.', 'I see smoke only.'])
})

test('what another merged ticket brings as well stays until that one goes, too', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada, bob] = [await desk.person({ role: 'agent' }), await desk.person(), await desk.person()]
  const fire = await raise(ada, 'Fire')
  const [smoke, soot] = [await raise(bob, 'Smoke'), await raise(bob, 'Soot')]
  for (const { id } of [smoke, soot]) await tom.post(`/v1/tickets/${id}/tags`, { tags: ['grey'] })
  await merge(tom, smoke, fire)
  await merge(tom, soot, fire)

  await unmerge(tom, smoke)
  assert.deepEqual((await tom.get(`/v1/tickets/${fire.id}`)).body.tags, ['grey'])
  assert.equal((await bob.get(`/v1/tickets/${fire.id}`)).status, 200)

  await unmerge(tom, soot)
  assert.deepEqual((await tom.get(`/v1/tickets/${fire.id}`)).body.tags, [])
  assert.equal((await bob.get(`/v1/tickets/${fire.id}`)).status, 404)
})

test('messages that were split away or deleted since do not come back', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const [fire, smoke] = [await raise(tom, 'Fire'), await raise(tom, 'Smoke')]
  const more = await say(tom, smoke, 'More smoke.')
  await merge(tom, smoke, fire)
  const split = await tom.post(`/v1/tickets/${fire.id}/split`, { message_ids: [more.body.id] })

  await unmerge(tom, smoke)

  assert.deepEqual(
    [await read(tom, smoke), await read(tom, fire), await read(tom, split.body)],
    [['Smoke.'], ['Fire.'], ['More smoke.']],
  )
})

test('a chain of merges is undone from its end', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const [a, b, c] = [await raise(tom, 'A'), await raise(tom, 'B'), await raise(tom, 'C')]
  await merge(tom, a, b)
  await merge(tom, b, c)
  for (const ticket of [a, b, c]) await say(tom, ticket, `To ${ticket.subject}.`)

  const tooEarly = await unmerge(tom, a)
  assert.deepEqual([tooEarly.status, tooEarly.body.code, tooEarly.body.merged_into_id], [409, 'ticket_merged', c.id])

  assert.equal((await unmerge(tom, b)).status, 200)
  assert.deepEqual(
    [await read(tom, b), await read(tom, c)],
    [
      ['B.', 'A.', 'To A.', 'To B.'],
      ['C.', 'To C.'],
    ],
  )
  assert.equal((await unmerge(tom, a)).status, 200)
  assert.deepEqual(
    [await read(tom, a), await read(tom, b)],
    [
      ['A.', 'To A.'],
      ['B.', 'To B.'],
    ],
  )
})

test('a merge is undone for thirty days, and then forgotten', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const signIn = async (person: Person) =>
    desk.bearer((await desk.app.transact((tx) => desk.app.accounts.openSession(tx, person.id))).access_token)
  const [fire, smoke, soot] = [await raise(tom, 'Fire'), await raise(tom, 'Smoke'), await raise(tom, 'Soot')]
  await merge(tom, smoke, fire)
  await merge(tom, soot, fire)
  const { data } = (await tom.get(`/v1/tickets/${fire.id}/merges`)).body
  assert.deepEqual(
    data.map(({ ticket_id, undo_until }: Json) => [ticket_id, undo_until]),
    [
      [soot.id, '2026-12-22T09:00:00.000Z'],
      [smoke.id, '2026-12-22T09:00:00.000Z'],
    ],
  )

  desk.clock.advance(30 * DAY - 1)
  assert.equal((await unmerge(await signIn(tom), smoke)).status, 200)
  desk.clock.advance(1)
  assert.equal((await unmerge(await signIn(tom), soot)).body.code, 'merge_undo_over')

  desk.clock.advance(2 * DAY)
  await desk.settle()
  assert.deepEqual(await desk.query('select * from merged_messages'), [])
  assert.deepEqual(await desk.query("select * from timers where kind = 'merging.forget'"), [])
  assert.deepEqual(await read(await signIn(tom), fire), ['Fire.', 'Soot.'])
})

test('a snoozed ticket sleeps on after the undo, and wakes in time', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const [fire, smoke] = [await raise(tom, 'Fire'), await raise(tom, 'Smoke')]
  const pending_until = new Date(desk.clock.now() + 5 * MINUTE).toISOString()
  await tom.patch(`/v1/tickets/${smoke.id}`, { status: 'pending', pending_until })
  await merge(tom, smoke, fire)

  const { body } = await unmerge(tom, smoke)

  assert.deepEqual([body.status, body.pending_until], ['pending', pending_until])
  await desk.announcements()
  desk.clock.advance(6 * MINUTE)
  await desk.announced(['ticket.woken', 'ticket.status_changed'])
})

test('a ticket whose status is gone since stands in the one that took its place', async (t) => {
  const desk = await openDesk(t)
  const root = await desk.person({ role: 'admin' })
  const { id, statuses, transitions } = (await root.get('/v1/lifecycles?limit=1')).body.data[0]
  const held = { key: 'at_supplier', label: 'At the supplier', requester_label: null, category: 'on_hold' }
  await root.patch(`/v1/lifecycles/${id}`, {
    statuses: [...statuses, held],
    transitions: [
      ...transitions,
      { from: 'new', to: 'at_supplier', by: ['agent'] },
      { from: 'at_supplier', to: 'closed', by: ['agent'] },
    ],
  })
  const [fire, smoke] = [await raise(root, 'Fire'), await raise(root, 'Smoke')]
  await root.patch(`/v1/tickets/${smoke.id}`, { status: 'at_supplier' })
  await merge(root, smoke, fire)
  const gone = await root.patch(`/v1/lifecycles/${id}`, { statuses, transitions, replacements: { at_supplier: 'on_hold' } })
  assert.ok(gone.status < 300, gone.text)
  await desk.settle()

  assert.equal((await unmerge(root, smoke)).body.status, 'on_hold')
})

test('a merge into a ticket that is closed by now is undone', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const [fire, smoke] = [await raise(tom, 'Fire'), await raise(tom, 'Smoke')]
  await merge(tom, smoke, fire)
  await tom.post(`/v1/tickets/${fire.id}/close`, {})

  assert.equal((await unmerge(tom, smoke)).status, 200)

  assert.deepEqual([await read(tom, smoke), await read(tom, fire)], [['Smoke.'], ['Fire.']])
  assert.equal((await tom.get(`/v1/tickets/${fire.id}`)).body.status, 'closed')
})

test('what a requester wrote to a follow-up of the merged ticket stays with the follow-up', async (t) => {
  const desk = await openDesk(t)
  const [tom, bob] = [await desk.person({ role: 'agent' }), await desk.person()]
  const [fire, smoke] = [await raise(tom, 'Fire'), await raise(bob, 'Smoke')]
  await merge(tom, smoke, fire)
  await bob.delete(`/v1/tickets/${fire.id}/participants/${bob.id}`)
  const asked = (await say(bob, smoke, 'Any news?')).body
  const followUp = { id: asked.ticket_id }
  await merge(tom, followUp, fire)

  await unmerge(tom, smoke)
  assert.deepEqual(await read(tom, fire), ['Fire.', 'Any news?'])
  await unmerge(tom, followUp)
  assert.deepEqual([await read(tom, smoke), await read(tom, followUp)], [['Smoke.'], ['Any news?']])
})

test('a ticket whose assignee has left meanwhile waits for another one after the undo', async (t) => {
  const desk = await openDesk(t)
  const [root, tom, eve] = [
    await desk.person({ role: 'admin' }),
    await desk.person({ role: 'agent' }),
    await desk.person({ role: 'agent' }),
  ]
  const [ada, bob] = [await desk.person(), await desk.person()]
  const [fire, smoke] = [await raise(ada, 'Fire'), await raise(bob, 'Smoke')]
  await tom.patch(`/v1/tickets/${smoke.id}`, { assignee_id: eve.id })
  await merge(tom, smoke, fire)
  await root.patch(`/v1/users/${eve.id}`, { active: false })
  await desk.announcements()

  const { body } = await unmerge(tom, smoke)

  assert.deepEqual([body.status, body.assignee_id], ['open', null])
  const told = await desk.announcements()
  assert.deepEqual(
    told.map(({ type, visibility }) => [type, visibility]),
    [
      ['ticket.unmerged', 'public'],
      ['ticket.status_changed', 'public'],
      ['ticket.assigned', 'internal'],
      ['ticket.parted', 'public'],
      ['ticket.participant_removed', 'public'],
    ],
  )
  assert.deepEqual(told[2]?.data, { assignee_id: null, reason: 'handed_over' })
})

test('whose other ticket brought notes alone sees the ticket no longer when his own goes out of it', async (t) => {
  const desk = await openDesk(t)
  const [root, ada, bob] = [await desk.person({ role: 'admin' }), await desk.person(), await desk.person()]
  const [fire, smoke, soot] = [await raise(ada, 'Fire'), await raise(bob, 'Smoke'), await raise(bob, 'Soot')]
  const [first] = (await root.get(`/v1/tickets/${soot.id}/messages`)).body.data
  await root.patch(`/v1/tickets/${soot.id}/messages/${first.id}`, { visibility: 'internal' })
  await merge(root, smoke, fire)
  await merge(root, soot, fire)
  assert.equal((await bob.get(`/v1/tickets/${fire.id}`)).status, 200)

  await unmerge(root, smoke)

  assert.equal((await bob.get(`/v1/tickets/${fire.id}`)).status, 404)
})

test('a claim whose time ran out while the ticket was merged goes back after the undo', async (t) => {
  const desk = await openDesk(t)
  const [root, tom, ada] = [await desk.person({ role: 'admin' }), await desk.person({ role: 'agent' }), await desk.person()]
  const [queue] = (await root.get('/v1/queues')).body.data
  await root.patch(`/v1/queues/${queue.id}`, { assignment: { mode: 'claim_only', claim_ttl_seconds: 300 } })
  const [fire, smoke, soot] = [await raise(ada, 'Fire'), await raise(ada, 'Smoke'), await raise(ada, 'Soot')]
  await tom.post(`/v1/tickets/${smoke.id}/claim`)
  desk.clock.advance(4 * MINUTE)
  await tom.post(`/v1/tickets/${soot.id}/claim`)
  for (const ticket of [smoke, soot]) await merge(root, ticket, fire)
  desk.clock.advance(2 * MINUTE)
  await desk.settle()
  for (const ticket of [smoke, soot]) await unmerge(root, ticket)
  await desk.settle()

  const [late, held] = [await root.get(`/v1/tickets/${smoke.id}`), await root.get(`/v1/tickets/${soot.id}`)]
  assert.deepEqual([late.body.assignee_id, held.body.assignee_id], [null, tom.id])
})

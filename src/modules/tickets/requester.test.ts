import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Caller, type Json, openDesk } from '../../../test/desk.ts'
import { newId } from '../../platform/ids.ts'

/** Ada's ticket in a queue of Tom's, and Gina of another company. */
async function openTwoCompanies(t: Parameters<typeof openDesk>[0]) {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const acme = (await admin.post('/v1/organizations', { name: 'Acme' })).body.id
  const globex = (await admin.post('/v1/organizations', { name: 'Globex' })).body.id
  const ada = await desk.person({ name: 'Ada', organization_id: acme })
  const mona = await desk.person({ name: 'Mona', organization_id: acme, organization_role: 'manager' })
  const gina = await desk.person({ name: 'Gina', organization_id: globex })
  const otto = await desk.person({ name: 'Otto', organization_id: globex, organization_role: 'manager' })
  const tom = await desk.person({ role: 'agent', name: 'Tom' })
  const ticket = (await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })).body.id
  await desk.announcements()
  return { desk, admin, ada, mona, gina, otto, tom, acme, globex, ticket, path: `/v1/tickets/${ticket}` }
}

/** What somebody finds of a ticket where he does not name it, and what it answers when he does. */
async function finds(caller: Caller, id: string): Promise<string[]> {
  const found: string[] = []
  for (const path of [
    'tickets',
    'tickets?requester_id=me',
    'tickets?q=printer',
    'events?type=ticket.*,message.*',
    `tickets/${id}`,
    `tickets/${id}/messages`,
    `tickets/${id}/participants`,
    `tickets/${id}/events`,
  ]) {
    const { status, text } = await caller.get(`/v1/${path}`)
    if (status === 200 && text.includes(id)) found.push(path.split(`/${id}`).join('/…'))
  }
  return found
}
const everywhere = [
  'tickets',
  'tickets?requester_id=me',
  'tickets?q=printer',
  'events?type=ticket.*,message.*',
  'tickets/…',
  'tickets/…/messages',
  'tickets/…/participants',
  'tickets/…/events',
]

test('a ticket that was given to another requester is his and his company’s, and the former one’s no more', async (t) => {
  const { desk, ada, mona, gina, otto, tom, acme, globex, ticket, path } = await openTwoCompanies(t)
  await tom.post(`${path}/claim`)
  await desk.announcements()
  const key = { 'idempotency-key': 'once' }
  assert.equal((await ada.post(`${path}/messages`, { body: 'Any news?' }, key)).status, 201)
  // A list of participants names people, not the ticket.
  const named = everywhere.filter((one) => one !== 'tickets/…/participants')
  assert.deepEqual(await finds(ada, ticket), named)
  assert.deepEqual(await finds(gina, ticket), [])
  await desk.announcements()

  const changed = await tom.patch(path, { requester_id: gina.id })

  assert.equal(changed.status, 200, changed.text)
  assert.deepEqual([changed.body.requester_id, changed.body.organization_id, changed.body.assignee_id], [gina.id, globex, tom.id])
  const [event, ...others] = await desk.announcements()
  assert.deepEqual(others, [])
  assert.deepEqual([event?.type, event?.visibility], ['ticket.updated', 'public'])
  assert.deepEqual(event?.data, {
    changed: ['requester_id', 'organization_id'],
    requester_id: gina.id,
    organization_id: globex,
  })
  assert.deepEqual(event?.previous, { requester_id: ada.id, organization_id: acme })
  for (const former of [ada, mona]) assert.deepEqual(await finds(former, ticket), [])
  assert.equal((await ada.post(`${path}/messages`, { body: 'Any news?' }, key)).status, 404, 'a kept answer')
  assert.deepEqual(await finds(gina, ticket), named)
  assert.ok((await finds(otto, ticket)).includes('tickets/…'))
  assert.equal((await gina.patch(path, { subject: 'Our printer' })).status, 200)
  assert.deepEqual(
    (await gina.get(`${path}/participants`)).body.data.map(({ user_id }: Json) => user_id),
    [gina.id],
  )
})

test('who was cc is so no longer once the ticket is his; the former requester stays in it only when he is added', async (t) => {
  const { desk, ada, gina, tom, path } = await openTwoCompanies(t)
  await tom.put(`${path}/participants/${gina.id}`)
  await desk.announcements()

  const { body } = await tom.patch(path, { requester_id: gina.id, priority: 'high' })

  assert.equal(body.version, 3)
  await desk.announced(['ticket.updated', 'ticket.participant_removed'])
  const rolesSeen = async () => (await tom.get(`${path}/participants`)).body.data.map((one: Json) => [one.user_id, one.roles])
  assert.deepEqual(await rolesSeen(), [[gina.id, ['requester']]])
  assert.equal((await ada.get(path)).status, 404)
  assert.equal((await tom.put(`${path}/participants/${ada.id}`)).status, 200)
  assert.equal((await ada.get(path)).status, 200)
  assert.deepEqual(await rolesSeen(), [
    [gina.id, ['requester']],
    [ada.id, ['cc']],
  ])
  // And back again.
  await desk.announcements()
  await tom.patch(path, { requester_id: ada.id })
  assert.deepEqual(await rolesSeen(), [[ada.id, ['requester']]])
})

test('the new requester may be named by an address; one that nobody has makes a person', async (t) => {
  const { desk, ada, gina, tom, path } = await openTwoCompanies(t)

  const known = await tom.patch(path, { requester: { email: gina.email.toUpperCase() } })
  assert.equal(known.body.requester_id, gina.id)
  await desk.announced(['ticket.updated'])
  const fresh = await tom.patch(path, { requester: { email: 'new@initech.example', name: 'Nadia' } })

  assert.deepEqual([fresh.status, fresh.body.organization_id], [200, null])
  await desk.announced(['user.created', 'ticket.updated'])
  const [nadia] = (await tom.get(`${path}/participants`)).body.data
  assert.deepEqual([nadia.name, nadia.roles, nadia.may], ['Nadia', ['requester'], ['read', 'reply', 'invite', 'steer']])
  assert.equal((await ada.get(path)).status, 404)
})

test('who is unknown or gone gets no ticket, nor does anybody get a closed one; whose it is already is no change', async (t) => {
  const { desk, admin, ada, gina, tom, path } = await openTwoCompanies(t)
  const gone = await desk.person({ name: 'Gone' })
  await admin.patch(`/v1/users/${gone.id}`, { active: false })
  await desk.announcements()

  for (const [changes, pointer] of [
    [{ requester_id: newId('usr') }, '/requester_id'],
    [{ requester_id: gone.id }, '/requester_id'],
    [{ requester: { email: gone.email } }, '/requester'],
    [{ requester_id: gina.id, requester: { email: gina.email } }, '/requester'],
    [{ requester_id: null }, '/requester_id'],
    [{ requester: { email: 'nobody' } }, '/requester/email'],
  ] as const) {
    const { status, body } = await tom.patch(path, changes)
    assert.deepEqual([status, body.errors[0].pointer], [422, pointer])
  }
  for (const same of [{ requester_id: ada.id }, { requester: { email: ada.email } }]) {
    const { status, body } = await tom.patch(path, same)
    assert.deepEqual([status, body.version], [200, 1])
  }
  assert.equal((await ada.patch(path, { requester_id: gina.id })).status, 422, 'a requester does not know the key')
  await desk.announced([])
  await tom.post(`${path}/close`, {})
  await desk.announcements()
  assert.equal((await tom.patch(path, { requester_id: gina.id })).body.code, 'ticket_closed')
  assert.equal((await tom.patch(path, { requester: { email: 'new@initech.example' } })).body.code, 'ticket_closed')
  await desk.announced([])
})

test('an agent who merely raised a ticket cannot give it away', async (t) => {
  const { desk, admin, gina } = await openTwoCompanies(t)
  const rita = await desk.person({ role: 'agent' })
  const team = (await admin.post('/v1/teams', { name: 'Others' })).body.id
  const queue_id = (await admin.post('/v1/queues', { key: 'others', name: 'Others', team_ids: [team] })).body.id
  const ticket = (await rita.post('/v1/tickets', { subject: 'A chair', body: 'It squeaks.', queue_id })).body.id

  assert.equal((await rita.patch(`/v1/tickets/${ticket}`, { requester_id: gina.id })).status, 403)
})

test('lists, counts and views go by whose the ticket is now', async (t) => {
  const { ada, gina, tom, acme, globex, path } = await openTwoCompanies(t)
  const view = async (filters: object) =>
    (await tom.post('/v1/views', { name: `View ${JSON.stringify(filters)}`, filters })).body.id
  const views = {
    ada: await view({ requester_id: ada.id }),
    gina: await view({ requester_id: gina.id }),
    acme: await view({ organization_id: acme }),
    globex: await view({ organization_id: globex }),
  }
  const totals = async () => {
    const { data } = (await tom.get('/v1/views?include=count&limit=100')).body
    return Object.fromEntries(Object.entries(views).map(([name, id]) => [name, data.find((one: Json) => one.id === id).count]))
  }
  assert.deepEqual(await totals(), { ada: 1, gina: 0, acme: 1, globex: 0 })

  await tom.patch(path, { requester_id: gina.id })

  assert.deepEqual(await totals(), { ada: 0, gina: 1, acme: 0, globex: 1 })
  for (const [caller, total] of [
    [ada, 0],
    [gina, 1],
  ] as const)
    assert.equal((await caller.get('/v1/tickets?requester_id=me&include=total')).body.total, total)
})

test('a reply of the new requester wakes the ticket, and to a closed one continues it for him', async (t) => {
  const { desk, gina, tom, path } = await openTwoCompanies(t)
  await tom.patch(path, { requester_id: gina.id, status: 'pending' })
  await desk.announcements()

  await gina.post(`${path}/messages`, { body: 'Now mine.' })
  await desk.announced(['message.created', 'ticket.status_changed'])
  await gina.post(`${path}/close`, {})
  const late = await gina.post(`${path}/messages`, { body: 'It burns again.' })

  const follow = (await gina.get(`/v1/tickets/${late.body.ticket_id}`)).body
  assert.deepEqual([follow.requester_id, follow.follow_up_of_id], [gina.id, path.split('/').at(-1)])
})

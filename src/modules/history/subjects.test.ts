import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Caller, type Json, openDesk } from '../../../test/desk.ts'
import { connectionOf } from '../../platform/database/connection.ts'

/** The subjects of the newest event of each of these types, as the log shows them. */
async function subjectsIn(caller: Caller, types: string): Promise<Record<string, Json>> {
  const { body } = await caller.get(`/v1/events?type=${types}&include=object&limit=100`)
  return Object.fromEntries(body.data.map(({ type, object }: Json) => [type, object]))
}

const types =
  'user.created,organization.created,organization.deleted,team.created,queue.created,category.created,api_key.created,session.created'

test('an admin who follows the log sees what happened outside tickets as it is now', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const made = {
    'user.created': await admin.post('/v1/users', { name: 'Grace', email: 'grace@example.com' }),
    'organization.created': await admin.post('/v1/organizations', { name: 'Acme', external_id: 'ACME' }),
    'team.created': await admin.post('/v1/teams', { name: 'First line' }),
    'queue.created': await admin.post('/v1/queues', { key: 'billing', name: 'Billing' }),
    'category.created': await admin.post('/v1/categories', { name: 'Printers' }),
  }
  const key = (await admin.post('/v1/api-keys', { name: 'Sync' })).body
  await admin.patch(`/v1/teams/${made['team.created'].body.id}`, { name: 'Second line' })
  await desk.settle()

  const shown = await subjectsIn(admin, types)

  for (const [type, { headers }] of Object.entries(made))
    assert.deepEqual(shown[type], (await admin.get(String(headers.location))).body, type)
  assert.equal(shown['team.created'].name, 'Second line')
  assert.deepEqual(shown['api_key.created'], (await admin.get(`/v1/api-keys/${key.id}`)).body)
  assert.equal(JSON.stringify(shown).includes(key.secret), false)
  assert.equal(shown['session.created'], null)
})

test('what is gone is null', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const organization = (await admin.post('/v1/organizations', { name: 'Acme' })).body
  const key = (await admin.post('/v1/api-keys', { name: 'Sync' })).body
  await admin.delete(`/v1/organizations/${organization.id}`)
  await admin.delete(`/v1/api-keys/${key.id}`)
  await desk.settle()

  const shown = await subjectsIn(admin, types)

  for (const type of ['organization.created', 'organization.deleted', 'api_key.created']) assert.equal(shown[type], null, type)
})

test('a key sees only the subjects that its scopes let it read', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  await admin.post('/v1/organizations', { name: 'Acme' })
  const keyed = async (...scopes: string[]) => {
    const body = { name: 'Log', role: 'admin', scopes: ['events:read', 'tickets:read', ...scopes] }
    return desk.bearer((await admin.post('/v1/api-keys', body)).body.secret)
  }
  const [narrow, wide, whole] = [await keyed(), await keyed('organizations:read'), await keyed('*')]
  await desk.settle()

  assert.equal((await subjectsIn(narrow, types))['organization.created'], null)
  assert.equal((await subjectsIn(wide, types))['organization.created'].name, 'Acme')
  assert.equal((await subjectsIn(wide, types))['user.created'], null)
  assert.equal((await subjectsIn(whole, types))['user.created'].id, admin.id)
  assert.equal((await subjectsIn(whole, types))['api_key.created'], null)
})

test('a ticket with many messages is looked up once', async (t) => {
  const desk = await openDesk(t)
  const [admin, ada] = [await desk.person({ role: 'admin' }), await desk.person()]
  const { body: ticket } = await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })
  for (let i = 0; i < 5; i++) await ada.post(`/v1/tickets/${ticket.id}/messages`, { body: `Still burning ${i}.` })
  await desk.settle()
  const looks = t.mock.method(connectionOf(desk.database.reader), 'query')

  const { body } = await admin.get('/v1/events?type=ticket.*,message.*&include=object&limit=100')

  assert.equal(body.data.filter(({ object }: Json) => object?.object === 'message').length, 6)
  const ofTickets = looks.mock.calls.filter((call) => /from .tickets. where/.test(call.arguments[0]))
  assert.equal(ofTickets.length, 1)
})

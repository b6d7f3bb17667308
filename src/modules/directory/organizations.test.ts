import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'
import { systemActor } from '../../platform/actor.ts'
import { deleteOrganization } from './commands/delete-organization.ts'
import { createUser, updateUser } from './index.ts'

test('an admin enters a customer company, changes it and takes it away', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })

  const made = await admin.post('/v1/organizations', { name: 'Acme', external_id: 'A-1', metadata: { plan: 'gold' } })
  const path = made.headers.location ?? ''
  const changed = await admin.patch(path, { name: 'Acme Ltd', external_id: null, metadata: { plan: null } })
  const same = await admin.patch(path, { name: 'Acme Ltd' })
  const stale = await admin.patch(path, { name: 'Late' }, { 'if-match': '"v1"' })
  const gone = await admin.delete(path, { 'if-match': '"v2"' })

  assert.deepEqual([made.status, path, made.headers.etag], [201, `/v1/organizations/${made.body.id}`, '"v1"'])
  assert.deepEqual([changed.body.name, changed.body.external_id, changed.body.metadata], ['Acme Ltd', null, {}])
  assert.deepEqual([changed.headers.etag, same.headers.etag], ['"v2"', '"v2"'])
  assert.deepEqual([stale.status, stale.body.code, stale.body.current_version], [412, 'version_conflict', 2])
  assert.deepEqual([gone.status, (await admin.get(path)).status, (await admin.delete(path)).status], [204, 404, 404])
  const events = await desk.announcements()
  assert.deepEqual(
    events.map(({ type, data, visibility }) => [type, data, visibility]),
    [
      ['organization.created', {}, 'internal'],
      ['organization.updated', { changed: ['name', 'external_id', 'metadata'] }, 'internal'],
      ['organization.deleted', {}, 'internal'],
    ],
  )
})

test('two organizations never have one external id', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  await admin.post('/v1/organizations', { name: 'One', external_id: 'X' })
  const two = await admin.post('/v1/organizations', { name: 'Two' })

  const made = await admin.post('/v1/organizations', { name: 'Three', external_id: 'X' })
  const changed = await admin.patch(`/v1/organizations/${two.body.id}`, { external_id: 'X' })

  for (const refused of [made, changed])
    assert.deepEqual(
      [refused.status, refused.body.code, refused.body.errors[0].pointer],
      [409, 'external_id_taken', '/external_id'],
    )
  const found = await admin.get('/v1/organizations?external_id=X&include=total')
  assert.deepEqual([found.body.total, found.body.data[0].name], [1, 'One'])
  await desk.announced(['organization.created', 'organization.created'])
})

test('an organization that somebody belongs to, or that something names, stays', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const { id } = (await admin.post('/v1/organizations', { name: 'Acme' })).body
  const member = await desk.person({ organization_id: id })
  await desk.announcements()

  const refused = await admin.delete(`/v1/organizations/${id}`)
  await desk.app.transact((tx) =>
    updateUser(tx, systemActor, { user_id: member.id, changes: { organization_id: null }, if_match: undefined }),
  )
  const named = desk.app.transact((tx) =>
    deleteOrganization(tx, systemActor, { organization_id: id, if_match: undefined, isInUse: async () => true }),
  )

  assert.deepEqual([refused.status, refused.body.code], [409, 'organization_in_use'])
  await assert.rejects(named, { message: /has users or tickets/ })
  assert.equal((await admin.get(`/v1/organizations/${id}`)).status, 200)
  assert.equal((await admin.delete(`/v1/organizations/${id}`)).status, 204)
  await desk.announced(['user.updated', 'organization.deleted'])
})

test('nobody ends up in an organization that is deleted at the same moment', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  for (let round = 0; round < 5; round++) {
    const { id } = (await admin.post('/v1/organizations', { name: 'Acme' })).body
    const user = { role: 'requester', name: 'U', email: `u${round}@example.com`, email_is_proven: true } as const

    const [deleted, entered] = await Promise.all([
      admin.delete(`/v1/organizations/${id}`),
      desk.app.transact((tx) => createUser(tx, systemActor, { ...user, organization_id: id })).catch(() => undefined),
    ])

    assert.equal(deleted.status === 204, entered === undefined)
    assert.equal((await admin.get(`/v1/organizations/${id}`)).status, entered === undefined ? 404 : 200)
  }
})

test('agents look at organizations and change none; requesters do not know them', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const agent = await desk.person({ role: 'agent' })
  const requester = await desk.person()
  const { id } = (await admin.post('/v1/organizations', { name: 'Acme' })).body

  assert.equal((await agent.get(`/v1/organizations/${id}`)).body.name, 'Acme')
  assert.equal((await agent.patch(`/v1/organizations/${id}`, { name: 'Mine' })).status, 403)
  assert.equal((await agent.post('/v1/organizations', { name: 'Mine' })).status, 403)
  assert.equal((await agent.delete(`/v1/organizations/${id}`)).status, 403)
  assert.equal((await requester.get('/v1/organizations')).status, 403)
  await desk.announced(['organization.created'])
})

test('a name without anything to see, and keys that are not known, are refused', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })

  for (const name of ['', '   ', 'a\nb', 'x'.repeat(201), 7, null])
    assert.deepEqual((await admin.post('/v1/organizations', { name })).body.errors?.[0].pointer, '/name', String(name))
  const unknown = await admin.post('/v1/organizations', { name: 'Acme', nmae: 'x' })

  assert.deepEqual([unknown.status, unknown.body.errors[0].code], [422, 'unknown_field'])
  await desk.announced([])
})

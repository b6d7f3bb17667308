import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'
import { systemActor } from '../../platform/actor.ts'
import { Problem } from '../../platform/problems.ts'
import { createUser, findUser, findUserByEmail, getUser, type UserChanges, updateUser } from './index.ts'

const ada = { role: 'requester', name: 'Ada', email: 'Ada@Example.com', email_is_proven: true } as const

function refusedWith(code: string, pointer?: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Problem, String(error))
    assert.equal(error.code, code)
    if (pointer !== undefined) assert.equal(error.extras.errors?.[0]?.pointer, pointer)
    return true
  }
}

test('a person is entered once per address, however its letters are cased', async (t) => {
  const desk = await openDesk(t)
  await desk.announcements()
  const user = await desk.app.transact((tx) => createUser(tx, systemActor, ada))
  await desk.announced(['user.created'])

  const again = desk.app.transact((tx) => createUser(tx, systemActor, { ...ada, email: 'aDA@example.COM' }))

  await assert.rejects(again, refusedWith('email_taken', '/email'))
  assert.equal((await findUserByEmail(desk.database.reader, 'ADA@EXAMPLE.COM'))?.id, user.id)
  assert.equal(await findUser(desk.database.reader, 'usr_nobody'), undefined)
  await assert.rejects(getUser(desk.database.reader, 'usr_nobody'), refusedWith('not_found'))
  await desk.announced([])
})

test('an external id belongs to one user', async (t) => {
  const desk = await openDesk(t)
  await desk.announcements()
  const [first, second] = await desk.app.transact(async (tx) => [
    await createUser(tx, systemActor, { ...ada, external_id: 'crm-1' }),
    await createUser(tx, systemActor, { ...ada, email: 'bob@example.com', external_id: 'crm-2' }),
  ])

  const created = desk.app.transact((tx) =>
    createUser(tx, systemActor, { ...ada, email: 'cleo@example.com', external_id: 'crm-1' }),
  )
  const changed = desk.app.transact((tx) =>
    updateUser(tx, systemActor, { user_id: second?.id ?? '', changes: { external_id: 'crm-1' }, if_match: undefined }),
  )

  // Together: one that is refused while the other is waited for would be nobody's.
  await Promise.all([created, changed].map((one) => assert.rejects(one, refusedWith('external_id_taken', '/external_id'))))
  assert.equal((await getUser(desk.database.reader, first?.id ?? '')).external_id, 'crm-1')
  await desk.announced(['user.created', 'user.created'])
})

test('what changed in a user is announced by its keys and never by a name or an address', async (t) => {
  const desk = await openDesk(t)
  const user = await desk.app.transact((tx) => createUser(tx, systemActor, ada))
  const change = (changes: UserChanges) =>
    desk.app.transact((tx) => updateUser(tx, systemActor, { user_id: user.id, changes, if_match: ['v1', 'v2'] }))
  await desk.announcements()

  const renamed = await change({ name: 'Ada Lovelace', email: 'lovelace@example.com', role: 'agent' })
  const unchanged = await change({ name: 'Ada Lovelace', role: 'agent', active: true, metadata: {} })

  assert.equal(renamed.version, 2)
  assert.equal(renamed.email_verified_at, null)
  assert.deepEqual({ ...unchanged }, { ...renamed })
  const events = await desk.announcements()
  assert.deepEqual(
    events.map(({ type, visibility, subject_id, actor_id, data, previous }) => ({
      type,
      visibility,
      subject_id,
      actor_id,
      data,
      previous,
    })),
    [
      {
        type: 'user.updated',
        visibility: 'internal',
        subject_id: user.id,
        actor_id: 'system',
        data: {
          changed: ['role', 'name', 'email', 'email_verified'],
          role: 'agent',
          active: true,
          organization_id: null,
        },
        previous: { role: 'requester' },
      },
    ],
  )
  await assert.rejects(
    desk.app.transact((tx) => updateUser(tx, systemActor, { user_id: user.id, changes: { name: 'X' }, if_match: ['v1'] })),
    refusedWith('version_conflict'),
  )
})

test('an address is proven only by what says so, and stays proven when only its case changes', async (t) => {
  const desk = await openDesk(t)
  const user = await desk.app.transact((tx) => createUser(tx, systemActor, ada))
  const change = (changes: UserChanges) =>
    desk.app.transact((tx) => updateUser(tx, systemActor, { user_id: user.id, changes, if_match: undefined }))

  assert.notEqual((await change({ email: 'ada@example.com' })).email_verified_at, null)
  assert.equal((await change({ email: 'other@example.com' })).email_verified_at, null)
  assert.notEqual((await change({ email_is_proven: true })).email_verified_at, null)
  desk.clock.advance(5000)
  assert.equal((await change({ email: 'third@example.com', email_is_proven: true })).email_verified_at, desk.clock.now())
})

test('the role in an organization goes with the organization', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const acme = (await admin.post('/v1/organizations', { name: 'Acme' })).body
  const other = (await admin.post('/v1/organizations', { name: 'Other' })).body
  const user = await desk.app.transact((tx) => createUser(tx, systemActor, { ...ada, organization_id: acme.id }))
  const change = async (changes: UserChanges) => {
    const changed = await desk.app.transact((tx) =>
      updateUser(tx, systemActor, { user_id: user.id, changes, if_match: undefined }),
    )
    return [changed.organization_id, changed.organization_role]
  }

  assert.equal(user.organization_role, 'member')
  assert.deepEqual(await change({ organization_role: 'manager' }), [acme.id, 'manager'])
  assert.deepEqual(await change({ name: 'A.' }), [acme.id, 'manager'])
  assert.deepEqual(await change({ organization_id: other.id }), [other.id, 'member'])
  assert.deepEqual(await change({ organization_id: null }), [null, null])
  await assert.rejects(change({ organization_role: 'manager' }), refusedWith('validation_failed', '/organization_role'))
  await assert.rejects(change({ organization_id: 'org_none' }), refusedWith('validation_failed', '/organization_id'))
})

test('the last active admin stays one, also when two end each other at once', async (t) => {
  const desk = await openDesk(t)
  await desk.announcements()
  const [one, two] = await desk.app.transact(async (tx) => [
    await createUser(tx, systemActor, { ...ada, role: 'admin', email: 'one@example.com' }),
    await createUser(tx, systemActor, { ...ada, role: 'admin', email: 'two@example.com' }),
  ])
  const end = (user_id: string | undefined, changes: UserChanges) =>
    desk.app.transact((tx) => updateUser(tx, systemActor, { user_id: user_id ?? '', changes, if_match: undefined }))

  const outcomes = await Promise.allSettled([end(one?.id, { active: false }), end(two?.id, { role: 'agent' })])

  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  for (const outcome of outcomes) if (outcome.status === 'rejected') refusedWith('last_admin')(outcome.reason)
  assert.equal((await desk.query("select id from users where role = 'admin' and active = 1")).length, 1)
  await desk.announced(['user.created', 'user.created', 'user.updated'])
})

test('metadata is merged: null takes a pair away, null for the whole takes all', async (t) => {
  const desk = await openDesk(t)
  const user = await desk.app.transact((tx) => createUser(tx, systemActor, { ...ada, metadata: { plan: 'gold', seat: '4' } }))
  const change = async (metadata: UserChanges['metadata']) => {
    const changes = metadata === undefined ? {} : { metadata }
    const changed = await desk.app.transact((tx) =>
      updateUser(tx, systemActor, { user_id: user.id, changes, if_match: undefined }),
    )
    return JSON.parse(changed.metadata)
  }

  assert.deepEqual(await change({ plan: 'silver', seat: null, floor: '2' }), { plan: 'silver', floor: '2' })
  const many = Object.fromEntries(Array.from({ length: 49 }, (_, i) => [`key${i}`, 'x']))
  await assert.rejects(change(many), refusedWith('validation_failed', '/metadata'))
  assert.deepEqual(await change(null), {})
})

test('agents list users page by page, filtered and counted', async (t) => {
  const desk = await openDesk(t)
  const agent = await desk.person({ role: 'agent' })
  const admin = await desk.person({ role: 'admin' })
  const requesters = []
  for (let i = 0; i < 5; i++) requesters.push(await desk.person())

  const first = await agent.get('/v1/users?role=requester,admin&limit=4&include=total')
  const link = /^<(.+)>; rel="next"$/.exec(first.headers.link ?? '')?.[1] ?? ''
  const second = await agent.get(link)
  const newest = await agent.get('/v1/users?sort=-created_at&limit=2')
  const found = await agent.get(`/v1/users?email=${encodeURIComponent(admin.email.toUpperCase())}`)
  const mixed = await agent.get(`/v1/users?role=admin&cursor=${first.body.next_cursor}`)

  const ids = [...first.body.data, ...second.body.data].map(({ id }) => id)
  assert.deepEqual(
    ids,
    [admin, ...requesters].map(({ id }) => id),
  )
  assert.deepEqual([first.body.total, first.body.has_more, second.body.has_more, second.body.total], [6, true, false, 6])
  assert.equal(second.headers.link, undefined)
  assert.deepEqual(
    newest.body.data.map(({ id }: { id: string }) => id),
    [requesters[4]?.id, requesters[3]?.id],
  )
  assert.deepEqual([found.body.data.length, found.body.data[0].id], [1, admin.id])
  assert.deepEqual([mixed.status, mixed.body.code], [400, 'cursor_mismatch'])
})

test('a range of times narrows a list', async (t) => {
  const desk = await openDesk(t)
  const agent = await desk.person({ role: 'agent' })
  desk.clock.advance(60_000)
  const later = await desk.person()
  const at = new Date(desk.clock.now()).toISOString()

  const since = await agent.get(`/v1/users?created_at[gte]=${at}`)
  const before = await agent.get(`/v1/users?created_at[lt]=${at}&include=total`)
  const wrong = await agent.get('/v1/users?created_at[gte]=yesterday')

  assert.deepEqual(
    since.body.data.map(({ id }: { id: string }) => id),
    [later.id],
  )
  assert.deepEqual([before.body.data[0].id, before.body.total], [agent.id, 1])
  assert.deepEqual([wrong.status, wrong.body.code], [400, 'invalid_parameter'])
})

test('a user is shown whole to agents, with a tag, and to requesters not at all', async (t) => {
  const desk = await openDesk(t)
  const agent = await desk.person({ role: 'agent' })
  const requester = await desk.person({ name: 'Rita' })

  const shown = await agent.get(`/v1/users/${requester.id}`)
  const known = await agent.get(`/v1/users/${requester.id}`, { 'if-none-match': String(shown.headers.etag) })
  const missing = await agent.get('/v1/users/usr_nobody')
  const refused = await requester.get(`/v1/users/${requester.id}`)

  assert.deepEqual([shown.status, shown.headers.etag, known.status], [200, '"v1"', 304])
  assert.deepEqual(
    [shown.body.name, shown.body.role, shown.body.email_verified, shown.body.active],
    ['Rita', 'requester', true, true],
  )
  assert.deepEqual([missing.status, refused.status], [404, 403])
})

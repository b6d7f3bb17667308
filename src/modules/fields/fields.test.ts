import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Json, openDesk, type Person } from '../../../test/desk.ts'

async function field(admin: Person, body: object): Promise<Json> {
  const reply = await admin.post('/v1/fields', { label: 'A field', ...body })
  assert.equal(reply.status, 201, reply.text)
  return reply.body
}

const options = (...values: string[]) => values.map((value) => ({ value, label: value.toUpperCase() }))

test('an admin makes fields of every type, and what does not go together is refused with its place', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })

  const made = await admin.post('/v1/fields', {
    key: 'severity',
    label: 'Severity',
    type: 'choice',
    options: options('low', 'high'),
    default: 'low',
    position: 3,
  })
  await field(admin, { key: 'note', type: 'text', max_length: 20, default: ' x ' })
  await field(admin, { key: 'amount', type: 'number', minimum: -1.5, maximum: 10, default: 0 })
  await field(admin, { key: 'paid', type: 'boolean', default: false })
  await field(admin, { key: 'due', type: 'date', default: '2024-02-29' })
  await field(admin, { key: 'parts', type: 'multi_choice', options: options('a', 'b'), default: ['b', 'a'] })
  await field(admin, { key: 'owner', type: 'user', default: admin.id })
  const refusals = [
    await admin.post('/v1/fields', { key: 'severity', label: 'Again', type: 'text' }),
    await admin.post('/v1/fields', { key: 'Severity', label: 'A', type: 'text' }),
    await admin.post('/v1/fields', { key: 'a', label: 'A', type: 'choice' }),
    await admin.post('/v1/fields', { key: 'a', label: 'A', type: 'text', options: options('b') }),
    await admin.post('/v1/fields', { key: 'a', label: 'A', type: 'choice', options: options('b', 'b') }),
    await admin.post('/v1/fields', { key: 'a', label: 'A', type: 'choice', options: options('none') }),
    await admin.post('/v1/fields', { key: 'a', label: 'A', type: 'choice', options: options('b'), default: 'c' }),
    await admin.post('/v1/fields', { key: 'a', label: 'A', type: 'number', minimum: 2, maximum: 1 }),
    await admin.post('/v1/fields', { key: 'a', label: 'A', type: 'date', minimum: 2 }),
    await admin.post('/v1/fields', { key: 'a', label: 'A', type: 'date', default: '2023-02-29' }),
    await admin.post('/v1/fields', { key: 'a', label: 'A', type: 'number', max_length: 2 }),
    await admin.post('/v1/fields', { key: 'a', label: 'A', type: 'text', max_length: 1001 }),
    await admin.post('/v1/fields', { key: 'a', label: 'A', type: 'text', type_ids: ['typ_none'] }),
    await admin.post('/v1/fields', { key: 'a', label: 'A', type: 'user', default: `usr_${'0'.repeat(26)}` }),
  ]

  assert.deepEqual([made.status, made.headers.location, made.headers.etag], [201, `/v1/fields/${made.body.id}`, '"v1"'])
  assert.deepEqual(made.body.options, [
    { value: 'low', label: 'LOW', archived: false },
    { value: 'high', label: 'HIGH', archived: false },
  ])
  assert.deepEqual(
    refusals.map(({ status, body }) => [status, body.errors[0].pointer, body.errors[0].code]),
    [
      [409, '/key', 'taken'],
      [422, '/key', 'invalid'],
      [422, '/options', 'required'],
      [422, '/options', 'not_for_type'],
      [422, '/options/1/value', 'duplicate'],
      [422, '/options/0/value', 'not_allowed'],
      [422, '/default', 'not_allowed'],
      [422, '/maximum', 'too_small'],
      [422, '/minimum', 'not_for_type'],
      [422, '/default', 'invalid'],
      [422, '/max_length', 'not_for_type'],
      [422, '/max_length', 'invalid'],
      [422, '/type_ids/0', 'not_found'],
      [422, '/default', 'not_found'],
    ],
  )
  await desk.announced(Array.from({ length: 7 }, () => 'field.created'))
})

test('a field changes by a merge patch, but not its key and type; options that tickets have are only archived', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const { id } = await field(admin, { key: 'severity', type: 'choice', options: options('low', 'high', 'odd') })
  const ticket = await admin.post('/v1/tickets', { subject: 'a', body: 'b', fields: { severity: 'high' } })
  await desk.announcements()
  const set = (changes: object, headers?: Record<string, string>) => admin.patch(`/v1/fields/${id}`, changes, headers)

  const renamed = await set({ label: 'How bad', position: 9 }, { 'if-match': '"v1"' })
  const same = await set({ label: 'How bad' })
  const stale = await set({ label: 'Other' }, { 'if-match': '"v1"' })
  const keyed = await set({ key: 'other' })
  const typed = await set({ type: 'text' })
  const less = await set({ options: options('low', 'high') })
  const used = await set({ options: options('low') })
  const put = await set({ options: [...options('low'), { value: 'high', label: 'HIGH', archived: true }] })
  const chosen = await admin.patch(`/v1/tickets/${ticket.body.id}`, { subject: 'Another' })
  const again = await admin.post('/v1/tickets', { subject: 'a', body: 'b', fields: { severity: 'high' } })
  const bad = await set({ default: 'high' })

  assert.deepEqual([renamed.status, renamed.body.label, same.headers.etag, stale.status], [200, 'How bad', '"v2"', 412])
  assert.deepEqual([keyed.body.errors[0].code, typed.body.errors[0].code], ['unknown_field', 'unknown_field'])
  assert.equal(less.status, 200)
  assert.deepEqual([used.status, used.body.errors[0].pointer, used.body.errors[0].code], [422, '/options', 'in_use'])
  assert.equal(put.status, 200)
  assert.deepEqual(chosen.body.fields, { severity: 'high' })
  assert.deepEqual(
    [again.status, again.body.errors[0].pointer, again.body.errors[0].code],
    [422, '/fields/severity', 'not_allowed'],
  )
  assert.equal(bad.body.errors[0].pointer, '/default')
  await desk.announced(['field.updated', 'field.updated', 'field.updated', 'ticket.updated'])
})

test('a field of which tickets have values is archived; its values come back with it', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const [used, unused] = [await field(admin, { key: 'used', type: 'text' }), await field(admin, { key: 'unused', type: 'text' })]
  const ticket = (await admin.post('/v1/tickets', { subject: 'a', body: 'b', fields: { used: 'here' } })).body
  await desk.announcements()
  const shown = async () => (await admin.get(`/v1/tickets/${ticket.id}`)).body.fields

  assert.equal((await admin.delete(`/v1/fields/${used.id}`)).status, 204)
  assert.equal((await admin.delete(`/v1/fields/${used.id}`)).status, 204)
  assert.equal((await admin.delete(`/v1/fields/${unused.id}`)).status, 204)
  const hidden = await shown()
  const refused = await admin.patch(`/v1/tickets/${ticket.id}`, { fields: { used: 'there' } })
  const filtered = await admin.get('/v1/tickets?fields[used]=here')
  const taken = await admin.post('/v1/fields', { key: 'used', label: 'Other', type: 'number' })
  await admin.patch(`/v1/fields/${used.id}`, { archived: false })

  assert.deepEqual(hidden, {})
  assert.deepEqual(refused.body.errors[0], { pointer: '/fields/used', code: 'archived', detail: 'is out of use' })
  assert.deepEqual([filtered.status, filtered.body.code], [400, 'unknown_parameter'])
  assert.equal(taken.body.code, 'field_key_taken')
  assert.deepEqual(await shown(), { used: 'here' })
  assert.equal((await admin.get(`/v1/fields/${unused.id}`)).status, 404)
  assert.equal((await admin.get('/v1/fields?archived=true&include=total')).body.total, 0)
  await desk.announced(['field.archived', 'field.deleted', 'field.updated'])
})

test('requesters see of the fields that they may read only what they need', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const ada = await desk.person()
  const hidden = await field(admin, { key: 'hidden', type: 'text', default: 'canary' })
  const shown = await field(admin, {
    key: 'part',
    label: 'canary',
    requester_label: 'Which part?',
    type: 'choice',
    options: [...options('a', 'b'), { value: 'old', label: 'canary', archived: true }],
    requester_access: 'write',
    required: 'create',
    position: 7,
  })
  const read = await field(admin, { key: 'eta', type: 'date', requester_access: 'read', required: 'solve' })
  const gone = await field(admin, { key: 'gone', type: 'text', requester_access: 'read' })
  await admin.patch(`/v1/fields/${gone.id}`, { archived: true })

  const list = await ada.get('/v1/fields?include=total')
  const one = await ada.get(`/v1/fields/${shown.id}`)
  desk.clock.advance(1000)
  await admin.patch(`/v1/fields/${shown.id}`, { position: 8, label: 'canary, too' })
  const unmoved = await ada.get(`/v1/fields/${shown.id}`)

  assert.deepEqual(
    list.body.data.map(({ id }: Json) => id),
    [shown.id, read.id],
  )
  assert.deepEqual(one.body, {
    id: shown.id,
    object: 'field',
    key: 'part',
    label: 'Which part?',
    type: 'choice',
    options: [
      { value: 'a', label: 'A' },
      { value: 'b', label: 'B' },
    ],
    required: 'create',
    created_at: shown.created_at,
  })
  assert.deepEqual([unmoved.text, unmoved.headers.etag], [one.text, one.headers.etag])
  assert.equal(list.body.data[1].required, 'never')
  for (const { id } of [hidden, gone]) assert.equal((await ada.get(`/v1/fields/${id}`)).status, 404)
  assert.ok(!list.text.includes('canary'))
  assert.deepEqual((await ada.get('/v1/fields?archived=true')).body.data, [])
  assert.equal((await ada.post('/v1/fields', { key: 'x', label: 'x', type: 'text' })).status, 403)
})

test('there are at most 200 fields', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  for (let i = 0; i < 200; i++) await field(admin, { key: `f${i}`, type: 'text' })

  const refused = await admin.post('/v1/fields', { key: 'more', label: 'More', type: 'text' })

  assert.deepEqual([refused.status, refused.body.code], [409, 'too_many_fields'])
})

test('an admin keeps ticket types; one that is in use is archived', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const [agent, ada] = [await desk.person({ role: 'agent' }), await desk.person()]
  const type = async (name: string) => (await admin.post('/v1/ticket-types', { name })).body.id as string
  const [incident, question, named, unused] = [
    await type('Incident'),
    await type('Question'),
    await type('Named'),
    await type('No'),
  ]

  const taken = await admin.post('/v1/ticket-types', { name: 'INCIDENT' })
  const takenToo = await admin.patch(`/v1/ticket-types/${question}`, { name: 'incident' })
  const renamed = await admin.patch(`/v1/ticket-types/${question}`, { name: 'Query' }, { 'if-match': '"v1"' })
  const ticket = await agent.post('/v1/tickets', { subject: 'a', body: 'b', type_id: incident })
  await field(admin, { key: 'serial', type: 'text', type_ids: [named] })
  await desk.announcements()
  for (const id of [incident, named, unused]) assert.equal((await admin.delete(`/v1/ticket-types/${id}`)).status, 204)
  const refused = await agent.post('/v1/tickets', { subject: 'a', body: 'b', type_id: incident })
  const listed = await agent.get('/v1/ticket-types?archived=true')

  for (const { status, body } of [taken, takenToo]) assert.deepEqual([status, body.code], [409, 'ticket_type_name_taken'])
  assert.deepEqual([renamed.body.name, renamed.headers.etag], ['Query', '"v2"'])
  assert.equal(ticket.body.type_id, incident)
  assert.deepEqual(refused.body.errors[0].pointer, '/type_id')
  assert.deepEqual(
    listed.body.data.map(({ id }: Json) => id),
    [incident, named],
  )
  assert.equal((await admin.get(`/v1/ticket-types/${unused}`)).status, 404)
  assert.equal((await ada.get('/v1/ticket-types')).status, 403)
  await desk.announced(['ticket_type.archived', 'ticket_type.archived', 'ticket_type.deleted'])
})

test('a field whose default names somebody who has gone can still be changed', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const agent = await desk.person({ role: 'agent' })
  const field = (await admin.post('/v1/fields', { key: 'owner', label: 'Owner', type: 'user', default: agent.id })).body
  await admin.patch(`/v1/users/${agent.id}`, { active: false })

  const renamed = await admin.patch(`/v1/fields/${field.id}`, { label: 'Who cares' })
  const again = await admin.patch(`/v1/fields/${field.id}`, { default: agent.id, label: 'Who' })
  const anew = await admin.post('/v1/fields', { key: 'other', label: 'Other', type: 'user', default: agent.id })

  assert.deepEqual([renamed.status, renamed.body.label, again.status], [200, 'Who cares', 200])
  assert.deepEqual([anew.status, anew.body.errors[0].pointer], [422, '/default'])
})

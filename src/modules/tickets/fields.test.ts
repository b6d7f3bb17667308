import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Desk, type Json, openDesk, type Person } from '../../../test/desk.ts'

const options = (...values: string[]) => values.map((value) => ({ value, label: value }))

async function addField(admin: Person, body: { key: string } & Record<string, unknown>): Promise<Json> {
  const reply = await admin.post('/v1/fields', { label: body.key, ...body })
  assert.equal(reply.status, 201, reply.text)
  return reply.body
}

const fresh = { subject: 'A printer', body: 'It smokes.' }

/** A desk with a field of every type, some of them for requesters. */
async function openFieldDesk(desk: Desk) {
  const admin = await desk.person({ role: 'admin' })
  const agent = await desk.person({ role: 'agent' })
  const organization_id = (await admin.post('/v1/organizations', { name: 'Acme' })).body.id as string
  const ada = await desk.person({ organization_id })
  await addField(admin, { key: 'note', type: 'text', max_length: 20 })
  await addField(admin, { key: 'amount', type: 'number', minimum: -5, maximum: 1e6 })
  await addField(admin, { key: 'paid', type: 'boolean' })
  await addField(admin, { key: 'due', type: 'date', requester_access: 'read' })
  await addField(admin, { key: 'severity', type: 'choice', options: options('low', 'high'), requester_access: 'write' })
  await addField(admin, { key: 'parts', type: 'multi_choice', options: options('a', 'b', 'c'), requester_access: 'write' })
  await addField(admin, { key: 'owner', type: 'user', requester_access: 'write' })
  await addField(admin, { key: 'company', type: 'organization', requester_access: 'write' })
  await desk.announcements()
  return { admin, agent, ada, organization_id }
}

test('a ticket is raised with values, and a merge patch changes them', async (t) => {
  const desk = await openDesk(t)
  const { agent, ada, organization_id } = await openFieldDesk(desk)
  const fields = {
    note: '  Two words ',
    amount: -0,
    paid: false,
    due: '2024-02-29',
    severity: 'low',
    parts: ['c', 'a', 'c'],
    owner: ada.id,
    company: organization_id,
  }

  const raised = await agent.post('/v1/tickets', { ...fresh, fields })
  const path = `/v1/tickets/${raised.body.id}`
  const patched = await agent.patch(path, { fields: { note: null, amount: 12.5, parts: [] } })
  const same = await agent.patch(path, { fields: { amount: 12.5, note: null, severity: 'low' } })
  const listed = await agent.get('/v1/tickets')

  assert.deepEqual(raised.body.fields, { ...fields, note: 'Two words', amount: 0, parts: ['a', 'c'] })
  const expected = { amount: 12.5, paid: false, due: '2024-02-29', severity: 'low', owner: ada.id, company: organization_id }
  assert.deepEqual(patched.body.fields, expected)
  assert.deepEqual([same.headers.etag, patched.headers.etag], ['"i2"', '"i2"'])
  assert.deepEqual(listed.body.data[0].fields, expected)
  assert.equal((await desk.query('select count(*) as n from ticket_field_values'))[0].n, 6)
  const events = await desk.announcements()
  assert.deepEqual(
    events.map(({ type, visibility, data }) => [type, visibility, data.changed, data.fields]),
    [
      ['ticket.created', 'public', undefined, undefined],
      ['message.created', 'public', undefined, undefined],
      ['ticket.updated', 'public', ['fields'], ['parts']],
      ['ticket.updated', 'internal', ['fields'], ['note', 'amount']],
    ],
  )
})

test('a value that cannot be one is refused with its place, and all are told at once', async (t) => {
  const desk = await openDesk(t)
  const { admin, agent, organization_id } = await openFieldDesk(desk)
  const stranger = await desk.person()
  await admin.patch(`/v1/users/${stranger.id}`, { active: false })
  await desk.announcements()
  const cases: [fields: Json, code: string][] = [
    [{ nothing: 1 }, 'unknown_field'],
    [{ Amount: 1 }, 'unknown_field'],
    [{ note: 1 }, 'wrong_type'],
    [{ note: ' ' }, 'too_short'],
    [{ note: 'x'.repeat(21) }, 'too_long'],
    [{ note: 'a\nb' }, 'invalid'],
    [{ amount: '1' }, 'wrong_type'],
    [{ amount: -5.1 }, 'too_small'],
    [{ amount: 1e7 }, 'too_large'],
    [{ paid: 'true' }, 'wrong_type'],
    [{ paid: 0 }, 'wrong_type'],
    [{ due: '2023-02-29' }, 'invalid'],
    [{ due: '2024-2-9' }, 'invalid'],
    [{ due: '2024-02-29T00:00:00Z' }, 'invalid'],
    [{ due: 19782 }, 'wrong_type'],
    [{ severity: 'medium' }, 'not_allowed'],
    [{ severity: ['low'] }, 'wrong_type'],
    [{ parts: 'a' }, 'wrong_type'],
    [{ parts: ['a', 'd'] }, 'not_allowed'],
    [{ owner: 'nobody' }, 'wrong_type'],
    [{ owner: `usr_${'0'.repeat(26)}` }, 'not_found'],
    [{ owner: stranger.id }, 'not_found'],
    [{ owner: organization_id }, 'wrong_type'],
    [{ company: `org_${'0'.repeat(26)}` }, 'not_found'],
    [{ paid: {} }, 'wrong_type'],
  ]
  const ticket = (await agent.post('/v1/tickets', fresh)).body

  for (const [fields, code] of cases) {
    const pointer = `/fields/${Object.keys(fields)[0]}`
    for (const reply of [
      await agent.post('/v1/tickets', { ...fresh, fields }),
      await agent.patch(`/v1/tickets/${ticket.id}`, { fields }),
    ]) {
      assert.deepEqual([reply.status, reply.body.code], [422, 'validation_failed'], reply.text)
      assert.deepEqual([reply.body.errors[0].pointer, reply.body.errors[0].code], [pointer, code])
    }
  }
  const many = await agent.post('/v1/tickets', { ...fresh, fields: { note: 1, amount: 'x', severity: 'high' } })

  assert.deepEqual(
    many.body.errors.map(({ pointer }: Json) => pointer),
    ['/fields/note', '/fields/amount'],
  )
  assert.equal((await agent.post('/v1/tickets', '{"subject":"a","body":"b","fields":{"amount":1e999}}')).status, 422)
  await desk.announced(['ticket.created', 'message.created'])
})

test('a requester writes the fields that he may write; any other is one that there is not', async (t) => {
  const desk = await openDesk(t)
  const { admin, agent, ada, organization_id } = await openFieldDesk(desk)
  const [colleague, stranger] = [await desk.person({ organization_id }), await desk.person()]
  const other = (await admin.post('/v1/organizations', { name: 'Globex' })).body.id

  const raised = await ada.post('/v1/tickets', {
    ...fresh,
    fields: { severity: 'high', owner: colleague.id, company: organization_id },
  })
  const path = `/v1/tickets/${raised.body.id}`
  await agent.patch(path, { fields: { note: 'canary', due: '2026-12-01' } })
  const patched = await ada.patch(path, { fields: { severity: null, parts: ['b'] } })
  const refusals = []
  for (const key of ['note', 'due', 'nonsense'])
    for (const value of ['x', null]) {
      refusals.push(await ada.patch(path, { fields: { [key]: value } }))
      refusals.push(await ada.post('/v1/tickets', { ...fresh, fields: { [key]: value } }))
    }
  const foreign = [
    await ada.patch(path, { fields: { owner: stranger.id } }),
    await ada.patch(path, { fields: { owner: `usr_${'0'.repeat(26)}` } }),
    await ada.patch(path, { fields: { company: other } }),
    await ada.patch(path, { fields: { company: `org_${'0'.repeat(26)}` } }),
  ]

  assert.equal(raised.status, 201, raised.text)
  assert.deepEqual(patched.body.fields, { company: organization_id, due: '2026-12-01', owner: colleague.id, parts: ['b'] })
  const details = new Set<string>()
  for (const { status, body } of refusals) {
    assert.deepEqual([status, body.errors.length, body.errors[0].code], [422, 1, 'unknown_field'])
    details.add(body.errors[0].detail)
  }
  assert.deepEqual([...details], ['is not known here'])
  for (const { status, body } of foreign) assert.deepEqual([status, body.errors[0].code], [422, 'not_found'])
  assert.equal(foreign[0]?.body.errors[0].detail, foreign[1]?.body.errors[0].detail)
  assert.equal(foreign[2]?.body.errors[0].detail, foreign[3]?.body.errors[0].detail)
})

test('without a field for requesters their tickets have no fields at all', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const ada = await desk.person()
  const { id } = (await ada.post('/v1/tickets', fresh)).body
  const path = `/v1/tickets/${id}`
  const { id: field_id } = await addField(admin, { key: 'secret', type: 'text' })
  await admin.patch(path, { fields: { secret: 'canary' } })

  const before = await ada.get(path)
  await admin.patch(`/v1/fields/${field_id}`, { requester_access: 'read' })
  const after = await ada.get(path)
  await admin.patch(`/v1/fields/${field_id}`, { archived: true })
  const gone = await ada.get(path)

  assert.ok(!('fields' in before.body) && !('fields' in gone.body) && !('type_id' in after.body))
  assert.deepEqual(after.body.fields, { secret: 'canary' })
})

test('what is required at the start is missed; what is missing and has a default gets it', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const [agent, ada] = [await desk.person({ role: 'agent' }), await desk.person()]
  const key = await admin.post('/v1/api-keys', { name: 'Shop', role: 'agent', scopes: ['tickets:write'] })
  const shop = desk.bearer(key.body.secret)
  const type_id = (await admin.post('/v1/ticket-types', { name: 'Return' })).body.id
  await addField(admin, { key: 'order', type: 'text', required: 'create', requester_access: 'write' })
  await addField(admin, { key: 'inner', type: 'number', required: 'create' })
  await addField(admin, { key: 'reason', type: 'text', required: 'create', requester_access: 'write', type_ids: [type_id] })
  await addField(admin, { key: 'severity', type: 'choice', options: options('low', 'high'), default: 'low' })
  await addField(admin, { key: 'ours', type: 'text', default: 'yes', type_ids: [type_id] })
  const missing = (reply: Json) => reply.body.errors.map(({ pointer, code }: Json) => `${pointer} ${code}`)

  const byRequester = await ada.post('/v1/tickets', fresh)
  const byAgent = await agent.post('/v1/tickets', { ...fresh, type_id, fields: { order: null } })
  const byKey = await shop.post('/v1/tickets', { ...fresh, requester: { email: 'a@b.example' }, fields: { order: 'PO-1' } })
  const adas = await ada.post('/v1/tickets', { ...fresh, fields: { order: 'PO-1' } })
  const agents = await agent.post('/v1/tickets', { ...fresh, type_id, fields: { order: 'PO-2', inner: 1, reason: 'r' } })
  const bare = await agent.post('/v1/tickets', { ...fresh, fields: { order: 'PO-3', inner: 1, severity: null } })
  await ada.post(`/v1/tickets/${adas.body.id}/close`)
  const reply = await ada.post(`/v1/tickets/${adas.body.id}/messages`, { body: 'Once more.' })

  assert.deepEqual(missing(byRequester), ['/fields/order required'])
  assert.deepEqual(missing(byAgent), ['/fields/order required', '/fields/inner required', '/fields/reason required'])
  assert.deepEqual(missing(byKey), ['/fields/inner required'])
  const stored = async (id: string) => (await admin.get(`/v1/tickets/${id}`)).body.fields
  assert.deepEqual(await stored(adas.body.id), { order: 'PO-1', severity: 'low' })
  assert.deepEqual(agents.body.fields, { inner: 1, order: 'PO-2', ours: 'yes', reason: 'r', severity: 'low' })
  assert.deepEqual(bare.body.fields, { inner: 1, order: 'PO-3' })
  assert.deepEqual(await stored(reply.body.ticket_id), { severity: 'low' })
})

test('fields of certain types are set only on tickets of these; a ticket that changes its type keeps what it has', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const ada = await desk.person()
  const type_id = (await admin.post('/v1/ticket-types', { name: 'Return' })).body.id
  await addField(admin, { key: 'serial', type: 'text', type_ids: [type_id], requester_access: 'write' })
  const ticket = (await admin.post('/v1/tickets', fresh)).body
  const path = `/v1/tickets/${ticket.id}`
  await desk.announcements()

  const early = await admin.patch(path, { fields: { serial: 'A1' } })
  const both = await admin.patch(path, { type_id, fields: { serial: 'A1' } })
  const back = await admin.patch(path, { type_id: null })
  const cleared = await admin.patch(path, { fields: { serial: null } })
  // Requesters do not know of types, so types do not bind them.
  const adas = await ada.post('/v1/tickets', { ...fresh, fields: { serial: 'B2' } })

  assert.deepEqual([early.status, early.body.errors[0].code], [422, 'not_for_type'])
  assert.deepEqual([both.body.type_id, both.body.fields], [type_id, { serial: 'A1' }])
  assert.deepEqual([back.body.type_id, back.body.fields, cleared.body.fields], [null, { serial: 'A1' }, {}])
  assert.equal(adas.status, 201)
  const events = await desk.announcements()
  assert.deepEqual(
    events.filter(({ type }) => type === 'ticket.updated').map(({ visibility, data }) => [visibility, data.changed]),
    [
      ['public', ['fields']],
      ['internal', ['type_id']],
      ['internal', ['type_id']],
      ['public', ['fields']],
    ],
  )
})

test('lists are filtered by type and by fields; requesters only by those that they may read', async (t) => {
  const desk = await openDesk(t)
  const { admin, agent, ada } = await openFieldDesk(desk)
  const type_id = (await admin.post('/v1/ticket-types', { name: 'Incident' })).body.id
  const raise = async (fields: object, more: object = {}) => {
    const { status, body, text } = await agent.post('/v1/tickets', { ...fresh, requester: { email: ada.email }, fields, ...more })
    assert.equal(status, 201, text)
    return body.id as string
  }
  const a = await raise({ note: 'Größe 5', amount: 1, severity: 'low', due: '2026-01-01', owner: agent.id }, { type_id })
  const b = await raise({ note: 'x'.repeat(20), amount: 2.5, severity: 'high', parts: ['a', 'b'] })
  const c = await raise({ amount: 3, due: '2026-02-01', parts: ['b'], paid: true })
  const d = await raise({})
  const find = async (who: Person, query: string): Promise<string[]> => {
    const { status, body, text } = await who.get(`/v1/tickets?sort=created_at&include=total&${query}`)
    assert.equal(status, 200, text)
    assert.equal(body.total, body.data.length)
    return body.data.map(({ id }: Json) => id)
  }

  for (const who of [agent, ada]) {
    assert.deepEqual(await find(who, 'fields[severity]=high'), [b])
    assert.deepEqual(await find(who, 'fields[severity]=high,low'), [a, b])
    assert.deepEqual(await find(who, 'fields[severity]=none'), [c, d])
    assert.deepEqual(await find(who, 'fields[severity]=none,low'), [a, c, d])
    assert.deepEqual(await find(who, 'fields[parts]=b'), [b, c])
    assert.deepEqual(await find(who, 'fields[parts]=none&fields[due][gte]=2026-01-01'), [a])
    assert.deepEqual(await find(who, 'fields[due][gt]=2026-01-01&fields[due][lte]=2026-02-01'), [c])
    assert.deepEqual(await find(who, 'fields[due]=2026-01-01'), [a])
    assert.deepEqual(await find(who, 'q=fields.severity:high'), [b])
    assert.deepEqual(await find(who, 'q=fields.severity:high,none printer'), [b, c, d])
    assert.deepEqual(await find(who, `fields[owner]=${agent.id}`), [a])
  }
  assert.deepEqual(await find(agent, 'fields[owner]=me'), [a])
  assert.deepEqual(await find(ada, 'fields[owner]=me'), [])
  assert.deepEqual(await find(agent, `fields[note]=${encodeURIComponent('gRÖSSE 5').replace('SS', '%C3%9F')}`), [a])
  assert.deepEqual(await find(agent, 'fields[amount]=2.5,3'), [b, c])
  assert.deepEqual(await find(agent, 'fields[amount][gte]=2&fields[amount][lt]=3'), [b])
  assert.deepEqual(await find(agent, 'fields[paid]=true'), [c])
  assert.deepEqual(await find(agent, `type_id=${type_id}`), [a])
  assert.deepEqual(await find(agent, `q=type_id:none`), [b, c, d])
  assert.deepEqual(await find(ada, `type_id=${type_id}`), [])
  assert.deepEqual(await find(ada, 'type_id=none'), [])
  const refused = async (who: Person, query: string, code: string) => {
    const { status, body } = await who.get(`/v1/tickets?${query}`)
    assert.deepEqual([status, body.code], [400, code], query)
    return body.errors[0]
  }
  for (const name of ['fields[note]', 'fields[amount][gte]', 'fields[nothing]'])
    await refused(ada, `${name}=1`, 'unknown_parameter')
  assert.match((await refused(agent, 'fields[severty]=low', 'unknown_parameter')).detail, /Did you mean fields\[severity\]/)
  assert.doesNotMatch((await refused(ada, 'fields[notes]=low', 'unknown_parameter')).detail, /Did you mean/)
  for (const query of ['field[note]=1', 'fields=1', 'fields[Note]=1', 'fields[amount][eq]=1', 'fields[amount][gt][lt]=1'])
    await refused(agent, query, 'unknown_parameter')
  for (const query of [
    ...['fields[amount]=x', 'fields[amount]=', 'fields[amount][gt]=1,2', 'fields[amount]=1e999', 'fields[due]=2026-02-30'],
    ...[
      'fields[severity][gt]=low',
      'fields[paid]=yes',
      'fields[owner]=ada',
      'q=fields.amount:x',
      'q=fields.nothing:1',
      'q=fields:1',
    ],
    ...['sort=fields[parts]', 'sort=fields[owner]', 'sort=fields[nothing]', 'sort=fields', 'sort=name'],
  ])
    await refused(agent, query, 'invalid_parameter')
  for (const query of ['q=fields.note:x', 'sort=fields[note]']) {
    const hidden = await refused(ada, query, 'invalid_parameter')
    const missing = await refused(ada, query.replace('note', 'nono'), 'invalid_parameter')
    assert.equal(hidden.detail.replace('note', 'nono'), missing.detail)
  }
})

test('an order by a field walks by cursor over those with a value, then the others', async (t) => {
  const desk = await openDesk(t)
  const { agent, ada } = await openFieldDesk(desk)
  const ids: string[] = []
  for (const amount of [5, null, -1, 5, null, 1.5]) {
    desk.clock.advance(1000)
    const fields = amount === null ? {} : { amount, due: `2026-01-1${ids.length}` }
    ids.push((await agent.post('/v1/tickets', { ...fresh, requester: { email: ada.email }, fields })).body.id)
  }
  const walk = async (who: Person, sort: string): Promise<number[]> => {
    const walked: number[] = []
    for (let path: string | undefined = `/v1/tickets?limit=2&sort=${sort}`; path; ) {
      const page = await who.get(path)
      assert.equal(page.status, 200, page.text)
      walked.push(...page.body.data.map(({ id }: Json) => ids.indexOf(id)))
      path = /<([^>]+)>/.exec(page.headers.link ?? '')?.[1]
    }
    return walked
  }

  assert.deepEqual(await walk(agent, 'fields[amount]'), [2, 5, 0, 3, 1, 4])
  assert.deepEqual(await walk(agent, '-fields[amount]'), [3, 0, 5, 2, 4, 1])
  assert.deepEqual(await walk(ada, '-fields[due]'), [5, 3, 2, 0, 4, 1])
})

test('a deleted ticket leaves no values, and an organization that a value names stays', async (t) => {
  const desk = await openDesk(t)
  const { admin, agent, organization_id: _ } = await openFieldDesk(desk)
  const company = (await admin.post('/v1/organizations', { name: 'Globex' })).body.id
  const ticket = (await agent.post('/v1/tickets', { ...fresh, fields: { company, parts: ['a', 'b'] } })).body

  const used = await admin.delete(`/v1/organizations/${company}`)
  await admin.delete(`/v1/tickets/${ticket.id}`)
  const rows = await desk.query('select * from ticket_field_values')

  assert.equal(used.status, 409)
  assert.deepEqual(rows, [])
  assert.equal((await admin.delete(`/v1/organizations/${company}`)).status, 204)
})

test('fields change while tickets are written: nothing is stranded, and nobody gets a 5xx', async (t) => {
  const desk = await openDesk(t)
  const { admin, agent } = await openFieldDesk(desk)
  for (let round = 0; round < 6; round++) {
    const { id } = await addField(admin, { key: `f${round}`, type: 'choice', options: options('a', 'b') })
    const work = Array.from({ length: 6 }, () => agent.post('/v1/tickets', { ...fresh, fields: { [`f${round}`]: 'a' } }))
    const replies = await Promise.all([
      ...work.slice(0, 3),
      admin.patch(`/v1/fields/${id}`, { options: options('b') }),
      admin.delete(`/v1/fields/${id}`),
      ...work.slice(3),
    ])

    for (const { status, text } of replies) assert.ok([200, 201, 204, 404, 422].includes(status), text)
    const values = await desk.query('select text_value from ticket_field_values where field_id = ?', [id])
    const [row] = await desk.query('select * from fields where id = ?', [id])
    if (values.length > 0) assert.ok(row && row.archived_at !== null && row.options.includes('"a"'), JSON.stringify(row))
  }
})

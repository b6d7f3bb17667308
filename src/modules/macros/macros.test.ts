import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Caller, type Desk, type Json, openDesk, type Person, type Reply } from '../../../test/desk.ts'
import { insertRows } from '../../platform/database/prepared.ts'
import { newId } from '../../platform/ids.ts'

interface Cast {
  desk: Desk
  admin: Person
  ada: Person
  tom: Person
  bob: Person
  /** Ada's team, and its queue. */
  team: string
  queue_id: string
}

/** A desk with an admin, a requester, and two agents, of whom one is in a team with a queue of its own. */
async function openCast(t: Parameters<typeof openDesk>[0]): Promise<Cast> {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin', name: 'Grace Hopper' })
  const ada = await desk.person({ role: 'agent', name: 'Ada Lovelace' })
  const tom = await desk.person({ role: 'agent' })
  const bob = await desk.person({ name: 'Bob Baker' })
  const team = (await admin.post('/v1/teams', { name: 'Printers' })).body.id
  await admin.put(`/v1/teams/${team}/members/${ada.id}`)
  const queue_id = (await admin.post('/v1/queues', { key: 'printers', name: 'Printers', team_ids: [team], public: true })).body.id
  desk.clock.advance(1000)
  await desk.announcements()
  return { desk, admin, ada, tom, bob, team, queue_id }
}

async function made(reply: Promise<Reply>): Promise<{ id: string; path: string; body: Json }> {
  const { status, body, headers, text } = await reply
  assert.equal(status, 201, text)
  return { id: body.id, path: headers.location ?? '', body }
}

async function raise(by: Caller, more: object): Promise<string> {
  return (await made(by.post('/v1/tickets', { subject: 'A printer', body: 'It smokes.', ...more }))).id
}

const say = (body: string, locale = 'en') => [{ locale, body }]
const pointers = ({ body }: Reply): string[] => (body.errors ?? []).map(({ pointer }: { pointer: string }) => pointer)
const codes = ({ body }: Reply): string[] => (body.errors ?? []).map(({ code }: { code: string }) => code)
const ids = ({ body }: Reply): string[] => body.data.map(({ id }: { id: string }) => id)

/** Everything of a ticket that somebody can read. */
async function readTicket(by: Caller, id: string): Promise<string> {
  const ticket = await by.get(`/v1/tickets/${id}?include=messages`)
  return `${ticket.text} ${(await by.get(`/v1/tickets/${id}/events?limit=100`)).text}`
}

test('an agent saves a canned reply, finds it, changes and deletes it', async (t) => {
  const { desk, ada, tom } = await openCast(t)

  const { id, path, body } = await made(
    ada.post('/v1/canned-replies', {
      name: 'Thanks',
      shortcut: 'thx',
      variants: say('Thank you, {{requester.first_name}}.', 'en-us'),
    }),
  )
  await made(ada.post('/v1/canned-replies', { name: 'a greeting', variants: say('Hello.') }))
  const changed = await ada.patch(path, { name: 'Many thanks', shortcut: null }, { 'if-match': '"v1"' })
  const stale = await ada.patch(path, { name: 'Late' }, { 'if-match': '"v1"' })
  const same = await ada.patch(path, { name: 'Many thanks', variants: body.variants })
  const listed = await ada.get('/v1/canned-replies?include=total')
  const found = await Promise.all(
    ['q=THANK', 'q=%25', 'visibility=shared', 'owner_id=me&limit=1'].map((query) => ada.get(`/v1/canned-replies?${query}`)),
  )
  const next = await ada.get(found[3]?.headers.link?.match(/<([^>]+)>/)?.[1] ?? '')
  const hidden = [
    await tom.get(path),
    await tom.patch(path, { name: 'x' }),
    await tom.delete(path),
    await ada.get(`/v1/macros/${id}`),
  ]
  const read = await ada.get(path)
  const deleted = await ada.delete(path)

  assert.deepEqual(
    [id.slice(0, 4), body.object, body.visibility, body.team_id, body.owner_id, body.shortcut, body.attachment_ids, body.faults],
    ['rpl_', 'canned_reply', 'private', null, ada.id, 'thx', [], []],
  )
  assert.deepEqual(body.variants, [{ locale: 'en-US', body: 'Thank you, {{requester.first_name}}.' }])
  assert.deepEqual([changed.status, changed.headers.etag, stale.status, same.headers.etag], [200, '"v2"', 412, '"v2"'])
  assert.deepEqual([listed.body.data.map(({ name }: Json) => name), listed.body.total], [['a greeting', 'Many thanks'], 2])
  assert.deepEqual(
    found.map(ids).map(({ length }) => length),
    [1, 0, 0, 1],
  )
  assert.deepEqual(ids(next), [id])
  assert.deepEqual(
    hidden.map(({ status }) => status),
    [404, 404, 404, 404],
  )
  assert.deepEqual(read.body, changed.body)
  assert.deepEqual([deleted.status, (await ada.get(path)).status], [204, 404])
  const sharing = { owner_id: ada.id, visibility: 'private', team_id: null }
  assert.deepEqual(
    (await desk.announcements()).map(({ type, data, visibility }) => [type, data, visibility]),
    [
      ['canned_reply.created', sharing, 'internal'],
      ['canned_reply.created', sharing, 'internal'],
      ['canned_reply.updated', { changed: ['name', 'shortcut'], ...sharing }, 'internal'],
      ['canned_reply.deleted', {}, 'internal'],
    ],
  )
})

test('what is wrong in a text or in changes is refused when it is saved, with a pointer to each', async (t) => {
  const { desk, admin, ada, bob, queue_id } = await openCast(t)
  await admin.post('/v1/fields', { key: 'amount', label: 'Amount', type: 'number', requester_access: 'read' })
  await admin.post('/v1/fields', { key: 'inner', label: 'Inner', type: 'text' })
  await admin.post('/v1/fields', { key: 'buddy', label: 'Buddy', type: 'user', requester_access: 'read' })
  await desk.announcements()
  const replies: [object[], string, string][] = [
    [say('{{requester.frist_name}}'), '/variants/0/body', 'unknown_placeholder'],
    [say('{{requester.name'), '/variants/0/body', 'unclosed'],
    [say('{{requester.email}}'), '/variants/0/body', 'not_public'],
    [say('{{assignee.name|nobody}}'), '/variants/0/body', 'not_public'],
    [say('{{ticket.fields.inner}}'), '/variants/0/body', 'not_public'],
    [say('{{ticket.fields.buddy}}'), '/variants/0/body', 'not_public'],
    [say('{{ticket.fields.amuont}}'), '/variants/0/body', 'unknown_placeholder'],
    [say('Hi', 'de-AT-AT-1'), '/variants/0/locale', 'invalid'],
    [[...say('Hi', 'de'), ...say('Ho', 'DE')], '/variants/1/locale', 'duplicate'],
    [[], '/variants', 'too_few'],
  ]
  const changes: [object, string][] = [
    [{ queue_id: newId('que') }, '/changes/queue_id'],
    [{ category_id: newId('cat') }, '/changes/category_id'],
    [{ assignee_id: newId('usr') }, '/changes/assignee_id'],
    [{ assignee_id: bob.id }, '/changes/assignee_id'],
    [{ type_id: newId('typ') }, '/changes/type_id'],
    [{ status: 'slept' }, '/changes/status'],
    [{ queue_id, status: 'slept' }, '/changes/status'],
    [{ priority: 'huge' }, '/changes/priority'],
    [{ fields: { amuont: 4 } }, '/changes/fields/amuont'],
    [{ fields: { amount: 'much' } }, '/changes/fields/amount'],
    [{ fields: { buddy: newId('usr') } }, '/changes/fields/buddy'],
    [{ fields: { buddy: 'Bücher' } }, '/changes/fields/buddy'],
    [{ add_tags: ['Vip'], remove_tags: ['vip'] }, '/changes/remove_tags'],
    [{ pending_in_seconds: 0 }, '/changes/pending_in_seconds'],
    [{}, '/changes'],
  ]

  for (const [variants, pointer, code] of replies) {
    const reply = await ada.post('/v1/canned-replies', { name: 'Wrong', variants })
    assert.deepEqual([reply.status, pointers(reply), codes(reply)], [422, [pointer], [code]], reply.text)
  }
  for (const [wrong, pointer] of changes) {
    const reply = await ada.post('/v1/macros', { name: 'Wrong', changes: wrong })
    assert.deepEqual([reply.status, pointers(reply)], [422, [pointer]], reply.text)
  }
  const near = await ada.post('/v1/macros', { name: 'Wrong', message: { variants: say('{{requester.frist_name}}') } })
  const note = await ada.post('/v1/macros', {
    name: 'Note',
    message: { visibility: 'internal', variants: say('{{requester.email}} {{ticket.fields.inner}} {{ticket.fields.buddy}}') },
  })
  const nothing = [
    await ada.post('/v1/macros', { name: 'Empty' }),
    await ada.post('/v1/macros', { name: 'Empty', message: null, changes: null }),
  ]
  const emptied = await ada.patch(note.headers.location ?? '', { message: null })
  const opened = await ada.patch(note.headers.location ?? '', {
    message: { visibility: 'public', variants: note.body.message.variants },
  })
  const attached = await ada.post('/v1/canned-replies', { name: 'With', variants: say('Hi'), attachment_ids: [newId('att')] })

  assert.deepEqual(
    [pointers(near), near.body.detail],
    [['/message/variants/0/body'], 'There is no placeholder {{requester.frist_name}}: did you mean {{requester.first_name}}?'],
  )
  assert.deepEqual([note.status, note.body.message.visibility, note.body.faults], [201, 'internal', []])
  assert.deepEqual(
    nothing.map(({ status }) => status),
    [422, 422],
  )
  assert.deepEqual([emptied.status, opened.status, pointers(opened).length], [422, 422, 3])
  assert.deepEqual([attached.status, pointers(attached)], [422, ['/attachment_ids/0']])
  await desk.announced(['macro.created'])
})

test('a macro is seen by those with whom it is shared, and changed by its owner and admins', async (t) => {
  const { desk, admin, ada, tom, team } = await openCast(t)
  const bea = await desk.person({ role: 'agent' })
  await admin.put(`/v1/teams/${team}/members/${bea.id}`)
  desk.clock.advance(1000)
  const everybody = [ada, bea, admin, tom]
  const key = desk.bearer((await admin.post('/v1/api-keys', { name: 'Sync', role: 'agent' })).body.secret)
  const save = (by: Caller, more: object) => by.post('/v1/macros', { name: 'Ours', changes: { priority: 'high' }, ...more })
  await desk.announcements()

  const foreign = await save(tom, { team_id: team })
  const forAll = [await save(ada, { visibility: 'shared' }), await save(admin, { visibility: 'shared' })]
  const { path } = await made(save(ada, { visibility: 'team', team_id: team }))
  const shared = forAll[1]?.headers.location ?? ''
  const seen = await Promise.all(
    [...everybody, key].map(async (who) => [(await who.get(path)).status, (await who.get(shared)).status]),
  )
  const refused = [
    await bea.patch(path, { name: 'Mine' }),
    await bea.delete(path),
    await ada.patch(path, { owner_id: bea.id }),
    await ada.patch(path, { visibility: 'shared' }),
    await tom.delete(shared),
    await key.delete(shared),
    await save(key, {}),
  ]
  const given = await admin.patch(path, { owner_id: bea.id })
  const toNobody = await admin.patch(path, { owner_id: newId('usr') })
  const widened = await admin.patch(path, { visibility: 'shared' })
  const own = await bea.patch(path, { visibility: 'private' })

  assert.deepEqual([foreign.status, pointers(foreign)], [422, ['/team_id']])
  assert.deepEqual(
    forAll.map(({ status }) => status),
    [403, 201],
  )
  assert.deepEqual(seen, [
    [200, 200],
    [200, 200],
    [200, 200],
    [404, 200],
    [404, 200],
  ])
  assert.deepEqual(
    refused.map(({ status }) => status),
    [403, 403, 403, 403, 403, 403, 403],
  )
  assert.deepEqual([given.body.owner_id, pointers(toNobody)], [bea.id, ['/owner_id']])
  assert.deepEqual([widened.body.visibility, widened.body.team_id, own.body.visibility], ['shared', null, 'private'])
  assert.deepEqual([(await ada.get(path)).status, (await admin.get(path)).status], [404, 404])
  await desk.announced(['macro.created', 'macro.created', 'macro.updated', 'macro.updated', 'macro.updated'])
})

test('a shortcut stands for one text among those who share it', async (t) => {
  const { admin, ada, tom, team } = await openCast(t)
  const save = (by: Caller, more: object = {}) =>
    by.post('/v1/canned-replies', { name: 'Thanks', shortcut: 'thx', variants: say('Thanks.'), ...more })

  const first = await made(save(ada))
  const again = [
    await save(ada),
    await save(tom),
    await save(ada, { team_id: team }),
    await save(admin, { team_id: team }),
    await save(admin, { visibility: 'shared' }),
  ]
  const macro = await ada.post('/v1/macros', { name: 'Thanks', shortcut: 'thx', changes: { priority: 'low' } })
  const moved = await ada.patch(first.path, { visibility: 'team', team_id: team })
  const free = await ada.patch(first.path, { visibility: 'team', team_id: team, shortcut: 'thanks' })

  assert.deepEqual(
    again.map(({ status, body }) => [status, body.code]),
    [
      [409, 'shortcut_taken'],
      [201, undefined],
      [201, undefined],
      [409, 'shortcut_taken'],
      [201, undefined],
    ],
  )
  assert.equal(macro.status, 201)
  assert.deepEqual([moved.status, moved.body.code, free.status], [409, 'shortcut_taken', 200])
})

test('names of any script are found, and sorted by what they say', async (t) => {
  const { ada } = await openCast(t)
  const names = ['Ärger 50%', 'ärger_b', 'Zebra', '打印机', 'İ'.repeat(200), 'a!b']
  for (const name of names)
    await made(ada.post('/v1/macros', { name, shortcut: name === 'Zebra' ? 'zoo' : null, changes: { priority: 'low' } }))

  const found = async (q: string): Promise<string[]> =>
    (await ada.get(`/v1/macros?q=${encodeURIComponent(q)}`)).body.data.map(({ name }: Json) => name)
  const walked: string[] = []
  for (let path: string | undefined = '/v1/macros?limit=1'; path; ) {
    const page: Reply = await ada.get(path)
    walked.push(...page.body.data.map(({ name }: Json) => name))
    path = /<([^>]+)>/.exec(page.headers.link ?? '')?.[1]
  }

  assert.deepEqual(await Promise.all(['ÄRGER', '50%', '_b', '印', 'zo', 'a!', 'i̇i̇', '%', 'nothing'].map(found)), [
    ['Ärger 50%', 'ärger_b'],
    ['Ärger 50%'],
    ['ärger_b'],
    ['打印机'],
    ['Zebra'],
    ['a!b'],
    ['İ'.repeat(200)],
    ['Ärger 50%'],
    [],
  ])
  assert.deepEqual(walked, ['a!b', 'İ'.repeat(200), 'Zebra', 'Ärger 50%', 'ärger_b', '打印机'])
})

test('a canned reply is filled in for a ticket, in the language that is asked for, and nothing is written', async (t) => {
  const { desk, ada, tom, bob, admin, queue_id } = await openCast(t)
  const ticket_id = await raise(bob, { queue_id, subject: 'Printer *on* [fire](http://evil.com)' })
  const raised = await raise(tom, { queue_id })
  const variants = [
    ...say(
      'Hello {{requester.first_name|there}},\n\nabout #{{ticket.number}}, “{{ticket.subject}}”: {{category.name}} in {{queue.name}}.\n\n{{agent.name}}',
      'en',
    ),
    ...say('Grüß Gott {{requester.last_name}}', 'de'),
  ]
  const { path } = await made(admin.post('/v1/canned-replies', { name: 'Hello', visibility: 'shared', variants }))
  const number = (await ada.get(`/v1/tickets/${ticket_id}`)).body.number
  await desk.announcements()
  const before = await readTicket(ada, ticket_id)

  const english = await ada.post(`${path}/render`, { ticket_id })
  const german = await ada.post(`${path}/render`, { ticket_id, locale: 'de-AT' })
  const known = await ada.post(`${path}/render`, { ticket_id, locale: 'fr', values: { 'category.name': 'Fires <b>' } })
  const wrong = await ada.post(`${path}/render`, { ticket_id, values: { 'category.nam': 'Fires' } })
  const own = await tom.post(`${path}/render`, { ticket_id: raised, locale: 'de' })
  const hidden = [await tom.post(`${path}/render`, { ticket_id }), await ada.post(`${path}/render`, { ticket_id: newId('tkt') })]

  assert.deepEqual([english.status, english.body.object, english.body.locale], [200, 'rendered_reply', 'en'])
  assert.deepEqual(english.body.missing, [{ placeholder: 'category.name', reason: 'empty' }])
  assert.equal(
    english.body.body_html,
    `<p dir="auto">Hello Bob,</p>\n<p dir="auto">about #${number}, “Printer *on* [fire](http://evil.com)”: [category.name] in Printers.</p>\n<p dir="auto">Ada Lovelace</p>\n`,
  )
  assert.deepEqual([german.body.locale, german.body.body, german.body.missing], ['de', 'Grüß Gott Baker', []])
  assert.match(known.body.body_html, /Fires &lt;b&gt; in Printers/)
  assert.deepEqual([wrong.status, pointers(wrong)], [422, ['/values/category.nam']])
  // He sees the public side only of what he merely raised.
  assert.equal(own.status, 200)
  assert.deepEqual(
    hidden.map(({ status }) => status),
    [404, 404],
  )
  assert.equal(await readTicket(ada, ticket_id), before)
  await desk.announced([])
})

test('a macro answers and changes a ticket in one go; its status wins over what an answer does by itself', async (t) => {
  const { desk, admin, ada, bob, queue_id } = await openCast(t)
  await admin.post('/v1/fields', { key: 'amount', label: 'Amount', type: 'number', requester_access: 'read' })
  const ticket_id = await raise(bob, { queue_id, tags: undefined })
  await ada.post(`/v1/tickets/${ticket_id}/tags`, { tags: ['smoke'] })
  const changes = {
    status: 'pending',
    pending_in_seconds: 86_400,
    priority: 'high',
    assignee_id: 'me',
    fields: { amount: 40 },
    add_tags: ['Asked', 'vip'],
    remove_tags: ['smoke'],
  }
  const { id, path } = await made(
    ada.post('/v1/macros', { name: 'Ask', message: { variants: say('Dear {{requester.name}}, which floor?') }, changes }),
  )
  const etag = (await ada.get(`/v1/tickets/${ticket_id}`)).headers.etag ?? ''
  desk.clock.advance(1000)
  await desk.announcements()
  const before = await readTicket(ada, ticket_id)

  const preview = await ada.post(`${path}/preview`, { ticket_id })
  const untouched = await readTicket(ada, ticket_id)
  await desk.announced([])
  const stale = await ada.post(`${path}/apply`, { ticket_id }, { 'if-match': '"i1"' })
  const key = { 'idempotency-key': 'once', 'if-match': etag }
  const applied = await ada.post(`${path}/apply`, { ticket_id }, key)
  const replayed = await ada.post(`${path}/apply`, { ticket_id }, key)
  const messages = (await bob.get(`/v1/tickets/${ticket_id}/messages`)).body.data

  assert.equal(untouched, before)
  assert.deepEqual([preview.status, preview.body.allowed, preview.body.problem], [200, true, null])
  assert.deepEqual([preview.body.message.body, preview.body.message.visibility], ['Dear Bob Baker, which floor?', 'public'])
  assert.deepEqual(preview.body.changes, [
    { field: 'status', from: 'new', to: 'pending' },
    { field: 'priority', from: 'normal', to: 'high' },
    { field: 'assignee_id', from: null, to: ada.id },
    { field: 'pending_until', from: null, to: '2026-11-23T09:00:02.000Z' },
    { field: 'tags', from: ['smoke'], to: ['asked', 'vip'] },
    { field: 'fields.amount', from: null, to: 40 },
  ])
  assert.deepEqual([stale.status, applied.status, applied.body.id], [412, 200, ticket_id])
  assert.deepEqual(
    ['status', 'priority', 'assignee_id', 'pending_until', 'tags', 'fields'].map((name) => applied.body[name]),
    ['pending', 'high', ada.id, '2026-11-23T09:00:02.000Z', ['asked', 'vip'], { amount: 40 }],
  )
  assert.deepEqual([replayed.text, replayed.headers['idempotent-replayed']], [applied.text, 'true'])
  assert.deepEqual(
    messages.map(({ body }: Json) => body),
    ['It smokes.', 'Dear Bob Baker, which floor?'],
  )
  const told = await desk.announcements()
  assert.deepEqual(
    told.map(({ type, visibility }) => `${visibility} ${type}`),
    [
      'public message.created',
      'public ticket.status_changed',
      'internal ticket.tagged',
      'internal ticket.untagged',
      'public ticket.updated',
      'internal ticket.updated',
      'internal ticket.assigned',
      'public ticket.status_changed',
      'internal macro.applied',
    ],
  )
  assert.deepEqual([told.at(-1)?.data, told.at(-1)?.subject_id, told.at(-1)?.actor_id], [{ macro_id: id }, ticket_id, ada.id])
})

test('a macro does all or nothing, and is refused in the words in which it would be by hand', async (t) => {
  const { desk, admin, ada, tom, bob, queue_id } = await openCast(t)
  // Whoever raised it could open a follow-up by hand.
  const herOwn = await raise(ada, { queue_id })
  await ada.post(`/v1/tickets/${herOwn}/close`, {})
  const claims = (await admin.post('/v1/queues', { key: 'claims', name: 'Claims', assignment: { mode: 'claim_only' } })).body.id
  const [open, closed, raised, claimed] = [
    await raise(bob, { queue_id }),
    await raise(bob, { queue_id }),
    await raise(tom, { queue_id }),
    await raise(bob, {}),
  ]
  await ada.post(`/v1/tickets/${closed}/close`, {})
  await admin.patch(`/v1/tickets/${claimed}`, { queue_id: claims })
  const save = async (content: object) =>
    (await made(admin.post('/v1/macros', { name: 'All', visibility: 'shared', ...content }))).path
  const message = { variants: say('We look into it.') }
  const answer = await save({ message })
  const note = await save({ message: { visibility: 'internal', ...message } })
  const snooze = await save({ message, changes: { pending_in_seconds: 3600 } })
  const give = await save({ message, changes: { assignee_id: ada.id } })
  const back = await save({ message, changes: { status: 'new' } })
  await desk.announcements()
  const tries: [Caller, string, string, number, string, string?][] = [
    [tom, answer, open, 404, 'not_found'],
    [tom, answer, raised, 403, 'forbidden'],
    [ada, answer, closed, 409, 'ticket_closed'],
    [ada, answer, herOwn, 409, 'ticket_closed'],
    [ada, snooze, open, 409, 'macro_not_applicable', '/changes/pending_in_seconds'],
    [tom, give, claimed, 409, 'claim_only'],
    [ada, back, open, 409, 'transition_not_allowed'],
    [ada, `/v1/macros/${newId('mac')}`, open, 404, 'not_found'],
    [bob, answer, open, 403, 'forbidden'],
  ]
  const before = await Promise.all([open, closed, raised, claimed].map((id) => readTicket(admin, id)))

  for (const [who, path, ticket_id, status, code, pointer] of tries) {
    const applied = await who.post(`${path}/apply`, { ticket_id })
    const preview = await who.post(`${path}/preview`, { ticket_id })
    assert.deepEqual([applied.status, applied.body.code], [status, code], applied.text)
    assert.deepEqual(pointers(applied), pointer ? [pointer] : [])
    if (status !== 409) assert.deepEqual([preview.status, preview.body.code], [status, code])
    else {
      const { allowed, problem, changes, message } = preview.body
      assert.deepEqual(
        [preview.status, allowed, problem.code, problem.detail, changes],
        [200, false, code, applied.body.detail ?? applied.body.title, []],
      )
      assert.equal(message.body, 'We look into it.')
    }
  }
  const after = await Promise.all([open, closed, raised, claimed].map((id) => readTicket(admin, id)))
  await desk.announced([])
  const noted = await ada.post(`${note}/apply`, { ticket_id: closed })

  assert.deepEqual(after, before)
  assert.deepEqual([noted.status, noted.body.status], [200, 'closed'])
  await desk.announced(['message.created', 'macro.applied'])
})

test('a text with a gap is never sent: the preview shows the mark, and whoever applies it fills it in', async (t) => {
  const { desk, ada, bob, queue_id, admin } = await openCast(t)
  const field = (await admin.post('/v1/fields', { key: 'order', label: 'Order', type: 'text', requester_access: 'read' })).body.id
  const cher = await desk.person({ name: 'Cher' })
  const ticket_id = await raise(cher, { queue_id })
  await ada.patch(`/v1/tickets/${ticket_id}`, { fields: { order: 'B-12' } })
  const body = 'Dear {{requester.last_name}} of {{organization.name|your company}}: order {{ticket.fields.order}}.'
  const { path } = await made(
    ada.post('/v1/macros', { name: 'Dear', message: { variants: say(body) }, changes: { priority: 'low' } }),
  )
  const complete = await raise(bob, { queue_id })
  await ada.patch(`/v1/tickets/${complete}`, { fields: { order: 'B-13' } })
  await desk.announcements()

  const preview = await ada.post(`${path}/preview`, { ticket_id })
  const refused = await ada.post(`${path}/apply`, { ticket_id })
  const filled = await ada.post(`${path}/preview`, { ticket_id, values: { 'requester.last_name': 'Cher' } })
  const sent = await ada.post(`${path}/apply`, { ticket_id, values: { 'requester.last_name': 'Cher *' } })
  await desk.announced(['message.created', 'ticket.status_changed', 'ticket.updated', 'macro.applied'])
  await admin.patch(`/v1/fields/${field}`, { requester_access: 'none' })
  const inner = await ada.post(`${path}/apply`, { ticket_id: complete })
  const faultOfInner = (await ada.get(path)).body.faults
  await admin.patch(`/v1/fields/${field}`, { archived: true })
  const gone = await ada.post(`${path}/preview`, { ticket_id: complete })
  const given = await ada.post(`${path}/apply`, { ticket_id: complete, values: { 'ticket.fields.order': 'B-14' } })
  const messages = (await bob.get(`/v1/tickets/${complete}/messages`)).body.data

  assert.deepEqual(preview.body.message.missing, [{ placeholder: 'requester.last_name', reason: 'empty' }])
  assert.equal(preview.body.message.body_html, '<p dir="auto">Dear [requester.last_name] of your company: order B-12.</p>\n')
  assert.deepEqual([preview.body.allowed, preview.body.problem.code], [false, 'placeholder_missing'])
  // What else it would do is shown all the same.
  assert.deepEqual(
    preview.body.changes.map(({ field }: Json) => field),
    ['status', 'priority'],
  )
  assert.deepEqual(
    [refused.status, refused.body.code, pointers(refused)],
    [422, 'placeholder_missing', ['/values/requester.last_name']],
  )
  assert.deepEqual([filled.body.allowed, filled.body.message.missing], [true, []])
  assert.equal(sent.status, 200)
  assert.equal(
    (await ada.get(`/v1/tickets/${ticket_id}?include=messages`)).body.messages[1].body_html,
    '<p dir="auto">Dear Cher * of your company: order B-12.</p>\n',
  )
  assert.deepEqual(
    [inner.status, codes(inner), faultOfInner.map(({ code, pointer }: Json) => [code, pointer])],
    [422, ['not_public'], [['not_public', '/message/variants/0/body']]],
  )
  assert.deepEqual(gone.body.message.missing, [{ placeholder: 'ticket.fields.order', reason: 'unknown' }])
  assert.deepEqual([given.status, messages.at(-1).body], [200, 'Dear Baker of your company: order B-14.'])
})

test('what is for staff alone never comes into a public text, and stands in a note', async (t) => {
  const { ada, admin, bob, team } = await openCast(t)
  const secret = (await admin.post('/v1/queues', { key: 'fraud', name: 'Fraud suspects', team_ids: [team] })).body.id
  const category = (await admin.post('/v1/categories', { name: 'Liars', queue_ids: [secret] })).body.id
  const ticket_id = await raise(bob, {})
  await admin.patch(`/v1/tickets/${ticket_id}`, { queue_id: secret, category_id: category, assignee_id: ada.id })
  const text = '{{queue.name}} {{category.name}} {{ticket.status}}'
  const save = async (visibility: string, body: string) =>
    (await made(ada.post('/v1/macros', { name: 'Where', message: { visibility, variants: say(body) } }))).path
  const [open, inner] = [await save('public', text), await save('internal', `${text} {{assignee.name}} {{requester.email}}`)]

  const shown = (await ada.post(`${open}/preview`, { ticket_id })).body.message
  const noted = (await ada.post(`${inner}/preview`, { ticket_id })).body.message

  assert.deepEqual(
    shown.missing.map(({ placeholder }: Json) => placeholder),
    ['queue.name', 'category.name'],
  )
  assert.doesNotMatch(shown.body, /Fraud|Liars/)
  assert.match(noted.body_html, new RegExp(`^<p dir="auto">Fraud suspects Liars Open Ada Lovelace ${bob.email}</p>`))
  assert.deepEqual(noted.missing, [])
})

test('what a macro names may go: the list says so, applying it says so, and it can still be renamed', async (t) => {
  const { desk, admin, ada, bob, queue_id } = await openCast(t)
  const queue = (await admin.post('/v1/queues', { key: 'short', name: 'Short' })).body.id
  const agent = await desk.person({ role: 'agent' })
  const type_id = (await admin.post('/v1/ticket-types', { name: 'Incident' })).body.id
  const field = (await admin.post('/v1/fields', { key: 'order', label: 'Order', type: 'text' })).body.id
  const category_id = (await admin.post('/v1/categories', { name: 'Fires' })).body.id
  const changes = { queue_id: queue, assignee_id: agent.id, type_id, category_id, fields: { order: 'x' } }
  const { path } = await made(ada.post('/v1/macros', { name: 'Old', message: { variants: say('We look into it.') }, changes }))
  const ticket_id = await raise(bob, { queue_id })
  const well = (await ada.get(path)).body.faults
  await admin.patch(`/v1/queues/${queue}`, { archived: true })
  await admin.patch(`/v1/categories/${category_id}`, { archived: true })
  await admin.patch(`/v1/users/${agent.id}`, { active: false })
  await admin.patch(`/v1/ticket-types/${type_id}`, { archived: true })
  await admin.patch(`/v1/fields/${field}`, { archived: true })
  await desk.announcements()

  const listed = await ada.get('/v1/macros')
  const applied = await ada.post(`${path}/apply`, { ticket_id })
  const renamed = await ada.patch(path, { name: 'Still old' })
  const resaved = await ada.patch(path, { changes })
  const mended = await ada.patch(path, { changes: { priority: 'high' } })
  const works = await ada.post(`${path}/apply`, { ticket_id })

  const all = ['queue_id', 'category_id', 'assignee_id', 'type_id', 'fields/order'].map((key) => `/changes/${key}`)
  assert.deepEqual(well, [])
  assert.deepEqual(
    listed.body.data[0].faults.map(({ pointer }: Json) => pointer),
    all,
  )
  assert.deepEqual(
    [applied.status, applied.body.code, pointers(applied)],
    [409, 'macro_not_applicable', ['/changes/fields/order']],
  )
  assert.deepEqual([renamed.status, resaved.status, pointers(resaved)], [200, 422, all])
  assert.deepEqual([mended.body.faults, works.status, works.body.priority], [[], 200, 'high'])
  await desk.announced([
    'macro.updated',
    'macro.updated',
    'message.created',
    'ticket.status_changed',
    'ticket.updated',
    'macro.applied',
  ])
})

test('when its team goes a macro falls back to its owner, when its owner goes admins take it over, and a tag keeps its new name', async (t) => {
  const { desk, admin, ada, team, queue_id, bob } = await openCast(t)
  await admin.patch(`/v1/queues/${queue_id}`, { team_ids: [] })
  const save = async (more: object) =>
    (
      await made(
        ada.post('/v1/macros', {
          name: 'Tags',
          shortcut: 'tags',
          changes: { add_tags: ['fire'], remove_tags: ['ink'] },
          ...more,
        }),
      )
    ).path
  const [shared, own] = [await save({ team_id: team }), await save({})]
  await made(
    admin.post('/v1/tickets', {
      subject: 'Sparks',
      body: 'From the socket.',
      tags: ['fire', 'ink'],
      requester: { email: bob.email },
    }),
  )
  await desk.announcements()

  await admin.delete(`/v1/teams/${team}`)
  await desk.announced(['team.deleted', 'macro.updated'])
  const fallen = (await ada.get(shared)).body
  await admin.patch('/v1/tags/fire', { name: 'blaze' })
  await desk.settle()
  const renamed = (await ada.get(own)).body.changes
  await admin.post('/v1/tags/ink/merge', { into: 'blaze' })
  await desk.settle()
  const merged = (await ada.get(own)).body.changes
  const before = (await admin.get(own)).status
  await admin.patch(`/v1/users/${ada.id}`, { active: false })
  const orphaned = (await admin.get(own)).status
  const taken = await admin.patch(own, { owner_id: admin.id })

  // The owner has the shortcut for another one.
  assert.deepEqual([fallen.visibility, fallen.team_id, fallen.shortcut, fallen.version], ['private', null, null, 2])
  assert.deepEqual(renamed, { add_tags: ['blaze'], remove_tags: ['ink'] })
  assert.deepEqual(merged, { add_tags: ['blaze'] })
  assert.deepEqual([before, orphaned, taken.body.owner_id], [404, 200, admin.id])
})

test('somebody has at most 500 canned replies and 500 macros', async (t) => {
  const { desk, ada } = await openCast(t)
  const first = await made(ada.post('/v1/macros', { name: 'First', changes: { priority: 'high' } }))
  const row = await desk.database.reader.selectFrom('macros').selectAll().executeTakeFirstOrThrow()
  await desk.database.write((db) =>
    insertRows(
      db,
      'macros',
      Array.from({ length: 499 }, () => ({ ...row, id: newId('mac') })),
    ),
  )

  const more = await ada.post('/v1/macros', { name: 'One more', changes: { priority: 'high' } })
  const reply = await ada.post('/v1/canned-replies', { name: 'A text', variants: say('Hi') })
  await ada.delete(first.path)
  const again = await ada.post('/v1/macros', { name: 'One more', changes: { priority: 'high' } })

  assert.deepEqual([more.status, more.body.code, reply.status, again.status], [409, 'too_many_macros', 201, 201])
})

test('a program applies what is shared with the whole staff, as far as its scopes go, and takes no ticket for itself', async (t) => {
  const { desk, admin, bob } = await openCast(t)
  const ticket_id = await raise(bob, {})
  const save = async (changes: object) =>
    (await made(admin.post('/v1/macros', { name: 'For all', visibility: 'shared', changes }))).path
  const [urgent, mine] = [await save({ priority: 'urgent' }), await save({ priority: 'high', assignee_id: 'me' })]
  const key = async (...scopes: string[]) =>
    desk.bearer((await admin.post('/v1/api-keys', { name: 'Sync', role: 'agent', scopes })).body.secret)
  const [looks, works, blind] = [
    await key('macros:read', 'tickets:read'),
    await key('macros:read', 'tickets:read', 'tickets:write'),
    await key('macros:read', 'macros:write'),
  ]
  await desk.announcements()

  const tries = [
    await looks.post(`${urgent}/preview`, { ticket_id }),
    await looks.post(`${urgent}/apply`, { ticket_id }),
    await blind.post(`${urgent}/preview`, { ticket_id }),
    await works.post(`${urgent}/apply`, { ticket_id }),
    await works.post(`${mine}/apply`, { ticket_id }),
  ]

  assert.deepEqual(
    tries.map(({ status }) => status),
    [200, 403, 403, 200, 409],
  )
  assert.deepEqual(pointers(tries[4] as Reply), ['/changes/assignee_id'])
  await desk.announced(['ticket.updated', 'macro.applied'])
})

test('a macro is not applied to a merged ticket: it would change another one than was meant', async (t) => {
  const { desk, admin, bob } = await openCast(t)
  const [fire, smoke] = [await raise(bob, { subject: 'Fire' }), await raise(bob, { subject: 'Smoke' })]
  const note = { visibility: 'internal', variants: say('About {{ticket.number}}') }
  const { id } = await made(admin.post('/v1/macros', { name: 'Hurry', message: note, changes: { priority: 'urgent' } }))
  await admin.post(`/v1/tickets/${smoke}/merge`, { into_ticket_id: fire })
  await desk.announcements()
  const before = await readTicket(admin, fire)

  const preview = await admin.post(`/v1/macros/${id}/preview`, { ticket_id: smoke })
  const applied = await admin.post(`/v1/macros/${id}/apply`, { ticket_id: smoke })

  assert.deepEqual([preview.body.allowed, preview.body.problem.code, preview.body.changes], [false, 'ticket_merged', []])
  assert.deepEqual([applied.status, applied.body.code, applied.body.merged_into_id], [409, 'ticket_merged', fire])
  assert.equal(await readTicket(admin, fire), before)
  await desk.announced([])
})

test('what a requester wrote mentions nobody and no ticket when a macro puts it into a note', async (t) => {
  const { desk, admin, ada, tom, bob } = await openCast(t)
  const other = (await bob.post('/v1/tickets', { subject: 'Other', body: 'Other.' })).body
  const body = 'From {{requester.name}}: {{ticket.subject}} ({{ticket.subject}})'
  const note = { visibility: 'internal', variants: say(body) }
  const { id } = await made(admin.post('/v1/macros', { name: 'Look', visibility: 'shared', message: note }))
  for (const subject of [
    `@${ada.id}`,
    `@${ada.email}`,
    `#${other.number}`,
    `see #${other.number}.`,
    other.id,
    `x @${ada.id} ${other.id}`,
  ]) {
    const ticket_id = await raise(bob, { subject })
    await desk.announcements()

    assert.equal((await tom.post(`/v1/macros/${id}/apply`, { ticket_id })).status, 200)

    await desk.announced(['message.created', 'macro.applied'])
    const written = (await tom.get(`/v1/tickets/${ticket_id}/messages`)).body.data[1]
    assert.match(written.body_html.replaceAll('&#x27;', "'"), new RegExp(RegExp.escape(`${subject} (${subject})`)))
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Json, openDesk, type Person } from '../../../test/desk.ts'
import { type Chance, createChance } from '../../../test/moving/chance.ts'
import { createRenderer } from '../../platform/markdown/renderer.ts'
import { Problem } from '../../platform/problems.ts'
import { applyMacro, TextStale } from './commands/apply-macro.ts'
import { withTextFor } from './text-for.ts'

const seed = Number(process.env.MACRO_SEED ?? Date.now() % 1_000_000)
const ROUNDS = Number(process.env.MACRO_ROUNDS ?? 40)
const KEYS = ['status', 'priority', 'queue_id', 'category_id', 'assignee_id', 'type_id', 'pending_until', 'tags']

test(`what the preview says is what applying does, or refuses, and nothing else (MACRO_SEED=${seed})`, async (t) => {
  const desk = await openDesk(t)
  const chance = createChance(seed)
  const admin = await desk.person({ role: 'admin' })
  const ada = await desk.person({ role: 'agent', name: 'Ada Lovelace' })
  const people = [await desk.person({ name: 'Bob Baker' }), await desk.person({ name: 'Cher' })]
  const team = (await admin.post('/v1/teams', { name: 'Hers' })).body.id
  await admin.put(`/v1/teams/${team}/members/${ada.id}`)
  const queue = async (key: string, more: object): Promise<string> =>
    (await admin.post('/v1/queues', { key, name: key, ...more })).body.id
  const [hers, claims, other] = [
    await queue('hers', { team_ids: [team] }),
    await queue('claims', { assignment: { mode: 'claim_only' } }),
    await queue('other', { team_ids: [(await admin.post('/v1/teams', { name: 'Others' })).body.id] }),
  ]
  const category_id = (await admin.post('/v1/categories', { name: 'Claims', queue_ids: [claims] })).body.id
  const type_id = (await admin.post('/v1/ticket-types', { name: 'Incident' })).body.id
  await admin.post('/v1/fields', { key: 'amount', label: 'Amount', type: 'number', requester_access: 'read' })
  await admin.post('/v1/fields', { key: 'cause', label: 'Cause', type: 'text', type_ids: [type_id] })
  desk.clock.advance(1000)
  const outcomes = new Map<string, number>()

  for (let i = 0; i < ROUNDS; i++) {
    const ticket_id = await raise(chance, { desk, ada, bob: chance.one(people), queues: [hers, claims] })
    const content = contentBy(chance, { queues: [hers, claims, other], category_id, type_id, ada: ada.id })
    const macro = await ada.post('/v1/macros', { name: `Macro ${i}`, ...content })
    assert.equal(macro.status, 201, macro.text)
    const path = macro.headers.location ?? ''
    const before = await read(admin, ticket_id)
    await desk.announcements()

    const preview = await ada.post(`${path}/preview`, { ticket_id })
    assert.equal(preview.status, 200, preview.text)
    assert.deepEqual(await read(admin, ticket_id), before)
    assert.deepEqual(await desk.announcements(), [])
    const applied = await ada.post(`${path}/apply`, { ticket_id })
    const after = await read(admin, ticket_id)

    const { allowed, problem, message, changes } = preview.body
    const told = JSON.stringify({ content, preview: preview.body, applied: applied.body })
    assert.equal(applied.status === 200, allowed, told)
    assert.equal(applied.body.code, problem?.code, told)
    outcomes.set(problem?.code ?? 'done', (outcomes.get(problem?.code ?? 'done') ?? 0) + 1)
    if (!allowed) {
      assert.deepEqual(after, before, told)
      assert.deepEqual(await desk.announcements(), [])
      continue
    }
    assert.deepEqual(differences(before.ticket, after.ticket), changes, told)
    const added = after.messages.slice(before.messages.length)
    assert.deepEqual(
      added.map(({ body, body_html, visibility }: Json) => ({ body, body_html, visibility })),
      message ? [{ body: message.body, body_html: message.body_html, visibility: message.visibility }] : [],
    )
    assert.equal((await desk.announcements()).at(-1)?.type, 'macro.applied')
  }

  t.diagnostic([...outcomes].map(([code, count]) => `${code} ${count}`).join(', '))
  assert.ok(outcomes.size > 2, 'some are done, and some are refused')
})

type Read = { ticket: Json; messages: Json[] }

async function read(by: Person, id: string): Promise<Read> {
  const { messages, ...ticket } = (await by.get(`/v1/tickets/${id}?include=messages`)).body
  return { ticket, messages }
}

function differences(before: Json, after: Json): Json[] {
  const flat = (ticket: Json): Map<string, unknown> =>
    new Map([
      ...KEYS.map((key) => [key, ticket[key]] as const),
      ...Object.entries(ticket.fields).map(([key, value]) => [`fields.${key}`, value] as const),
    ])
  const [was, is] = [flat(before), flat(after)]
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((field) => {
    const [from, to] = [was.get(field) ?? null, is.get(field) ?? null]
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ field, from, to }]
  })
}

async function raise(
  chance: Chance,
  { desk, ada, bob, queues }: { desk: Awaited<ReturnType<typeof openDesk>>; ada: Person; bob: Person; queues: string[] },
): Promise<string> {
  desk.clock.advance(1000)
  const { id } = (
    await ada.post('/v1/tickets', {
      subject: 'Help <b>',
      body: 'Please.',
      queue_id: chance.one(queues),
      requester: { email: bob.email },
      tags: chance.some(['vip', 'ink']),
    })
  ).body
  if (chance.happens(30)) await ada.post(`/v1/tickets/${id}/claim`)
  if (chance.happens(40)) await ada.patch(`/v1/tickets/${id}`, { status: chance.one(['open', 'pending', 'on_hold', 'solved']) })
  if (chance.happens(10)) await ada.post(`/v1/tickets/${id}/close`, {})
  return id
}

function contentBy(
  chance: Chance,
  { queues, category_id, type_id, ada }: { queues: string[]; category_id: string; type_id: string; ada: string },
): Json {
  const maybe = (key: string, value: unknown, percent = 25) => (chance.happens(percent) ? { [key]: value } : {})
  const [add_tags, remove_tags] = [chance.some(['vip', 'fire']), chance.some(['ink', 'wood'])]
  const wanted = {
    ...maybe('status', chance.one(['open', 'pending', 'solved', 'closed', 'new']), 40),
    ...maybe('priority', chance.one(['low', 'urgent'])),
    ...maybe('assignee_id', chance.one(['me', ada, null])),
    ...maybe('type_id', chance.one([type_id, null])),
    ...maybe('pending_in_seconds', 3600, 15),
    ...maybe('fields', { amount: chance.one([1, null]) }),
    ...(add_tags.length > 0 ? maybe('add_tags', add_tags, 40) : {}),
    ...(remove_tags.length > 0 ? maybe('remove_tags', remove_tags, 40) : {}),
    ...(chance.happens(20) ? { queue_id: chance.one(queues) } : chance.happens(20) ? { category_id } : {}),
  }
  const visibility = chance.one(['public', 'internal'])
  const body = chance.one([
    'Hello {{requester.first_name}}: {{ticket.subject}}',
    'Dear {{requester.last_name}}, {{ticket.status}}',
    '**Done** by {{agent.name}}.',
  ])
  const message = chance.happens(70) ? { message: { visibility, variants: [{ locale: 'en', body }] } } : {}
  const changes = Object.keys(wanted).length > 0 ? { changes: wanted } : {}
  return Object.keys({ ...message, ...changes }).length > 0 ? { ...message, ...changes } : { changes: { priority: 'high' } }
}

test('where a ticket changes while a text is made ready for it, the text is made again, and not for ever', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person({ role: 'agent' })
  const { id: ticket_id } = (await ada.post('/v1/tickets', { subject: 'One', body: 'Help' })).body
  const { id: macro_id } = (
    await ada.post('/v1/macros', { name: 'Say', message: { variants: [{ locale: 'en', body: '{{ticket.subject}}' }] } })
  ).body
  const actor = await desk.app.accounts.authenticate(ada.token)
  const which = { macro_id, given: { ticket_id } }
  const renderer = createRenderer({ onFailure: () => {} })
  t.after(() => renderer.close())
  const seen: string[] = []

  const found = await withTextFor({ db: desk.database.reader, renderer }, actor, which, async (text) => {
    seen.push(text?.body ?? '')
    if (seen.length > 1) return text?.body
    await ada.patch(`/v1/tickets/${ticket_id}`, { subject: 'Two' })
    throw new TextStale()
  })
  assert.deepEqual([found, seen], ['Two', ['One', 'Two']])

  const outdated = { body: 'One', body_html: '<p>One</p>\n' }
  await assert.rejects(
    desk.app.transact((tx) => applyMacro(tx, actor, { ...which, text: outdated })),
    TextStale,
  )

  let tries = 0
  const isConflict = (error: unknown) => error instanceof Problem && error.code === 'conflict'
  await assert.rejects(
    withTextFor({ db: desk.database.reader, renderer }, actor, which, async () => {
      tries++
      throw new TextStale()
    }),
    isConflict,
  )
  assert.equal(tries, 5)
})

test('sixty applications and changes at once: each message says what the ticket was when it was written', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person({ role: 'agent' })
  const { id: ticket_id } = (await ada.post('/v1/tickets', { subject: 'S0', body: 'Help' })).body
  const made = await ada.post('/v1/macros', {
    name: 'Say',
    message: { visibility: 'internal', variants: [{ locale: 'en', body: '{{ticket.subject}}' }] },
  })
  const path = `${made.headers.location}/apply`
  await desk.announcements()

  const replies = await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      i % 3 === 0
        ? ada.patch(`/v1/tickets/${ticket_id}`, { subject: `S${i}` })
        : ada.post(path, { ticket_id }, { 'idempotency-key': `key ${i % 30}` }),
    ),
  )

  const told = await desk.announcements()
  const rows = new Map(
    (await desk.database.reader.selectFrom('messages').select(['id', 'body']).where('ticket_id', '=', ticket_id).execute()).map(
      ({ id, body }) => [id, body],
    ),
  )
  const done = replies.filter(({ status, headers }) => status === 200 && headers['idempotent-replayed'] === undefined)
  for (const { status, text } of replies) assert.ok([200, 409].includes(status), text)
  assert.equal(told.filter(({ type }) => type === 'macro.applied').length, rows.size - 1)
  assert.ok(rows.size - 1 <= 20 && rows.size > 1)
  assert.ok(done.length > 20)
  // Between two changes of the subject all messages have one text.
  let texts = new Set<string | undefined>()
  for (const { type, subject_id } of told) {
    if (type === 'message.created') texts.add(rows.get(subject_id))
    if (type === 'ticket.updated') {
      assert.ok(texts.size <= 1, [...texts].join())
      texts = new Set()
    }
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toTime } from '../../src/platform/codecs.ts'
import { type Caller, type Desk, type Json, openDesk, type Person, type Reply } from '../desk.ts'
import { type Chance, createChance } from '../moving/chance.ts'
import { everyStep } from '../moving/lifecycles.ts'
import { readAll } from './whole-answers.ts'

const seed = Number(process.env.UNMOVED_SEED ?? Date.now() % 1_000_000)
const ACTS = 40
const HOUR = 3_600_000

const status = (key: string, category: 'new' | 'open' | 'pending' | 'on_hold' | 'solved' | 'closed') =>
  ({ key, label: key, requester_label: key, category }) as const
const hidden = (key: string, category: 'open' | 'pending') => ({ ...status(key, category), requester_label: null })

/** Beside what a requester knows, statuses of which he sees the categories: `open` and `pending`. */
const statuses = [
  status('new', 'new'),
  status('open', 'open'),
  hidden('triage', 'open'),
  hidden('checking', 'open'),
  status('pending', 'pending'),
  hidden('callback', 'pending'),
  status('solved', 'solved'),
  status('closed', 'closed'),
] as const
const lifecycle = { statuses, transitions: everyStep(statuses) }

test(`no internal act, in whatever order, moves a byte of what a requester is answered (UNMOVED_SEED=${seed})`, async (t) => {
  const desk = await openDesk(t)
  const shop = await openShop(desk)
  const chance = createChance(seed)
  const readers = { ada: shop.ada, mona: shop.mona, otto: shop.otto }
  const paths = { ada: pathsOf(shop), mona: pathsOf(shop), otto: pathsOf(shop) }
  await desk.settle()
  const before = await readAll(readers, paths)
  let done = 0

  for (let i = 0; i < ACTS; ) {
    const names: string[] = []
    for (const end = i + 4; i < end; i++) {
      const [name, act] = chance.one(internalActs(shop, chance))
      desk.clock.advance(1000)
      const reply = await act()
      names.push(`${name} ${reply.status}`)
      assert.ok(reply.status < 500 && reply.status !== 400, `${name}: ${reply.text}`)
      if (reply.status < 300) done++
      await desk.settle()
    }
    const after = await readAll(readers, paths)
    for (const [what, was] of before) assert.deepEqual(after.get(what), was, `${what} moved by one of: ${names.join(', ')}`)
  }

  // Most of them did something, and what he does see moves it.
  assert.ok(done > ACTS / 3, `${done} acts were done`)
  await shop.tom.post(`/v1/tickets/${shop.open}/messages`, { body: 'It is mended.' })
  await desk.settle()
  const moved = await readAll(readers, paths)
  assert.notDeepEqual(moved.get(`ada /v1/tickets/${shop.open}`), before.get(`ada /v1/tickets/${shop.open}`))
})

interface Shop {
  desk: Desk
  root: Person
  tom: Person
  tim: Person
  ada: Person
  /** The manager of ada's organization. */
  mona: Person
  /** Nobody to these tickets. */
  otto: Person
  /** In hand, and pending. */
  open: string
  pending: string
  queue: string
  lifecycles: readonly string[]
  inner: string
  types: readonly string[]
  rule: string
  view: string
  /** A note, tags and an inner value; what they do with it moves nothing that is shown. */
  macro: string
  team: string
}

async function openShop(desk: Desk): Promise<Shop> {
  const root = await desk.person({ role: 'admin' })
  const make = async (caller: Caller, path: string, body: object): Promise<string> => {
    const reply = await caller.post(path, body)
    assert.equal(reply.status, 201, reply.text)
    return reply.body.id
  }
  const organization_id = await make(root, '/v1/organizations', { name: 'Acme' })
  const [tom, tim] = [await desk.person({ role: 'agent' }), await desk.person({ role: 'agent' })]
  const team = await make(root, '/v1/teams', { name: 'First line' })
  for (const { id } of [tom, tim]) await root.put(`/v1/teams/${team}/members/${id}`)
  const lifecycles = [
    await make(root, '/v1/lifecycles', { name: 'One', ...lifecycle }),
    await make(root, '/v1/lifecycles', { name: 'Two', ...lifecycle }),
  ]
  const queue = await make(root, '/v1/queues', { key: 'first', name: 'First', team_ids: [team], lifecycle_id: lifecycles[0] })
  await make(root, '/v1/fields', { key: 'outer', label: 'Outer', type: 'text', requester_access: 'write' })
  await make(root, '/v1/categories', { name: 'Printers' })
  const ada = await desk.person({ organization_id })
  const raise = async (subject: string, wanted: string): Promise<string> => {
    desk.clock.advance(1000)
    const id = await make(ada, '/v1/tickets', { subject, body: 'Help', fields: { outer: subject } })
    await root.patch(`/v1/tickets/${id}`, { queue_id: queue })
    await root.patch(`/v1/tickets/${id}`, { status: wanted })
    await tom.post(`/v1/tickets/${id}/messages`, { body: 'We look into it.' })
    await root.patch(`/v1/tickets/${id}`, { status: wanted })
    await ada.put(`/v1/tickets/${id}/draft`, { body: 'Am I a vip?' })
    return id
  }
  return {
    desk,
    root,
    tom,
    tim,
    ada,
    mona: await desk.person({ organization_id, organization_role: 'manager' }),
    otto: await desk.person(),
    open: await raise('A printer', 'open'),
    pending: await raise('A chair', 'pending'),
    queue,
    lifecycles,
    inner: await make(root, '/v1/fields', { key: 'inner', label: 'Inner', type: 'text' }),
    types: [
      await make(root, '/v1/ticket-types', { name: 'Incident' }),
      await make(root, '/v1/ticket-types', { name: 'Question' }),
    ],
    rule: await make(root, '/v1/routing-rules', {
      name: 'Nobody',
      conditions: { subject_words: ['unheard'] },
      actions: { add_tags: ['fire'] },
    }),
    macro: await make(root, '/v1/macros', {
      name: 'Look again',
      visibility: 'shared',
      message: { visibility: 'internal', variants: [{ locale: 'en', body: 'A note: vip, {{requester.email}}.' }] },
      changes: { add_tags: ['vip'], remove_tags: ['fire'], assignee_id: 'me' },
    }),
    view: await make(tom, '/v1/views', { name: 'Mine', filters: { assignee_id: 'me' }, team_id: team, visibility: 'team' }),
    team,
  }
}

/** All that a requester can ask: what he gets, and what he is refused. */
function pathsOf({ open, pending, queue, view, macro, rule, tom, inner, lifecycles, types }: Shop): string[] {
  const ofTicket = [open, pending].flatMap((id) =>
    [
      '',
      '?include=messages',
      '/messages',
      '/participants',
      '/read-marks',
      '/draft',
      '/events?include=object,ticket',
      '/transitions',
      '/eligibility',
      '/routing',
    ].map((rest) => `tickets/${id}${rest}`),
  )
  const lists = [
    ...['-created_at', 'updated_at', '-updated_at', 'priority', 'number', 'fields[outer]', 'fields[inner]'].map(
      (sort) => `sort=${sort}`,
    ),
    ...['status=open', 'status=pending', 'status=triage', 'status=callback', 'status_category=open,pending', 'assignee_id=none'],
    ...['tag=vip', 'type_id=none', `queue_id=${queue}`, 'q=vip', 'q=tag:vip', 'fields[inner]=vip', 'fields[outer]=none'],
    ...['due_at[gt]=2020-01-01T00:00:00Z', 'updated_at[gt]=2026-11-22T09:00:10Z', 'limit=1'],
  ].map((query) => `tickets?include=total&${query}`)
  const refused = [
    ...['canned-replies', 'macros', `macros/${macro}`, 'macros?q=vip'],
    ...['views', `views/${view}`, `views/${view}/tickets`, 'queues/counts', 'tags', 'agents', `agents/${tom.id}`, 'jobs'],
    ...[
      'routing-rules',
      `routing-rules/${rule}`,
      'lifecycles',
      `lifecycles/${lifecycles[0]}`,
      'ticket-types',
      `ticket-types/${types[0]}`,
    ],
    ...['teams', 'users', 'settings', 'api-keys', `fields/${inner}`, `queues/${queue}`],
  ]
  const rest = ['statuses', 'fields', 'categories', 'queues', 'events?include=object,ticket', 'events?type=ticket.*', 'me']
  return [...ofTicket, ...lists, ...refused, ...rest].map((path) => `/v1/${path}`)
}

type Act = readonly [name: string, act: () => Promise<Reply>]

function internalActs(shop: Shop, chance: Chance): Act[] {
  return [...actsOnTickets(shop, chance), ...actsOnDesk(shop, chance)]
}

/** Takes a word out of a note, if there is one with it. */
async function redactSome(root: Person, path: string): Promise<Reply> {
  const { body } = await root.get(`${path}/messages?limit=100`)
  const note = body.data.find((one: Json) => one.visibility === 'internal' && one.body.includes('vip'))
  return note ? root.post(`${path}/messages/${note.id}/redact`, { passage: 'vip' }) : root.get(path)
}

function actsOnTickets({ desk, root, tom, tim, open, pending, types, queue, macro }: Shop, chance: Chance): Act[] {
  const path = `/v1/tickets/${chance.one([open, pending])}`
  const later = (): string => toTime(desk.clock.now() + HOUR + chance.below(HOUR))
  return [
    ['a note', () => tom.post(`${path}/messages`, { body: 'A note: vip.', visibility: 'internal' })],
    ['a redacted note', () => redactSome(root, path)],
    ['a draft', () => tom.put(`${path}/draft`, { body: `vip ${chance.below(9)}`, visibility: 'internal' }, { 'if-match': '*' })],
    ['a new draft', () => tim.put(`${path}/draft`, { body: 'vip', visibility: 'internal' })],
    ['a macro', () => tom.post(`/v1/macros/${macro}/apply`, { ticket_id: chance.one([open, pending]) })],
    ['a look at a macro', () => tom.post(`/v1/macros/${macro}/preview`, { ticket_id: chance.one([open, pending]) })],
    ['a hidden step', () => tom.patch(`/v1/tickets/${open}`, { status: chance.one(['triage', 'checking']) })],
    ['a step back', () => tom.patch(`/v1/tickets/${open}`, { status: chance.one(['open', 'triage']) })],
    [
      'a hidden step of what is pending',
      () => tim.patch(`/v1/tickets/${pending}`, { status: chance.one(['pending', 'callback']) }),
    ],
    ['a snooze', () => tim.patch(`/v1/tickets/${pending}`, { pending_until: chance.happens(30) ? null : later() })],
    ['a hidden snooze', () => tim.patch(`/v1/tickets/${pending}`, { status: 'callback', pending_until: later() })],
    ['tags', () => tom.post(`${path}/tags`, { tags: chance.one([['vip'], ['fire', 'ink']]) })],
    ['a tag less', () => tom.delete(`${path}/tags/${chance.one(['vip', 'fire'])}`)],
    ['a tag renamed', () => root.patch('/v1/tags/vip', { name: 'important' })],
    ['tags merged', () => root.post(`/v1/tags/${chance.one(['important', 'ink'])}/merge`, { into: 'fire' })],
    ['a claim', () => chance.one([tom, tim]).post(`${path}/claim`)],
    ['a claim of the next', () => chance.one([tom, tim]).post(`/v1/queues/${queue}/claim`)],
    ['a release', () => tom.post(`${path}/release`)],
    ['an assignment', () => root.patch(path, { assignee_id: chance.one([tom.id, tim.id, null]) })],
    ['a due time', () => tom.patch(path, { due_at: chance.happens(30) ? null : later() })],
    ['skills', () => tom.put(`${path}/skills`, { skills: chance.some(['vip', 'wood']), relax_after_seconds: 60 })],
    ['an inner value', () => tom.patch(path, { fields: { inner: chance.one(['vip', 'note', null]) } })],
    ['a type', () => tom.patch(path, { type_id: chance.one([null, ...types]) })],
    ['a follower', () => tom.put(`${path}/participants/${tim.id}`, { role: 'follower' })],
    ['a call', () => tom.post(`${path}/messages`, { body: `@${tim.id}: vip.`, visibility: 'internal' })],
    ['a follower less', () => tim.delete(`${path}/participants/${tim.id}?role=follower`)],
    ['a route', () => tom.post(`${path}/route`)],
    ['a hand-over', () => root.post(`/v1/agents/${tom.id}/handover`, { to: chance.one(['queue', tim.id]), dry_run: false })],
  ]
}

function actsOnDesk({ root, tom, queue, lifecycles, inner, types, rule, view, team }: Shop, chance: Chance): Act[] {
  const name = `Name ${chance.below(1000)}`
  const extra = hidden(`extra_${chance.below(4)}`, 'open')
  const wider = chance.happens(50) ? [...statuses, extra] : statuses
  const gone = Object.fromEntries(
    [0, 1, 2, 3].map((n) => [`extra_${n}`, 'triage']).filter(([key]) => !wider.some((one) => one.key === key)),
  )
  return [
    ['a queue’s name', () => root.patch(`/v1/queues/${queue}`, { name })],
    [
      'a policy',
      () =>
        root.patch(`/v1/queues/${queue}`, {
          assignment: { mode: chance.one(['manual', 'load_balanced', 'claim_only']), order: chance.one(['due', 'age']) },
        }),
    ],
    ['the teams of a queue', () => root.patch(`/v1/queues/${queue}`, { team_ids: [team] })],
    ['a lifecycle of the same words', () => root.patch(`/v1/queues/${queue}`, { lifecycle_id: chance.one(lifecycles) })],
    ['a lifecycle’s name', () => root.patch(`/v1/lifecycles/${lifecycles[0]}`, { name })],
    [
      'hidden statuses that come and go',
      () =>
        root.patch(`/v1/lifecycles/${chance.one(lifecycles)}`, {
          statuses: wider,
          transitions: everyStep(wider),
          replacements: gone,
        }),
    ],
    ['a hidden queue', () => root.post('/v1/queues', { key: `k${chance.below(1e6)}`, name })],
    ['an inner field', () => root.patch(`/v1/fields/${inner}`, { label: name, required: chance.one(['never', 'solve']) })],
    ['an inner field out of use', () => root.patch(`/v1/fields/${inner}`, { archived: chance.happens(50) })],
    ['another inner field', () => root.post('/v1/fields', { key: `f${chance.below(1e6)}`, label: name, type: 'number' })],
    ['a type out of use', () => root.patch(`/v1/ticket-types/${chance.one(types)}`, { archived: chance.happens(50) })],
    ['a category of a hidden queue', () => root.post('/v1/categories', { name, queue_ids: [queue] })],
    ['a rule', () => root.patch(`/v1/routing-rules/${rule}`, { name, enabled: chance.happens(50) })],
    [
      'another rule',
      () => root.post('/v1/routing-rules', { name, conditions: { tags: ['vip'] }, actions: { add_tags: ['fire'] } }),
    ],
    ['a view', () => tom.post('/v1/views', { name, filters: { tag: 'vip' } })],
    ['another macro', () => tom.post('/v1/macros', { name, changes: { add_tags: ['vip'] } })],
    ['a canned reply', () => tom.post('/v1/canned-replies', { name, variants: [{ locale: 'en', body: 'vip' }] })],
    ['a changed view', () => tom.patch(`/v1/views/${view}`, { name, filters: { status: chance.one(['open', 'triage']) } })],
    [
      'an agent',
      () =>
        root.patch(`/v1/agents/${tom.id}`, {
          availability: chance.one(['online', 'away', 'offline']),
          capacity: chance.one([null, 1]),
        }),
    ],
    ['an agent’s skills', () => root.patch(`/v1/agents/${tom.id}`, { skills: chance.some(['vip', 'wood']) })],
  ]
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { countTickets, listTickets, type Sort } from '../src/modules/tickets/list-tickets.ts'
import { canWork } from '../src/modules/tickets/policy.ts'
import { toTicket } from '../src/modules/tickets/present.ts'
import { findVisibleTicket, getVisibleTicket } from '../src/modules/tickets/queries.ts'
import { countSavedTickets, listSavedTickets } from '../src/modules/tickets/saved-filters.ts'
import type { View } from '../src/modules/tickets/ticket.ts'
import { viewOf } from '../src/modules/tickets/visibility.ts'
import { countQueues } from '../src/modules/views/queue-counts.ts'
import { type Actor, isStaff, systemActor } from '../src/platform/actor.ts'
import { toJson } from '../src/platform/codecs.ts'
import type { Database } from '../src/platform/database/database.ts'
import { insertRow, insertRows } from '../src/platform/database/prepared.ts'
import type { Reader } from '../src/platform/database/schema.ts'
import { openDesk } from './desk.ts'
import { everyStep } from './moving/lifecycles.ts'
import { buildWorld, queues, randomActor, ticketId, ticketInAnyState } from './small-worlds.ts'

const NOW = 2000
const levels = ['low', 'high'] as const

/** Statuses of which requesters see but the categories, beside those that they know. */
const statuses = [
  { key: 'new', label: 'New', requester_label: 'New', category: 'new' },
  { key: 'open', label: 'Open', requester_label: 'Open', category: 'open' },
  { key: 'checking', label: 'Checking', requester_label: null, category: 'open' },
  { key: 'waiting', label: 'Waiting', requester_label: 'Waiting', category: 'pending' },
  { key: 'parts', label: 'Parts', requester_label: null, category: 'on_hold' },
  { key: 'solved', label: 'Solved', requester_label: 'Solved', category: 'solved' },
  { key: 'closed', label: 'Closed', requester_label: 'Closed', category: 'closed' },
] as const
type Status = (typeof statuses)[number]

const worldTicket = fc.record({
  facts: ticketInAnyState,
  status: fc.constantFrom(...statuses),
  type: fc.constantFrom<0 | 1 | null>(0, 1, null),
  /** Hidden from requesters. */
  inner: fc.option(fc.integer({ min: 0, max: 3 })),
  /** Requesters read it. */
  outer: fc.option(fc.constantFrom(...levels)),
})
type WorldTicket = typeof worldTicket extends fc.Arbitrary<infer T> ? T : never

/** A filter as it is asked for, and which tickets it means on each side. */
interface Filter {
  query: Record<string, string>
  holds(ticket: WorldTicket, view: View, actor: Actor): boolean
  /** Names what a requester must not even know of. */
  isUnknownToRequesters?: boolean
}

const shownTo = ({ key, requester_label, category }: Status, view: View): string =>
  view === 'staff' || requester_label !== null ? key : category

/** What only staff know: for a requester nothing matches. */
const inside = (query: Record<string, string>, holds: (ticket: WorldTicket, actor: Actor) => boolean): Filter => ({
  query,
  holds: (ticket, view, actor) => view === 'staff' && holds(ticket, actor),
})
const both = (query: Record<string, string>, holds: (ticket: WorldTicket) => boolean): Filter => ({ query, holds })

/** Every filter there is that could tell one side from the other, and some that cannot. */
function everyFilter(types: readonly string[]): Filter[] {
  const numbers = [0, 1, 2, 3]
  return [
    ...[...statuses.map(({ key }) => key), 'on_hold'].map(
      (key): Filter => ({
        query: { status: key },
        holds: ({ status }, view) => shownTo(status, view) === key,
        // To a requester these are no names of anything; `on_hold` is one for a requester alone.
        isUnknownToRequesters: key === 'checking' || key === 'parts',
      }),
    ),
    ...statuses.map(({ category }) => both({ status_category: category }, ({ status }) => status.category === category)),
    ...queues.map((id) => both({ queue_id: id }, ({ facts }) => facts.queue_id === id)),
    inside({ assignee_id: 'me' }, ({ facts }, actor) => facts.assignee_id === actor.id),
    inside({ assignee_id: 'none' }, ({ facts }) => facts.assignee_id === null),
    ...['vip', 'fire'].map((tag) => inside({ tag }, ({ facts }) => facts.tag === tag)),
    ...types.map((id, i) => inside({ type_id: id }, ({ type }) => type === i)),
    inside({ type_id: 'none' }, ({ type }) => type === null),
    ...levels.map((level) => both({ 'fields[outer]': level }, ({ outer }) => outer === level)),
    both({ 'fields[outer]': 'none' }, ({ outer }) => outer === null),
    ...numbers.map((n) => innerly({ 'fields[inner]': String(n) }, (inner) => inner === n)),
    ...numbers.map((n) => innerly({ 'fields[inner][gte]': String(n) }, (inner) => inner !== null && inner >= n)),
    innerly({ 'fields[inner]': 'none' }, (inner) => inner === null),
  ]
}

function innerly(query: Record<string, string>, holds: (inner: number | null) => boolean): Filter {
  return { ...inside(query, ({ inner }) => holds(inner)), isUnknownToRequesters: true }
}

interface List {
  filters: readonly Filter[]
  sort: Sort
}

const randomSort = fc.constantFrom<Sort>(
  'created_at',
  '-updated_at',
  'priority',
  '-number',
  'fields[outer]',
  '-fields[outer]',
  '-fields[inner]',
)

const randomList = (filters: readonly Filter[]): fc.Arbitrary<List> =>
  fc.record({
    filters: fc.uniqueArray(fc.constantFrom(...filters), { maxLength: 3, selector: ({ query }) => Object.keys(query).join() }),
    sort: randomSort,
  })

test('lists, views, counts and answers show what is seen, and nothing else, with hidden statuses and custom fields', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const make = async (path: string, body: object): Promise<string> => (await admin.post(path, body)).body.id
  const transitions = everyStep(statuses)
  const known = {
    lifecycle_id: await make('/v1/lifecycles', { name: 'Hidden', statuses, transitions }),
    types: [await make('/v1/ticket-types', { name: 'Incident' }), await make('/v1/ticket-types', { name: 'Question' })],
    inner: await make('/v1/fields', { key: 'inner', label: 'Inner', type: 'number' }),
    outer: await make('/v1/fields', {
      key: 'outer',
      label: 'Outer',
      type: 'choice',
      requester_access: 'read',
      options: levels.map((value) => ({ value, label: value })),
    }),
  }
  const filters = everyFilter(known.types)
  const alone = filters.map((filter): List => ({ filters: [filter], sort: '-created_at' }))
  await fc.assert(
    fc.asyncProperty(
      fc.array(worldTicket, { minLength: 1, maxLength: 12 }),
      fc.array(randomActor, { minLength: 1, maxLength: 3 }),
      fc.array(randomList(filters), { minLength: 1, maxLength: 6 }),
      async (world, everybody, lists) => {
        await fillDatabase(desk.database, { world, known })
        for (const one of everybody) {
          const actor: Actor = { ...systemActor, ...one }
          const seen = viewsOf(world, actor)
          await checkOneByOne(desk.database.reader, { world, actor, seen })
          for (const list of [...alone, ...lists]) await checkList(desk.database.reader, { world, actor, seen, list })
          await checkQueues(desk.database.reader, { world, actor })
        }
      },
    ),
    { numRuns: desk.database.engine === 'sqlite' ? 80 : 30 },
  )
})

type Known = { lifecycle_id: string; types: string[]; inner: string; outer: string }
type Seen = Map<string, View>

async function fillDatabase(
  database: Database,
  { world, known }: { world: readonly WorldTicket[]; known: Known },
): Promise<void> {
  await database.write(async (db) => {
    await buildWorld(
      db,
      world.map(({ facts, status }) => ({ ...facts, status_category: status.category })),
    )
    await db.deleteFrom('ticket_field_values').execute()
    for (const [i, ticket] of world.entries()) await dress(db, { ticket_id: ticketId(i), ticket, known })
  })
}

/** Gives a ticket its status, its type and its values. */
async function dress(
  db: Reader,
  { ticket_id, ticket, known }: { ticket_id: string; ticket: WorldTicket; known: Known },
): Promise<void> {
  const { status, type, inner, outer, facts } = ticket
  const shown = shownTo(status, 'requester')
  const row = {
    lifecycle_id: known.lifecycle_id,
    status: status.key,
    public_status: shown === status.key ? null : shown,
    type_id: type === null ? null : (known.types[type] ?? null),
    fields: toJson(valuesOf(ticket, 'staff')),
    tags: toJson(facts.tag ? [facts.tag] : []),
  }
  await db.updateTable('tickets').set(row).where('id', '=', ticket_id).execute()
  if (facts.deleted_at !== null) return
  if (inner !== null)
    await insertRow(db, 'ticket_field_values', {
      ticket_id,
      field_id: known.inner,
      item: 0,
      text_value: null,
      number_value: inner,
    })
  if (outer !== null)
    await insertRows(db, 'ticket_field_values', [
      { ticket_id, field_id: known.outer, item: 0, text_value: outer, number_value: null },
    ])
}

/** The values that a side of a ticket shows. */
function valuesOf({ inner, outer }: WorldTicket, view: View): Record<string, unknown> {
  return { ...(inner !== null && view === 'staff' ? { inner } : {}), ...(outer === null ? {} : { outer }) }
}

/** Which tickets somebody sees, and on which side: by the plain rule. */
function viewsOf(world: readonly WorldTicket[], actor: Actor): Seen {
  const seen: Seen = new Map()
  for (const [i, { facts }] of world.entries()) {
    const view = facts.deleted_at === null ? viewOf(facts, actor) : null
    if (view) seen.set(ticketId(i), view)
  }
  return seen
}

async function checkOneByOne(
  db: Reader,
  { world, actor, seen }: { world: readonly WorldTicket[]; actor: Actor; seen: Seen },
): Promise<void> {
  const all = await listTickets(db, actor, { filters: {}, sort: '-created_at', after: undefined, limit: 100 })
  const listed = new Map(all.map((ticket) => [ticket.id, toTicket(ticket, actor)]))
  assert.equal(listed.size, seen.size)
  assert.equal(await countTickets(db, actor, {}), seen.size)
  for (const [i, ticket] of world.entries()) {
    const view = seen.get(ticketId(i))
    const found = await findVisibleTicket(db, actor, ticketId(i))
    assert.equal(found?.view, view)
    if (!found || !view) {
      await assert.rejects(getVisibleTicket(db, actor, ticketId(i)), { code: 'not_found' })
      continue
    }
    const shown = toTicket(found, actor)
    assert.equal(shown.status, shownTo(ticket.status, view))
    assert.deepEqual(shown.fields, valuesOf(ticket, view))
    assert.equal('assignee_id' in shown, view === 'staff')
    // Who could have it is for those who work on it: eligibility and routing ask just this.
    assert.equal(canWork(found), view === 'staff')
    assert.deepEqual(listed.get(found.id), shown)
    const names = new Set(statuses.map((status) => shownTo(status, view)))
    for (const name of shown.allowed_transitions) assert.ok(names.has(name), `${name} is shown to ${view}`)
  }
}

async function checkList(
  db: Reader,
  { world, actor, seen, list: { filters, sort } }: { world: readonly WorldTicket[]; actor: Actor; seen: Seen; list: List },
): Promise<void> {
  const saved = { filters: Object.assign({}, ...filters.map(({ query }) => query)), sort }
  const isOutside = sort.includes('inner') || filters.some(({ isUnknownToRequesters }) => isUnknownToRequesters)
  if (!isStaff(actor) && isOutside) {
    await assert.rejects(listSavedTickets(db, actor, { saved, after: undefined, limit: 100 }), { code: 'validation_failed' })
    return
  }
  const expected = world.flatMap((ticket, i) => {
    const view = seen.get(ticketId(i))
    return view && filters.every((filter) => filter.holds(ticket, view, actor)) ? [`${ticketId(i)} ${view}`] : []
  })
  const listed = await listSavedTickets(db, actor, { saved, after: undefined, limit: 100 })
  assert.deepEqual(listed.map(({ id, view }) => `${id} ${view}`).sort(), expected, JSON.stringify([actor, saved]))
  assert.equal(await countSavedTickets(db, actor, saved), expected.length)
  checkOrder(
    listed.map((ticket) => toTicket(ticket, actor)),
    sort,
  )
}

/** A list by a field stands in the order of the values that it shows: those without one come last. */
function checkOrder(shown: readonly ReturnType<typeof toTicket>[], sort: Sort): void {
  const [, minus, key] = /^(-?)fields\[(.*)\]$/.exec(sort) ?? []
  if (key === undefined) return
  const values = shown.map(({ fields }) => fields?.[key])
  const having = values.filter((value) => value !== undefined)
  assert.deepEqual(values.slice(0, having.length), having)
  const sorted = having.toSorted((a, b) => (a === b ? 0 : (a < b ? -1 : 1) * (minus === '-' ? -1 : 1)))
  assert.deepEqual(having, sorted)
}

/** The numbers of each queue are those of its tickets, for who works in it. */
async function checkQueues(db: Reader, { world, actor }: { world: readonly WorldTicket[]; actor: Actor }): Promise<void> {
  if (!isStaff(actor)) return
  const counted = await countQueues(db, actor, NOW)
  const mine = actor.role === 'admin' ? queues : queues.filter((id) => actor.queue_ids.includes(id))
  const among = counted.filter(({ queue_id }) => queues.includes(queue_id))
  assert.deepEqual(among.map(({ queue_id }) => queue_id).sort(), [...mine].sort())
  for (const { queue_id, object: _, ...numbers } of among) {
    const there = world.filter(({ facts }) => facts.queue_id === queue_id && facts.deleted_at === null)
    const isAtHand = ({ status }: WorldTicket) => status.category === 'new' || status.category === 'open'
    assert.deepEqual(numbers, {
      new: there.filter(({ status }) => status.category === 'new').length,
      open: there.filter(({ status }) => status.category === 'open').length,
      unassigned: there.filter((ticket) => isAtHand(ticket) && ticket.facts.assignee_id === null).length,
      mine: there.filter((ticket) => isAtHand(ticket) && ticket.facts.assignee_id === actor.id).length,
      pending_overdue: there.filter(
        ({ status, facts }) =>
          (status.category === 'pending' || status.category === 'on_hold') &&
          facts.pending_until !== null &&
          facts.pending_until < NOW,
      ).length,
    })
  }
}

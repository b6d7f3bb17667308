import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Act, type Happening, isForStaff, kinds, owedTo, type Person, usual, ways } from './choices.ts'

const RUNS = Number(process.env.BECKON_TEST_RUNS ?? 300)
const anybody = fc.constantFrom('usr_a', 'usr_b', 'usr_c')
const category = fc.constantFrom('new', 'open', 'pending', 'on_hold', 'solved', 'closed')
const visibility = fc.constantFrom('public', 'internal')

const happening = fc
  .oneof(
    fc.record({
      what: fc.constant('raised'),
      requester_id: anybody,
      is_assigned: fc.boolean(),
      visibility: fc.constant('public'),
    }),
    fc.record({
      what: fc.constant('written'),
      message_id: fc.constant('msg_1'),
      author_id: anybody,
      by: fc.constantFrom('staff', 'requester', 'program'),
      visibility,
    }),
    fc.record({ what: fc.constant('assigned'), assignee_id: fc.option(anybody), visibility: fc.constant('internal') }),
    fc.record({
      what: fc.constant('mentioned'),
      user_id: anybody,
      message_id: fc.constant('msg_1'),
      visibility: fc.constant('internal'),
    }),
    fc.record({ what: fc.constant('stepped'), from: category, to: category, visibility }),
    fc.record({ what: fc.constant('woken'), visibility: fc.constant('internal') }),
  )
  .map((one) => ({ ...one, event_id: 'evt_1' }) as Happening)

const act: fc.Arbitrary<Act> = fc.record({ actor_id: anybody, happenings: fc.array(happening, { minLength: 1, maxLength: 5 }) })

const person: fc.Arbitrary<Person> = fc.record({
  user_id: anybody,
  side: fc.constantFrom('staff', 'requester'),
  roles: fc.uniqueArray(fc.constantFrom('requester', 'assignee', 'cc', 'follower')),
  notify: fc.constantFrom('all', 'replies', 'none', null),
  choices: fc.dictionary(fc.constantFrom(...kinds), fc.constantFrom(...ways)) as fc.Arbitrary<Person['choices']>,
})

test('nobody is told of his own act, but that his request is here', () => {
  fc.assert(
    fc.property(act, person, (did, one) => {
      const owed = owedTo({ ...did, actor_id: one.user_id }, one)
      return owed === undefined || owed.kind === 'ticket_received'
    }),
    { numRuns: RUNS },
  )
})

test('nothing internal reaches who sees the public side only', () => {
  fc.assert(
    fc.property(act, person, (did, one) => {
      const inside = { ...did, happenings: did.happenings.map((news) => ({ ...news, visibility: 'internal' as const })) }
      return owedTo(inside as Act, { ...one, side: 'requester' }) === undefined
    }),
    { numRuns: RUNS },
  )
  fc.assert(
    fc.property(act, person, (did, one) => {
      const owed = owedTo(did, { ...one, side: 'requester' })
      return owed === undefined || !isForStaff(owed.kind)
    }),
    { numRuns: RUNS },
  )
})

test('who wants nothing of a ticket, or of a kind, is told nothing of it', () => {
  fc.assert(
    fc.property(act, person, (did, one) => owedTo(did, { ...one, notify: 'none' }) === undefined),
    { numRuns: RUNS },
  )
  fc.assert(
    fc.property(act, person, (did, one) => {
      const owed = owedTo(did, one)
      return owed === undefined || one.choices[owed.kind] !== 'off'
    }),
    { numRuns: RUNS },
  )
  const off = Object.fromEntries(kinds.map((kind) => [kind, 'off' as const]))
  fc.assert(
    fc.property(act, person, (did, one) => owedTo(did, { ...one, choices: off }) === undefined),
    { numRuns: RUNS },
  )
})

test('what is told does not hang on the order in which it was announced', () => {
  fc.assert(
    fc.property(act, person, (did, one) => {
      const there = owedTo(did, one)
      const back = owedTo({ ...did, happenings: [...did.happenings].reverse() }, one)
      assert.deepEqual([there?.kind, there?.way], [back?.kind, back?.way])
    }),
    { numRuns: RUNS },
  )
})

const bob: Person = { user_id: 'usr_bob', side: 'staff', roles: ['assignee'], notify: 'all', choices: {} }
const ada: Person = { user_id: 'usr_ada', side: 'requester', roles: ['requester'], notify: 'all', choices: {} }
const of = (...happenings: object[]): Act => ({
  actor_id: 'usr_x',
  happenings: happenings.map((one, i) => ({ event_id: `evt_${i}`, visibility: 'public', ...one }) as Happening),
})
const written = { what: 'written', message_id: 'msg_1', author_id: 'usr_x', by: 'staff' }
const note = { ...written, visibility: 'internal' }
const raised = { what: 'raised', requester_id: 'usr_ada', is_assigned: false }
const assigned = { what: 'assigned', assignee_id: 'usr_bob', visibility: 'internal' }
const mentioned = { what: 'mentioned', user_id: 'usr_bob', message_id: 'msg_1', visibility: 'internal' }
const solved = { what: 'stepped', from: 'open', to: 'solved' }
const reopened = { what: 'stepped', from: 'solved', to: 'open' }
const closed = { what: 'stepped', from: 'solved', to: 'closed' }

const cases: [string, Act, Person, string | undefined][] = [
  ['his request is here', of(raised, { ...written, by: 'requester', author_id: 'usr_ada' }), ada, 'ticket_received'],
  ['a form sent it for her', of(raised, { ...written, by: 'program' }), ada, 'ticket_received'],
  ['an agent wrote it for her', of(raised, written), ada, 'reply'],
  ['a program answers later', of({ ...written, by: 'program' }), ada, 'reply'],
  ['an answer that solves it is told as the answer', of(written, solved), ada, 'reply'],
  ['solved without a word', of(solved), ada, 'solved'],
  ['closed by itself is not told unless somebody asks', of(closed), ada, undefined],
  ['closed by itself, and she asks', of(closed), { ...ada, choices: { status_changed: 'digest' } }, 'status_changed'],
  ['reopened', of(reopened), ada, 'reopened'],
  ['cc hears of what is written', of(written), { ...ada, roles: ['cc'], notify: 'replies' }, 'reply'],
  ['cc does not hear of the rest', of(solved), { ...ada, roles: ['cc'], notify: 'replies' }, undefined],
  ['a note', of(note), bob, 'note'],
  ['a note is not for her', of(note), ada, undefined],
  ['a note for who wants public messages only', of(note), { ...bob, notify: 'replies' }, undefined],
  ['assigned, mentioned and written at once', of(note, mentioned, assigned), bob, 'mentioned'],
  ['assigned and written at once', of(written, assigned), bob, 'assigned'],
  ['somebody else has it now', of({ ...assigned, assignee_id: 'usr_fay' }), bob, undefined],
  ['at once goes before what can wait', of(note, mentioned), { ...bob, choices: { mentioned: 'digest' } }, 'note'],
  ['what is off gives way', of(note, mentioned), { ...bob, choices: { mentioned: 'off' } }, 'note'],
  ['its time is up', of({ what: 'woken', visibility: 'internal' }), bob, 'pending_reminder'],
  ['a new ticket is not told unless somebody asks', of(raised), { ...bob, roles: [], notify: null }, undefined],
  ['a new ticket', of(raised), { ...bob, roles: [], notify: null, choices: { new_ticket: 'at_once' } }, 'new_ticket'],
  [
    'a new ticket that somebody has already',
    of({ ...raised, is_assigned: true }),
    { ...bob, roles: [], notify: null, choices: { new_ticket: 'at_once' } },
    undefined,
  ],
]
for (const [name, did, one, expected] of cases) test(name, () => assert.equal(owedTo(did, one)?.kind, expected))

test('every kind is for somebody', () => {
  for (const kind of kinds) assert.ok(usual.staff[kind] ?? usual.requester[kind])
})

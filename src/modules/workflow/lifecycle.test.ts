import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Definition,
  defaultDefinition,
  faultsOf,
  mappedStatus,
  publicStatus,
  type StatusCategory,
  type StatusDefinition,
  statusOf,
  type Taker,
  transitionsFrom,
} from './lifecycle.ts'

function status(key: string, category: StatusCategory, requester_label: string | null = key): StatusDefinition {
  return { key, label: key, requester_label, category }
}

function step(from: string, to: string, by: Taker[] = ['agent']) {
  return { from, to, by, required_fields: [] as string[] }
}

const small: Definition = {
  statuses: [status('new', 'new'), status('open', 'open'), status('solved', 'solved'), status('closed', 'closed')],
  transitions: [step('new', 'open'), step('open', 'solved'), step('solved', 'closed')],
  mappings: [],
  retired: [],
}

const codes = (definition: Definition): string[] => faultsOf(definition).map(({ pointer, code }) => `${pointer} ${code}`)

test('the lifecycle that an installation starts with is sound', () => {
  assert.deepEqual(faultsOf(defaultDefinition), [])
  assert.deepEqual(faultsOf(small), [])
})

test('a definition in which a ticket could get stuck, or that names what is not there, is refused with every fault', () => {
  const statuses = [...small.statuses, status('lost', 'open')]
  const cases: [Definition, string[]][] = [
    [{ ...small, statuses }, ['/statuses/4 stranded']],
    [
      { ...small, statuses, transitions: [...small.transitions, step('lost', 'closed', ['requester'])] },
      ['/statuses/4 stranded'],
    ],
    // Beckon takes a step by itself only where an answer, a claim or time calls for it.
    [{ ...small, statuses, transitions: [...small.transitions, step('lost', 'solved', ['system'])] }, ['/statuses/4 stranded']],
    [
      { ...small, transitions: [step('new', 'open', ['system']), step('open', 'solved'), step('solved', 'closed', ['system'])] },
      [],
    ],
    [
      { ...small, transitions: [step('new', 'open'), step('open', 'closed', ['system']), step('solved', 'closed')] },
      ['/statuses/0 stranded', '/statuses/1 stranded'],
    ],
    [{ ...small, statuses: small.statuses.slice(1) }, ['/statuses category_missing', '/transitions/0/from unknown_status']],
    [
      { ...small, statuses: [...small.statuses, status('open', 'pending')] },
      ['/statuses/4/key taken', '/statuses/4/key reserved'],
    ],
    [{ ...small, statuses: [...small.statuses, status('pending', 'on_hold')] }, ['/statuses/4/key reserved']],
    [{ ...small, transitions: [...small.transitions, step('closed', 'open')] }, ['/transitions/3/from closed']],
    [{ ...small, transitions: [...small.transitions, step('open', 'new')] }, ['/transitions/3/to new']],
    [{ ...small, transitions: [...small.transitions, step('open', 'open')] }, ['/transitions/3/to same_status']],
    [{ ...small, transitions: [...small.transitions, step('new', 'open', ['system'])] }, ['/transitions/3/to taken']],
    [
      {
        ...small,
        statuses: [...small.statuses, status('vendor', 'pending', null)],
        transitions: [...small.transitions, step('vendor', 'solved'), step('open', 'vendor', ['requester'])],
      },
      ['/transitions/4/by hidden_status'],
    ],
    [
      { ...small, mappings: [{ from_lifecycle_id: 'lif_1', from_status: 'x', to_status: 'y' }] },
      ['/mappings/0/to_status unknown_status'],
    ],
  ]
  for (const [definition, expected] of cases) assert.deepEqual(codes(definition), expected)
})

test('requesters see the name of the category where a status is hidden from them', () => {
  assert.equal(publicStatus(status('vendor', 'on_hold', null)), 'on_hold')
  assert.equal(publicStatus(status('vendor', 'on_hold', 'With our supplier')), 'vendor')
})

test('steps are those that one of these may take, in the order of the statuses', () => {
  const ways = (from: string, by: Taker[]) => transitionsFrom(defaultDefinition, from, by).map(({ to }) => to)

  assert.deepEqual(ways('open', ['agent']), ['pending', 'on_hold', 'solved', 'closed'])
  assert.deepEqual(ways('open', ['requester']), ['closed'])
  assert.deepEqual(ways('solved', ['requester']), ['open', 'closed'])
  assert.deepEqual(ways('new', ['system']), ['open'])
  assert.deepEqual(ways('open', []), [])
  assert.deepEqual(ways('closed', ['agent', 'admin', 'requester', 'system']), [])
})

test('a status that was taken away is the one that took its place, however often', () => {
  const retired = [
    { key: 'a', category: 'open' as const, replaced_by: 'b' },
    { key: 'b', category: 'open' as const, replaced_by: 'open' },
  ]
  assert.equal(statusOf({ ...small, retired }, 'a').key, 'open')
  assert.throws(() => statusOf(small, 'a'))
})

test('a ticket from another lifecycle comes to where the mapping says, else to the same key, else near by', () => {
  const other = { ...defaultDefinition, id: 'lif_other', version: 1 }
  const mappings = [{ from_lifecycle_id: 'lif_other', from_status: 'on_hold', to_status: 'solved' }]
  const to: Definition = { ...small, statuses: [...small.statuses, status('waiting', 'pending')], mappings }
  const comes = (key: string) => mappedStatus(to, { lifecycle: other, status: key }).key

  assert.equal(comes('on_hold'), 'solved')
  assert.equal(comes('open'), 'open')
  assert.equal(comes('pending'), 'waiting')
  assert.equal(mappedStatus(small, { lifecycle: other, status: 'pending' }).key, 'open')
  assert.equal(comes('closed'), 'closed')
})

test('a mapping closes nothing, opens nothing that is closed, and makes nothing new again', () => {
  const other = { ...defaultDefinition, id: 'lif_other', version: 1 }
  const comes = (from_status: string, to_status: string) => {
    const mappings = [{ from_lifecycle_id: 'lif_other', from_status, to_status }]
    return mappedStatus({ ...small, mappings }, { lifecycle: other, status: from_status }).key
  }

  assert.equal(comes('closed', 'open'), 'closed')
  assert.equal(comes('open', 'closed'), 'open')
  assert.equal(comes('open', 'new'), 'open')
  assert.equal(comes('new', 'solved'), 'solved')
})

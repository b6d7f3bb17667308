import assert from 'node:assert/strict'
import type { Caller, Desk, Json, Person, Reply } from '../desk.ts'
import { type Chance, createChance } from './chance.ts'
import { everyStep, type Moving, movingStatuses } from './lifecycles.ts'

/** A desk in which tickets move while everything that they rest on is changed. */
export interface World {
  desk: Desk
  /** Both nodes: who sends a request takes either. */
  nodes: readonly { bearer(token: string): Caller; settle(): Promise<void> }[]
  admin: Person
  /** Each with a credential that is made anew when he comes back. */
  agents: { id: string; token: string }[]
  requesters: readonly Person[]
  teams: readonly string[]
  queues: readonly string[]
  lifecycles: readonly Moving[]
  fields: readonly string[]
  categories: readonly string[]
  types: readonly string[]
  tags: readonly string[]
  rules: string[]
  tickets: string[]
}

/** The options of the field `severity`. */
export const severities = ['low', 'middle', 'high', 'worst']

async function make(caller: Caller, path: string, body: object): Promise<string> {
  const reply = await caller.post(path, body)
  assert.ok(reply.status < 300, `${path}: ${reply.text}`)
  return reply.body.id
}

/** Builds the desk, with some tickets of which a few sleep and a few are solved. */
export async function buildMovingWorld(desk: Desk, seed: number): Promise<World> {
  const other = await desk.node(desk.clock)
  const admin = await desk.person({ role: 'admin' })
  const making = (path: string, bodies: readonly object[]) => inOrder(bodies, (body) => make(admin, path, body))
  const agents = await inOrder([1, 2, 3, 4, 5], () => desk.person({ role: 'agent' }))
  const teams = await making('/v1/teams', [{ name: 'First line' }, { name: 'Second line' }])
  for (const [i, { id }] of agents.entries()) await admin.put(`/v1/teams/${teams[i % 2]}/members/${id}`)
  const lifecycles = await inOrder(Object.entries(movingStatuses), async ([name, { kept, passing }]) => {
    const statuses = [...kept, ...passing]
    return { kept, passing, id: await make(admin, '/v1/lifecycles', { name, statuses, transitions: everyStep(statuses) }) }
  })
  const queues = await making(
    '/v1/queues',
    lifecycles.map(({ id }, i) => ({ key: `line-${i}`, name: `Line ${i}`, public: true, lifecycle_id: id })),
  )
  const world: World = {
    desk,
    nodes: [
      { bearer: desk.bearer, settle: desk.settle },
      { bearer: other.bearer, settle: () => other.app.settle() },
    ],
    admin,
    agents,
    requesters: await inOrder([1, 2], () => desk.person()),
    teams,
    queues,
    lifecycles,
    fields: await making('/v1/fields', [
      { key: 'severity', label: 'Severity', type: 'choice', options: severities.map((value) => ({ value, label: value })) },
      { key: 'parts', label: 'Parts', type: 'multi_choice', options: severities.map((value) => ({ value, label: value })) },
      { key: 'amount', label: 'Amount', type: 'number', requester_access: 'write' },
      { key: 'remark', label: 'Remark', type: 'text', requester_access: 'write', default: 'none yet' },
    ]),
    categories: await making('/v1/categories', [{ name: 'Hardware' }, { name: 'Software' }, { name: 'Chairs' }]),
    types: await making('/v1/ticket-types', [{ name: 'Incident' }, { name: 'Question' }]),
    tags: ['vip', 'fire', 'paper', 'ink', 'late'],
    rules: await making('/v1/routing-rules', [
      { name: 'Printers', conditions: { subject_words: ['printer'] }, actions: { queue_id: queues[0], add_tags: ['paper'] } },
      { name: 'Urgent', conditions: { priorities: ['urgent'] }, actions: { assignee_id: agents[0]?.id, add_tags: ['fire'] } },
    ]),
    tickets: [],
  }
  await fill(world, createChance(seed))
  return world
}

async function fill({ admin, queues, desk, tickets, tags, requesters }: World, chance: Chance): Promise<void> {
  for (let i = 0; i < 30; i++) {
    desk.clock.advance(10)
    const given = {
      queue_id: chance.one(queues),
      tags: chance.some(tags, 30),
      fields: { severity: chance.one(severities) },
      requester: { email: chance.one(requesters).email },
    }
    const { body }: { body: Json } = await admin.post('/v1/tickets', { subject: `Something ${i}`, body: 'Help', ...given })
    tickets.push(body.id)
    const status = body.allowed_transitions[chance.below(body.allowed_transitions.length + 4)]
    if (status) await admin.patch(`/v1/tickets/${body.id}`, { status })
  }
  await desk.settle()
}

async function inOrder<T, R>(all: readonly T[], act: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const one of all) results.push(await act(one))
  return results
}

/** Somebody who acts on either node, as chance wants. */
export function onEither({ nodes }: World, chance: Chance, token: string): Caller {
  return chance.one(nodes).bearer(token)
}

/** What was answered, counted; what must not be answered is kept. */
export interface Tally {
  counts: Map<string, number>
  failures: string[]
}

/** Counts an answer. A refusal is fine; a failure, or a word that is not understood, is none. */
export function tally({ counts, failures }: Tally, name: string, { status, text }: Reply): void {
  const key = `${name} ${status}`
  counts.set(key, (counts.get(key) ?? 0) + 1)
  if (status >= 500 || status === 400) failures.push(`${name}: ${status} ${text}`)
}

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Desk, type Json, openDesk, type Person } from '../../../test/desk.ts'
import { sweepQueues } from './commands/try-again.ts'

const printer = { subject: 'The printer is on fire', body: 'Help' }

/** A desk with a team of agents whose queue gives its tickets to them by itself. */
async function openQueue(t: TestContext, { agents = 3, assignment = {} as Json } = {}) {
  const desk = await openDesk(t, { env: { BECKON_ACCESS_TOKEN_SECONDS: '3600' } })
  const root = await desk.person({ role: 'admin' })
  const ada = await desk.person()
  const team = (await root.post('/v1/teams', { name: 'First line' })).body.id
  const people: Person[] = []
  for (let i = 0; i < agents; i++) {
    const one = await desk.person({ role: 'agent', name: `Agent ${String.fromCharCode(65 + i)}` })
    await root.put(`/v1/teams/${team}/members/${one.id}`)
    people.push(one)
  }
  const made = await root.post('/v1/queues', {
    key: 'first',
    name: 'First line',
    public: true,
    team_ids: [team],
    assignment: { mode: 'round_robin', ...assignment },
  })
  assert.equal(made.status, 201, made.text)
  await desk.announcements()
  const queue_id: string = made.body.id
  const raise = async (more: Json = {}) => (await root.post('/v1/tickets', { ...printer, queue_id, ...more })).body.id as string
  const assignee = async (id: string) => (await root.get(`/v1/tickets/${id}`)).body.assignee_id as string | null
  return { desk, root, ada, team, people, queue_id, raise, assignee }
}

async function counts(desk: Desk): Promise<number[]> {
  const rows = await desk.query('select count(*) as n from tickets where assignee_id is not null group by assignee_id')
  return rows.map(({ n }) => Number(n)).sort((a, b) => a - b)
}

test('tickets are given to agents in turn, and the event says why', async (t) => {
  const { desk, people, raise, assignee } = await openQueue(t)
  const [first, second, third] = people
  await people[2]?.patch(`/v1/agents/${third?.id}`, { availability: 'away' })
  await desk.announcements()

  const ids: string[] = []
  for (let i = 0; i < 3; i++) {
    ids.push(await raise())
    await desk.settle()
  }
  const news = (await desk.announcements()).filter(({ type }) => type === 'ticket.assigned')

  const [a, b, c] = [await assignee(ids[0] ?? ''), await assignee(ids[1] ?? ''), await assignee(ids[2] ?? '')]
  assert.deepEqual([a, b].sort(), [first?.id, second?.id].sort())
  assert.equal(c, a)
  const [told] = news
  assert.equal(news.length, 3)
  assert.equal(told?.visibility, 'internal')
  assert.equal(told?.actor_id, 'system')
  assert.deepEqual(told?.data, {
    assignee_id: a,
    reason: 'auto',
    policy: 'round_robin',
    candidates: [first?.id, second?.id].sort(),
    candidate_count: 2,
    passed_over: [{ agent_id: third?.id, reasons: ['away'] }],
    passed_over_count: 1,
  })
})

test('whoever comes by which way to wait in such a queue is given to somebody: moved in, released, reopened, woken', async (t) => {
  const { desk, root, ada, queue_id, people, assignee } = await openQueue(t, { agents: 1 })
  const [tom] = people
  const { body: ticket } = await ada.post('/v1/tickets', printer)
  const path = `/v1/tickets/${ticket.id}`
  await desk.settle()
  assert.equal(await assignee(ticket.id), null)

  await root.patch(path, { queue_id })
  await desk.settle()
  assert.equal(await assignee(ticket.id), tom?.id)

  await tom?.post(`${path}/release`)
  await desk.settle()
  assert.equal(await assignee(ticket.id), tom?.id)

  await root.patch(path, { status: 'solved', assignee_id: null })
  await ada.post(`${path}/reopen`)
  await desk.settle()
  assert.equal(await assignee(ticket.id), tom?.id)

  await root.patch(path, { status: 'pending', assignee_id: null })
  await ada.post(`${path}/messages`, { body: 'Any news?' })
  await desk.settle()
  assert.equal(await assignee(ticket.id), tom?.id)
})

test('a manual queue and one of claims give nothing by themselves, and set no timer', async (t) => {
  for (const mode of ['manual', 'claim_only']) {
    const { desk, raise, assignee } = await openQueue(t, { assignment: { mode } })

    const id = await raise()

    assert.deepEqual(await desk.query("select kind from timers where kind like 'assignment%'"), [])
    await desk.settle()
    assert.equal(await assignee(id), null)
  }
})

test('in a queue of claims an agent takes tickets for himself only; an admin gives them to anybody', async (t) => {
  const { root, people, raise } = await openQueue(t, { assignment: { mode: 'claim_only' } })
  const [tom, tim] = people
  const id = await raise()

  const refused = await tom?.patch(`/v1/tickets/${id}`, { assignee_id: tim?.id })
  assert.deepEqual([refused?.status, refused?.body.code], [409, 'claim_only'])
  assert.equal((await tom?.post(`/v1/tickets/${id}/claim`))?.status, 200)
  assert.equal((await tim?.patch(`/v1/tickets/${id}`, { assignee_id: tim?.id }))?.body.code, 'claim_only')
  assert.equal((await root.patch(`/v1/tickets/${id}`, { assignee_id: tim?.id })).body.assignee_id, tim?.id)
})

test('two hundred tickets that come at once are spread over ten agents within one of even', async (t) => {
  const { desk, raise, root } = await openQueue(t, { agents: 10 })
  const total = process.env.TEST_DATABASE_URL ? 100 : 200

  for (let i = 0; i < total / 20; i++) await Promise.all(Array.from({ length: 20 }, () => raise()))
  await desk.settle()

  const spread = await counts(desk)
  assert.equal(spread.length, 10)
  assert.ok((spread.at(-1) ?? 0) - (spread[0] ?? 0) <= 1, spread.join())
  assert.equal((await root.get('/v1/tickets?assignee_id=none&include=total')).body.total, 0)
})

test('by load, who has the fewest open tickets is given the next', async (t) => {
  const { desk, root, people, raise, assignee } = await openQueue(t, { agents: 2, assignment: { mode: 'load_balanced' } })
  const [tom, tim] = people
  // From elsewhere: load is of all queues.
  for (let i = 0; i < 2; i++) {
    const { body } = await root.post('/v1/tickets', printer)
    await root.patch(`/v1/tickets/${body.id}`, { assignee_id: tom?.id })
  }

  const given: (string | null)[] = []
  for (let i = 0; i < 3; i++) {
    const id = await raise()
    await desk.settle()
    given.push(await assignee(id))
  }

  assert.deepEqual(given.slice(0, 2), [tim?.id, tim?.id])
  const { body } = await root.get('/v1/agents')
  const loads = body.data.filter(({ id }: Json) => id === tom?.id || id === tim?.id).map((agent: Json) => agent.open_tickets)
  assert.deepEqual(loads.sort(), [2, 3])
})

test('nobody is given more than his capacity; room that he makes is filled in the order of the line', async (t) => {
  const { desk, root, people, raise, assignee } = await openQueue(t, { agents: 1 })
  const [tom] = people
  await root.patch(`/v1/agents/${tom?.id}`, { capacity: 1 })
  const first = await raise()
  await desk.settle()
  const low = await raise({ priority: 'low' })
  const due = await raise({ priority: 'low', due_at: '2026-12-01T00:00:00.000Z' })
  const urgent = await raise({ priority: 'urgent' })
  await desk.settle()
  assert.deepEqual([await assignee(first), await assignee(low), await assignee(due)], [tom?.id, null, null])

  await tom?.patch(`/v1/tickets/${first}`, { status: 'solved' })
  await desk.settle()
  assert.deepEqual([await assignee(low), await assignee(due), await assignee(urgent)], [null, tom?.id, null])

  await tom?.post(`/v1/tickets/${due}/close`)
  await desk.settle()
  assert.deepEqual([await assignee(low), await assignee(urgent)], [null, tom?.id])

  // A pull is his own act.
  assert.equal((await tom?.post(`/v1/tickets/${low}/claim`))?.status, 200)
  await root.patch(`/v1/agents/${tom?.id}`, { capacity: 5 })
  const more = await raise()
  await desk.settle()
  assert.equal(await assignee(more), tom?.id)
})

test('a capacity holds across queues that give tickets at the same moment', async (t) => {
  const { desk, root, people, team, raise } = await openQueue(t, { agents: 2 })
  const other = { key: 'second', name: 'Second', team_ids: [team], assignment: { mode: 'load_balanced' } }
  const second: string = (await root.post('/v1/queues', other)).body.id
  for (const agent of people) await root.patch(`/v1/agents/${agent.id}`, { capacity: 3 })

  await Promise.all(Array.from({ length: 20 }, (_, i) => raise(i % 2 === 0 ? {} : { queue_id: second })))
  await desk.settle()

  assert.deepEqual(await counts(desk), [3, 3])
})

test('who is away or offline is given nothing, and what waits comes to him when he is back', async (t) => {
  const { desk, people, raise, assignee } = await openQueue(t, { agents: 1 })
  const [tom] = people
  for (const availability of ['away', 'offline']) {
    await tom?.patch(`/v1/agents/${tom?.id}`, { availability })
    const id = await raise()
    await desk.settle()
    assert.equal(await assignee(id), null)

    await tom?.patch(`/v1/agents/${tom?.id}`, { availability: 'online' })
    await desk.settle()
    assert.equal(await assignee(id), tom?.id)
  }
})

test('with the fallback `away`, who is away is given what nobody else can be; who is offline is not', async (t) => {
  const { desk, people, raise, assignee } = await openQueue(t, { agents: 2, assignment: { fallback: { to: 'away' } } })
  const [tom, tim] = people
  await tom?.patch(`/v1/agents/${tom?.id}`, { availability: 'away' })
  const first = await raise()
  await desk.settle()
  assert.equal(await assignee(first), tim?.id)

  await tim?.patch(`/v1/agents/${tim?.id}`, { availability: 'offline' })
  const second = await raise()
  await desk.settle()
  assert.equal(await assignee(second), tom?.id)

  await tom?.patch(`/v1/agents/${tom?.id}`, { availability: 'offline' })
  const third = await raise()
  await desk.settle()
  assert.equal(await assignee(third), null)
})

test('with the fallback `queue`, what nobody can be given moves there and is given there', async (t) => {
  const { desk, root, people, queue_id, raise, assignee } = await openQueue(t, { agents: 1 })
  const second = await root.post('/v1/queues', { key: 'second', name: 'Second', assignment: { mode: 'round_robin' } })
  const other = await desk.person({ role: 'agent' })
  await root.patch(`/v1/queues/${queue_id}`, { assignment: { fallback: { to: 'queue', queue_id: second.body.id } } })
  const [tom] = people
  await tom?.patch(`/v1/agents/${tom?.id}`, { availability: 'offline' })
  await desk.announcements()

  const id = await raise()

  await desk.announced(['ticket.created', 'message.created', 'ticket.updated', 'ticket.assigned', 'ticket.status_changed'])
  assert.equal(await assignee(id), other.id)
  assert.equal((await root.get(`/v1/tickets/${id}`)).body.queue_id, second.body.id)

  // An archived one counts as none.
  await root.patch(`/v1/queues/${second.body.id}`, { archived: true })
  const waiting = await raise()
  await desk.settle()
  assert.equal((await root.get(`/v1/tickets/${waiting}`)).body.queue_id, queue_id)
})

test('fallbacks make no ring, name a queue that takes tickets, and hold on to it', async (t) => {
  const { root, queue_id } = await openQueue(t, { agents: 0 })
  const make = async (key: string, assignment: Json = {}) => root.post('/v1/queues', { key, name: key, assignment })
  const second = (await make('second', { fallback: { to: 'queue', queue_id } })).body.id
  const third = (await make('third', { fallback: { to: 'queue', queue_id: second } })).body.id
  const set = (id: string, fallback: Json) => root.patch(`/v1/queues/${id}`, { assignment: { fallback } })

  for (const [id, fallback, code] of [
    [queue_id, { to: 'queue', queue_id: third }, 'ring'],
    [queue_id, { to: 'queue', queue_id }, 'ring'],
    [queue_id, { to: 'queue' }, 'required'],
    [queue_id, { to: 'queue', queue_id: 'que_missing' }, 'not_found'],
    [queue_id, { to: 'away', queue_id: third }, 'not_allowed'],
  ] as const) {
    const refused = await set(id, fallback)
    assert.deepEqual([refused.status, refused.body.errors[0].code], [422, code])
    assert.equal(refused.body.errors[0].pointer, '/assignment/fallback/queue_id')
  }
  const kept = await root.delete(`/v1/queues/${second}`)
  assert.deepEqual([kept.status, kept.body.code], [409, 'fallback_queue'])
  const after = await set(third, { to: 'none' })
  assert.deepEqual(after.body.assignment, {
    mode: 'manual',
    order: 'due',
    claim_ttl_seconds: null,
    fallback: { to: 'none', queue_id: null },
    reassign_on_away: false,
    skill_relax_seconds: null,
  })
  assert.equal((await root.delete(`/v1/queues/${second}`)).status, 204)
})

test('a ticket that asks for skills is given to who has them, and to anybody once they bind no longer', async (t) => {
  const { desk, root, people, raise, assignee, queue_id } = await openQueue(t, { agents: 2 })
  const [tom, tim] = people
  await root.patch(`/v1/agents/${tim?.id}`, { skills: ['Tax ', 'law'] })
  await root.patch(`/v1/agents/${tom?.id}`, { availability: 'away' })
  await root.patch(`/v1/agents/${tim?.id}`, { availability: 'away' })
  const [taxes, opera] = [await raise(), await raise()]
  await root.put(`/v1/tickets/${taxes}/skills`, { skills: ['tax'] })
  const asked = await root.put(`/v1/tickets/${opera}/skills`, { skills: ['opera'], relax_after_seconds: 600 })
  assert.deepEqual(asked.body.required_skills, [{ skill: 'opera', relax_at: '2026-11-22T09:10:00.000Z', binding: true }])
  await desk.announced([
    ...['agent.updated', 'agent.updated', 'agent.updated'],
    ...['ticket.created', 'message.created', 'ticket.created', 'message.created', 'ticket.updated', 'ticket.updated'],
  ])

  await root.patch(`/v1/agents/${tom?.id}`, { availability: 'online' })
  await desk.settle()
  assert.deepEqual([await assignee(taxes), await assignee(opera)], [null, null])
  await root.patch(`/v1/agents/${tim?.id}`, { availability: 'online' })
  await desk.settle()
  assert.deepEqual([await assignee(taxes), await assignee(opera)], [tim?.id, null])

  desk.clock.advance(599_000)
  await desk.settle()
  assert.equal(await assignee(opera), null)
  desk.clock.advance(1000)
  await desk.settle()
  assert.equal(await assignee(opera), tom?.id)

  await root.delete(`/v1/tickets/${taxes}`)
  await desk.settle()
  assert.deepEqual(await desk.query('select skill from ticket_skills where ticket_id = ?', [taxes]), [])

  await root.patch(`/v1/queues/${queue_id}`, { assignment: { skill_relax_seconds: 60, mode: 'manual' } })
  const later = await raise()
  const told = await root.put(`/v1/tickets/${later}/skills`, { skills: ['opera'] })
  assert.equal(told.body.required_skills[0].relax_at, '2026-11-22T09:11:00.000Z')
})

test('what nothing called an agent for is found by the sweep', async (t) => {
  const { desk, people, raise, assignee, queue_id } = await openQueue(t, { agents: 1, assignment: { mode: 'manual' } })
  const id = await raise()
  // As if every call for an agent had been lost.
  await desk.database.write((db) =>
    db.updateTable('queues').set({ assignment_mode: 'round_robin' }).where('id', '=', queue_id).execute(),
  )
  await desk.settle()
  assert.equal(await assignee(id), null)

  await desk.app.transact((tx) => sweepQueues(tx))
  await desk.settle()

  assert.equal(await assignee(id), people[0]?.id)
})

test('a queue whose mode, teams or agents change gives what waits in it', async (t) => {
  const { desk, root, team, queue_id, raise, assignee } = await openQueue(t, { agents: 0, assignment: { mode: 'manual' } })
  const tom = await desk.person({ role: 'agent' })
  const id = await raise()
  await root.patch(`/v1/queues/${queue_id}`, { assignment: { mode: 'load_balanced' } })
  await desk.settle()
  assert.equal(await assignee(id), null)

  await root.put(`/v1/teams/${team}/members/${tom.id}`)
  await desk.settle()
  assert.equal(await assignee(id), tom.id)

  await root.delete(`/v1/teams/${team}/members/${tom.id}`)
  await desk.settle()
  assert.equal(await assignee(id), null, 'who left the team gave it back')
  await root.patch(`/v1/queues/${queue_id}`, { team_ids: [] })
  await desk.settle()
  assert.equal(await assignee(id), tom.id)
})

test('the order of a queue decides the order of its line, also for what waits already', async (t) => {
  const { desk, root, people, queue_id, raise } = await openQueue(t, {
    agents: 1,
    assignment: { mode: 'manual', order: 'priority' },
  })
  const [tom] = people
  const names = new Map<string, string>()
  const add = async (name: string, more: Json) => {
    desk.clock.advance(1000)
    names.set(await raise(more), name)
  }
  await add('old', { priority: 'low' })
  await add('urgent', { priority: 'urgent' })
  await add('due', { priority: 'normal', due_at: '2026-11-30T00:00:00.000Z' })
  await add('due sooner', { priority: 'low', due_at: '2026-11-29T00:00:00.000Z' })
  const line = async (): Promise<string[]> => {
    const rows = await desk.query(
      'select id from tickets where queue_id = ? and waiting_rank is not null order by waiting_rank, created_at, id',
      [queue_id],
    )
    return rows.map(({ id }) => names.get(id) ?? id)
  }
  assert.deepEqual(await line(), ['urgent', 'due', 'old', 'due sooner'])

  for (const [order, expected] of [
    ['due', ['due sooner', 'due', 'urgent', 'old']],
    ['age', ['old', 'urgent', 'due', 'due sooner']],
    ['priority', ['urgent', 'due', 'old', 'due sooner']],
    ['due', ['due sooner', 'due', 'urgent', 'old']],
  ] as const) {
    await root.patch(`/v1/queues/${queue_id}`, { assignment: { order } })
    await desk.settle()
    assert.deepEqual(await line(), expected, order)
  }
  const [first] = [...names].find(([, name]) => name === 'due sooner') ?? []
  await root.patch(`/v1/tickets/${first}`, { due_at: null })
  assert.deepEqual(await line(), ['due', 'urgent', 'old', 'due sooner'])
  assert.equal(names.get((await tom?.post(`/v1/queues/${queue_id}/claim`))?.body.id), 'due')
})

test('a due time is for staff: set, changed and asked for by them, and unknown to requesters', async (t) => {
  const { root, ada, raise } = await openQueue(t, { agents: 0 })
  const id = await raise({ due_at: '2026-12-24T00:00:00Z', requester: { email: ada.email } })

  assert.equal((await root.get(`/v1/tickets/${id}`)).body.due_at, '2026-12-24T00:00:00.000Z')
  assert.equal('due_at' in (await ada.get(`/v1/tickets/${id}`)).body, false)
  assert.equal((await ada.patch(`/v1/tickets/${id}`, { due_at: null })).status, 422)
  assert.equal((await ada.post('/v1/tickets', { ...printer, due_at: '2026-12-24T00:00:00Z' })).status, 422)
  const found = async (who: Pick<Person, 'get'>, query: string) => (await who.get(`/v1/tickets?${query}`)).body.data.length
  assert.equal(await found(root, 'due_at[lte]=2026-12-24T00:00:00Z'), 1)
  assert.equal(await found(root, 'due_at[lt]=2026-12-24T00:00:00Z'), 0)
  assert.equal(await found(ada, 'due_at[lte]=2026-12-24T00:00:00Z'), 0)
})

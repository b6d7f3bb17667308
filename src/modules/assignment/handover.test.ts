import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Desk, type Json, openDesk, type Person } from '../../../test/desk.ts'

const printer = { subject: 'The printer is on fire', body: 'Help' }

async function open(t: TestContext) {
  const desk = await openDesk(t)
  const root = await desk.person({ role: 'admin' })
  const [tom, tim] = [await desk.person({ role: 'agent' }), await desk.person({ role: 'agent' })]
  const team = (await root.post('/v1/teams', { name: 'First line' })).body.id as string
  await root.put(`/v1/teams/${team}/members/${tom.id}`)
  const general = (await root.get('/v1/queues?key=general')).body.data[0].id as string
  const first = (await root.post('/v1/queues', { key: 'first', name: 'First', team_ids: [team] })).body.id as string
  await desk.announcements()
  return { desk, root, tom, tim, team, general, first }
}

async function give(
  root: Person,
  to: Person,
  { queue_id, status = 'open' }: { queue_id: string; status?: string },
): Promise<string> {
  const { body } = await root.post('/v1/tickets', { ...printer, queue_id })
  await root.patch(`/v1/tickets/${body.id}`, { assignee_id: to.id, status })
  return body.id
}

async function assignees(desk: Desk, ids: string[]): Promise<(string | null)[]> {
  const rows = await desk.query('select id, assignee_id from tickets')
  return ids.map((id) => rows.find((row) => row.id === id)?.assignee_id)
}

test('a dry run says what a hand-over then does', async (t) => {
  const { desk, root, tom, tim, general, first } = await open(t)
  const path = `/v1/agents/${tom.id}/handover`
  const ids = [
    await give(root, tom, { queue_id: general }),
    await give(root, tom, { queue_id: general, status: 'pending' }),
    await give(root, tom, { queue_id: first }),
  ]
  const solved = await give(root, tom, { queue_id: general, status: 'solved' })
  await desk.announcements()

  const back = await tom.post(path, { to: 'queue', dry_run: true })
  assert.equal(back.status, 200)
  assert.deepEqual([back.body.total, back.body.tickets, back.body.impossible], [3, ids, []])
  assert.deepEqual(back.body.by_queue, [
    { queue_id: general, count: 2 },
    { queue_id: first, count: 1 },
  ])
  const dry = await root.post(path, { to: tim.id, dry_run: true })
  assert.deepEqual(dry.body.impossible, [{ ticket_id: ids[2], queue_id: first, reason: 'not_in_queue' }])
  await desk.announced([])

  const done = await root.post(path, { to: tim.id, dry_run: false })
  assert.deepEqual({ ...done.body, dry_run: true }, dry.body)
  assert.deepEqual(await assignees(desk, [...ids, solved]), [tim.id, tim.id, tom.id, tom.id])
  const news = await desk.announcements()
  assert.deepEqual(
    news.map(({ type, data, previous }) => [type, data, previous]),
    Array(2).fill(['ticket.assigned', { assignee_id: tim.id, reason: 'handed_over' }, { assignee_id: tom.id }]),
  )

  const rest = { to: 'queue', dry_run: false, queue_ids: [first], status_categories: ['open', 'solved'] }
  assert.equal((await tom.post(path, rest)).body.total, 1)
  assert.deepEqual(await assignees(desk, [ids[2] ?? '', solved]), [null, tom.id])
})

test('an agent hands over his own; in queues of claims only to the queue', async (t) => {
  const { desk, root, tom, tim, general } = await open(t)
  const path = `/v1/agents/${tom.id}/handover`
  const id = await give(root, tom, { queue_id: general })
  await root.patch(`/v1/queues/${general}`, { assignment: { mode: 'claim_only' } })

  assert.equal((await tim.post(path, { to: 'queue', dry_run: true })).status, 403)
  assert.equal((await root.post(`/v1/agents/${(await desk.person()).id}/handover`, { to: 'queue', dry_run: true })).status, 404)
  assert.equal((await tom.post(path, { to: tom.id, dry_run: true })).status, 422)
  const refused = await tom.post(path, { to: tim.id, dry_run: false })
  assert.deepEqual(refused.body.impossible, [{ ticket_id: id, queue_id: general, reason: 'claim_only' }])
  assert.equal((await root.post(path, { to: tim.id, dry_run: true })).body.total, 1)
  assert.deepEqual(await assignees(desk, [id]), [tom.id])
})

test('many tickets are handed over by a job', async (t) => {
  const { desk, root, tom, general } = await open(t)
  const one = await give(root, tom, { queue_id: general })
  await desk.settle()
  await desk.database.write(async (db) => {
    const row = await db.selectFrom('tickets').selectAll().where('id', '=', one).executeTakeFirstOrThrow()
    for (let i = 0; i < 120; i++)
      await db
        .insertInto('tickets')
        .values({ ...row, id: `tkt_${String(i).padStart(26, '0')}`, number: 900_000 + i })
        .execute()
  })

  const answer = await root.post(`/v1/agents/${tom.id}/handover`, { to: 'queue', dry_run: false })

  assert.deepEqual([answer.status, answer.body.total, answer.body.tickets.length], [202, 121, 100])
  await desk.settle()
  const { body: job } = await root.get(`/v1/jobs/${answer.body.job_id}`)
  assert.deepEqual([job.state, job.processed, job.total], ['done', 121, 121])
  assert.equal((await root.get(`/v1/tickets?assignee_id=${tom.id}&include=total`)).body.total, 0)
})

test('who leaves gives back what he has: by going away, from a team, from the desk', async (t) => {
  const { desk, root, tom, team, general, first } = await open(t)
  const leave: Record<string, { act: () => Promise<Json>; gives: [boolean, boolean, boolean] }> = {
    'goes away where the queue wants it': {
      act: async () => {
        await root.patch(`/v1/queues/${general}`, { assignment: { reassign_on_away: true } })
        return tom.patch(`/v1/agents/${tom.id}`, { availability: 'away' })
      },
      gives: [true, false, false],
    },
    'leaves the team': { act: () => root.delete(`/v1/teams/${team}/members/${tom.id}`), gives: [false, false, true] },
    'is deactivated': { act: () => root.patch(`/v1/users/${tom.id}`, { active: false }), gives: [true, true, true] },
    'becomes a requester': {
      act: async () => {
        await root.patch(`/v1/users/${tom.id}`, { active: true })
        return root.patch(`/v1/users/${tom.id}`, { role: 'requester' })
      },
      gives: [true, true, true],
    },
  }
  for (const [name, { act, gives }] of Object.entries(leave)) {
    if (name === 'becomes a requester') await root.patch(`/v1/users/${tom.id}`, { active: true })
    const ids = [
      await give(root, tom, { queue_id: general }),
      await give(root, tom, { queue_id: general, status: 'pending' }),
      await give(root, tom, { queue_id: first }),
    ]
    await desk.settle()

    const { status } = await act()
    await desk.settle()

    assert.ok(status < 300, name)
    assert.deepEqual(
      (await assignees(desk, ids)).map((id) => id === null),
      gives,
      name,
    )
  }
})

test('who leaves while a job hands tickets over to him gets no more of them', async (t) => {
  const { desk, root, tom, tim, general } = await open(t)
  const id = await give(root, tom, { queue_id: general })
  await root.patch(`/v1/users/${tim.id}`, { active: false })
  await desk.announcements()
  const handover = {
    user_id: tom.id,
    to: tim.id,
    queue_ids: null,
    status_categories: ['open'],
    may_assign: true,
    reason: 'handed_over',
  }

  // As the job stands when its receiver was there at the start.
  await desk.database.write(async (db) => {
    const now = desk.clock.now()
    const stamps = { created_at: now, updated_at: now, finished_at: null, version: 1 }
    const begun = { state: 'running' as const, cursor: null, processed: 0, total: 101, error: null }
    const by = { started_by_type: 'user' as const, started_by_id: root.id }
    const job = { id: 'job_1', kind: 'assignment.handover', params: JSON.stringify(handover), ...begun, ...by, ...stamps }
    await db.insertInto('jobs').values(job).execute()
    const timer = { id: 'tim_1', kind: 'jobs.step', subject_id: job.id, due_at: now, generation: 1, state: 'due' as const }
    const fresh = { claim_at: now, lease_token: null, attempts: 0, last_error: null, created_at: now }
    await db
      .insertInto('timers')
      .values({ ...timer, ...fresh })
      .execute()
  })

  await desk.announced(['ticket.assigned', 'job.finished'])
  assert.deepEqual(await assignees(desk, [id]), [null])
})

test('what an agent still got in the moment in which he left goes back, too', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const tom = await desk.person({ role: 'agent' })
  const { body: ticket } = await admin.post('/v1/tickets', { subject: 'A chair', body: 'It squeaks.' })

  await admin.patch(`/v1/users/${tom.id}`, { active: false })
  await desk.settle()
  // As by a node that still took him for active.
  await desk.database.write((db) =>
    db.updateTable('tickets').set({ assignee_id: tom.id, waiting_rank: null }).where('id', '=', ticket.id).execute(),
  )
  desk.clock.advance(5000)
  await desk.settle()

  assert.equal((await admin.get(`/v1/tickets/${ticket.id}`)).body.assignee_id, null)
  assert.deepEqual(await desk.query('select kind from timers'), [])
})

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Desk, type Json, openDesk } from '../../../test/desk.ts'
import { systemActor } from '../../platform/actor.ts'
import type { JobKind } from '../../platform/job.ts'
import { backoffMs, MAX_ATTEMPTS, retryTimers } from '../../platform/timers.ts'
import { startJob } from './index.ts'

const PART = 4

/**
 * A job that counts up to `params.to`, a part at a time, and writes each number down in the mails of the desk: what a step wrote
 * twice would be there twice. `before` runs first in each step.
 */
function counting(before: (cursor: number) => Promise<void> | void = () => {}): JobKind {
  return {
    name: 'test.count',
    async step(tx, { id, params, cursor }) {
      const from = Number(cursor ?? 0)
      await before(from)
      const to = Math.min(from + PART, Number((params as { to: number }).to))
      for (let n = from; n < to; n++) {
        const mail = { to_address: `${n}@example.com`, subject: id, text: '', html: null, created_at: tx.now }
        await tx.db
          .insertInto('outbox_mails')
          .values({ id: `mai_${n}_${from}_${Math.trunc(performance.now() * 1000)}`, ...mail })
          .execute()
      }
      return { done: to === (params as { to: number }).to, cursor: to, processed: to - from }
    },
  }
}

async function start(desk: Desk, to: number): Promise<string> {
  const { id } = await desk.app.transact((tx) => startJob(tx, systemActor, { kind: 'test.count', params: { to }, total: to }))
  return id
}

async function counted(desk: Desk): Promise<number[]> {
  const rows = await desk.query('select to_address from outbox_mails')
  return rows.map((row: Json) => Number.parseInt(row.to_address, 10)).sort((a, b) => a - b)
}

const upTo = (to: number): number[] => Array.from({ length: to }, (_, n) => n)

async function openAgent(t: TestContext, kind: JobKind) {
  const desk = await openDesk(t, { more: { jobs: [kind] } })
  const admin = await desk.person({ role: 'admin' })
  // Keys, because a person's token does not live for the hours of a back-off.
  const key = async (role: string) => desk.bearer((await admin.post('/v1/api-keys', { name: role, role })).body.secret)
  const callers = { agent: await key('agent'), admin: await key('admin') }
  await desk.announcements()
  return { desk, ...callers }
}

test('a job is done step by step, and says how far it is', async (t) => {
  const seen: Json[] = []
  const { desk, agent } = await openAgent(
    t,
    counting(async () => {
      seen.push((await agent.get('/v1/jobs')).body.data[0])
    }),
  )
  const id = await start(desk, 10)
  await desk.announced(['job.started', 'job.finished'])

  const { body, headers } = await agent.get(`/v1/jobs/${id}`)

  assert.deepEqual(await counted(desk), upTo(10))
  assert.deepEqual([body.state, body.processed, body.total, body.error], ['done', 10, 10, null])
  assert.equal(body.finished_at, body.updated_at)
  assert.equal(body.started_by_id, 'system')
  assert.equal(headers.etag, '"v4"')
  // A reader beside the step sees what the last one committed.
  assert.deepEqual(
    seen.map(({ state, processed }) => [state, processed]),
    [
      ['running', 0],
      ['running', 4],
      ['running', 8],
    ],
  )
  assert.equal((await desk.query('select id from timers')).length, 0)
})

test('jobs are listed by state and kind', async (t) => {
  const { desk, agent } = await openAgent(t, counting())
  const id = await start(desk, 3)
  await desk.settle()
  const ids = async (query: string) => (await agent.get(`/v1/jobs?${query}`)).body.data.map((job: Json) => job.id)

  assert.deepEqual(await ids('state=done'), [id])
  assert.deepEqual(await ids('state=running'), [])
  assert.deepEqual(await ids('kind=test.count&include=total'), [id])
  assert.deepEqual(await ids('kind=tags.rename'), [])
  assert.equal((await agent.get('/v1/jobs?state=gone')).status, 400)
  assert.equal((await agent.get('/v1/jobs/job_0')).status, 404)
})

test('a node that dies between two steps leaves a job that another goes on with', async (t) => {
  let isBroken = true
  const { desk, agent } = await openAgent(
    t,
    counting(async (from) => {
      if (from === 8 && isBroken) throw new Error('this node is out of order')
    }),
  )
  const id = await start(desk, 20)
  await desk.settle()
  assert.equal((await agent.get(`/v1/jobs/${id}`)).body.processed, 8)
  // As a killed node leaves it: claimed, and never heard of again.
  await desk.database.write((db) =>
    db
      .updateTable('timers')
      .set({ state: 'leased', lease_token: 'lea_dead', claim_at: desk.clock.now() + 1000 })
      .execute(),
  )
  isBroken = false
  const other = await desk.node(desk.clock)

  await other.app.settle()
  assert.equal((await agent.get(`/v1/jobs/${id}`)).body.processed, 8)
  desk.clock.advance(1000)
  await other.app.settle()

  assert.deepEqual(await counted(desk), upTo(20))
  assert.equal((await agent.get(`/v1/jobs/${id}`)).body.state, 'done')
})

test('two nodes together take each step once', async (t) => {
  const { desk, agent } = await openAgent(t, counting())
  const other = await desk.node(desk.clock)
  const ids = [await start(desk, 40), await start(desk, 40), await start(desk, 40)]

  for (let round = 0; round < 5; round++) await Promise.all([desk.settle(), other.app.settle()])

  assert.deepEqual(
    await counted(desk),
    upTo(40).flatMap((n) => [n, n, n]),
  )
  for (const id of ids) assert.equal((await agent.get(`/v1/jobs/${id}`)).body.processed, 40)
})

test('a step that fails is tried again; in the end the job has failed and says why, until it is told to go on', async (t) => {
  let tries = 0
  let works = false
  const { desk, agent, admin } = await openAgent(
    t,
    counting((from) => {
      if (from < 4 || works) return
      tries++
      throw new Error('the fourth does not count')
    }),
  )
  const id = await start(desk, 10)
  await desk.announced(['job.started'])
  assert.equal(tries, 1)
  for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt++) {
    assert.equal((await agent.get(`/v1/jobs/${id}`)).body.state, 'running')
    desk.clock.advance(backoffMs(attempt))
    await desk.settle()
  }
  assert.equal(tries, MAX_ATTEMPTS)
  await desk.announced(['job.finished'])

  const failed = (await agent.get(`/v1/jobs/${id}`)).body
  const log = await admin.get('/v1/events?type=job.*&include=object')

  assert.deepEqual([failed.state, failed.processed, failed.error], ['failed', 4, 'the fourth does not count'])
  assert.deepEqual(
    log.body.data.map(({ type, data, object }: Json) => [type, data, object.state]),
    [
      ['job.started', { kind: 'test.count', total: 10 }, 'failed'],
      ['job.finished', { kind: 'test.count', state: 'failed', processed: 4 }, 'failed'],
    ],
  )
  assert.deepEqual((await agent.get('/v1/events?type=job.*')).body.data, [])

  works = true
  await desk.database.write((db) => retryTimers(db, { ids: 'all dead', now: desk.clock.now() }))
  await desk.announced(['job.finished'])
  const { state, error, processed } = (await agent.get(`/v1/jobs/${id}`)).body
  assert.deepEqual([state, error, processed], ['done', null, 10])
  assert.deepEqual(await counted(desk), upTo(10))
})

test('a job of a kind that nobody knows waits for a node that does', async (t) => {
  const { desk, agent } = await openAgent(t, counting())
  const { id } = await desk.app.transact((tx) => startJob(tx, systemActor, { kind: 'test.other', params: {} }))
  await desk.settle()

  assert.equal((await agent.get(`/v1/jobs/${id}`)).body.state, 'running')
  assert.match((await desk.query('select last_error from timers'))[0].last_error, /no job is of the kind test.other/)
})

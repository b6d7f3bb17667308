import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as assertProperty, asyncProperty, constantFrom, integer, record } from 'fast-check'
import { type Caller, type Json, openDesk } from '../../../test/desk.ts'
import { connectionOf } from '../../platform/database/connection.ts'
import { logBounds } from '../../platform/log-bounds.ts'
import { retireEvents } from '../../platform/retention.ts'

const DAY = 86_400_000
const LONG_TOKENS = { env: { BECKON_ACCESS_TOKEN_SECONDS: '86400' } }

/** All that a reader of the log sees behind a position; undefined where it cannot be followed from there. */
async function follow(who: Caller, after: number): Promise<Json[] | undefined> {
  const events: Json[] = []
  for (let more = true, place = after; more; ) {
    const { status, body } = await who.get(`/v1/events?limit=7&after=${place}`)
    if (status === 410) {
      assert.equal(body.code, 'cursor_expired')
      return undefined
    }
    assert.equal(status, 200)
    events.push(...body.data)
    more = body.has_more
    place = body.next_after
  }
  return events
}

const positionsOf = (events: readonly Json[] | undefined): number[] => (events ?? []).map(({ position }) => position)

/** A desk on which something happened a hundred days ago, and something else today. */
async function openOldDesk(t: Parameters<typeof openDesk>[0], env: Record<string, string> = {}) {
  const desk = await openDesk(t, { env })
  const admin = await desk.person({ role: 'admin' })
  const { body: ticket } = await admin.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })
  const { body: team } = await admin.post('/v1/teams', { name: 'First line' })
  await desk.settle()
  const old = await logBounds(desk.database.reader)
  desk.clock.advance(100 * DAY)
  const late = await desk.person({ role: 'admin' })
  await late.post(`/v1/tickets/${ticket.id}/messages`, { body: 'It still burns.' })
  await late.patch(`/v1/teams/${team.id}`, { name: 'Second line' })
  await desk.settle()
  return { desk, admin: late, ticket, old: old.head }
}

test('the log is followed as far back as it is kept, and from before that the answer is 410', async (t) => {
  const { desk, admin, old } = await openOldDesk(t)
  const before = await follow(admin, 0)

  await desk.app.tidy()

  const { floor, head } = await logBounds(desk.database.reader)
  assert.equal(floor, old)
  const kept = before?.filter(({ position }) => position > floor)
  assert.deepEqual(await follow(admin, 0), kept)
  assert.deepEqual(await follow(admin, floor), kept)
  assert.ok((await follow(admin, floor + 1)) !== undefined)
  for (const after of [1, floor - 1]) {
    const { status, body } = await admin.get(`/v1/events?after=${after}`)
    assert.deepEqual([status, body.code, body.position, body.oldest], [410, 'cursor_expired', head, floor])
    assert.match(body.detail, /not kept any more/)
  }
  assert.deepEqual(await follow(admin, head), [])
})

test('what happened outside tickets goes; the history of a ticket stays whole', async (t) => {
  const { desk, admin, ticket, old } = await openOldDesk(t)
  const history = async () => (await admin.get(`/v1/tickets/${ticket.id}/events?limit=100`)).body.data
  const before = await history()

  await desk.app.tidy()
  await desk.app.tidy()

  assert.deepEqual(await history(), before)
  assert.ok(before.some(({ position }: Json) => position <= old))
  assert.equal((await admin.get(`/v1/tickets/${ticket.id}/events?after=1`)).status, 200)
  const left = await desk.query('select type, position from events where ticket_id is null order by position')
  assert.deepEqual(
    left.map(({ type }) => type),
    ['user.created', 'session.created', 'team.updated'],
  )
  assert.ok(left.every(({ position }) => position > old))
})

test('with 0 days the log is kept for ever', async (t) => {
  const { desk, admin } = await openOldDesk(t, { BECKON_EVENT_RETENTION_DAYS: '0' })
  const before = await follow(admin, 0)

  await desk.app.tidy()

  assert.deepEqual(await logBounds(desk.database.reader), { floor: 0, head: before?.at(-1).position })
  assert.deepEqual(await follow(admin, 0), before)
})

test('a position that the log has not reached is waited for, and then refused', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const { floor, head } = await logBounds(desk.database.reader)

  const refused = await admin.get(`/v1/events?after=${head + 5}`)
  const [late] = await Promise.all([
    admin.get(`/v1/events?after=${head + 1}&limit=1`),
    admin.post('/v1/teams', { name: 'First line' }).then(() => desk.settle()),
  ])

  assert.deepEqual([refused.status, refused.body.code], [410, 'cursor_expired'])
  assert.deepEqual([refused.body.position, refused.body.oldest], [head, floor])
  assert.match(refused.body.detail, /ends before this position/)
  assert.equal(late.status, 200)
})

test('an event after which something is still owed waits for it', async (t) => {
  const desk = await openDesk(t)
  await desk.person({ role: 'admin' })
  await desk.settle()
  const [created, opened] = await desk.query('select id from events order by position')
  const owe = (event_id: string, state: 'due' | 'done' | 'dead') =>
    desk.database.write((db) =>
      db
        .insertInto('deliveries')
        .values({
          ...{ id: `dlv_${state}`, event_id, reaction: 'test', state, due_at: 0, attempts: 1, lease_token: null },
          ...{ order_key: null, order_seq: null, last_error: null, created_at: 0, finished_at: null },
        })
        .execute(),
    )
  await owe(created.id, 'dead')
  await owe(opened.id, 'done')
  const { head } = await logBounds(desk.database.reader)

  assert.equal(await retireEvents(desk.database, desk.clock.now() + 1), head - 1)
  assert.deepEqual(await desk.query('select id from events'), [{ id: created.id }])
  assert.equal((await logBounds(desk.database.reader)).floor, head)

  await desk.database.write((db) => db.updateTable('deliveries').set({ state: 'done' }).execute())
  assert.equal(await retireEvents(desk.database, desk.clock.now() + 1), 1)
})

test('two nodes that tidy at once take away no more than one', async (t) => {
  const { desk, admin, old } = await openOldDesk(t)
  const kept = (await follow(admin, 0))?.filter(({ position }) => position > old)
  const { app } = await desk.node(desk.clock)

  await Promise.all([desk.app.tidy(), app.tidy(), desk.app.tidy()])

  assert.equal((await logBounds(desk.database.reader)).floor, old)
  assert.deepEqual(await follow(admin, 0), kept)
})

test('what is taken away just before a page is read is not passed over in silence', async (t) => {
  const { desk, admin, old } = await openOldDesk(t)
  const kept = (await follow(admin, 0))?.filter(({ position }) => position > old)
  const connection = connectionOf(desk.database.reader)
  const query = connection.query.bind(connection)
  let tidied: Promise<number> | undefined
  t.mock.method(connection, 'query', async (sql: string, parameters: readonly unknown[]) => {
    // Between the look at the bounds and the look at the rows.
    if (/left join tickets/.test(sql)) {
      tidied ??= retireEvents(desk.database, desk.clock.now() - DAY)
      await tidied
    }
    return query(sql, parameters)
  })

  const expired = await admin.get('/v1/events?after=1')
  assert.equal((await logBounds(desk.database.reader)).floor, old)
  tidied = undefined
  await desk.database.write((db) => db.updateTable('log_head').set({ floor: 0 }).execute())
  const fromOldest = await admin.get('/v1/events?limit=100')

  assert.deepEqual([expired.status, expired.body.oldest], [410, old])
  assert.deepEqual(fromOldest.body.data, kept)
})

test('whoever follows the log while it is tidied misses nothing without being told', async (t) => {
  const desk = await openDesk(t, LONG_TOKENS)
  const admin = await desk.person({ role: 'admin' })
  for (let i = 0; i < 30; i++) {
    await admin.post('/v1/teams', { name: `Team ${i}` })
    desk.clock.advance(60_000)
  }
  await desk.settle()
  const whole = positionsOf(await follow(admin, 0))
  const now = desk.clock.now()

  const tidying = (async () => {
    for (let minutes = 30; minutes >= 0; minutes--) await retireEvents(desk.database, now - minutes * 60_000)
  })()
  const found = await Promise.all(whole.map((after) => follow(admin, after)))
  await tidying

  for (const [i, events] of found.entries()) if (events) assert.deepEqual(positionsOf(events), whole.slice(i + 1))
  assert.equal(await follow(admin, 1), undefined)
  const { floor, head } = await logBounds(desk.database.reader)
  assert.equal(floor, head)
})

test('from any place every event behind it is told, or 410, whoever reads and whatever was tidied', async (t) => {
  const desk = await openDesk(t, LONG_TOKENS)
  const [admin, ada] = [await desk.person({ role: 'admin' }), await desk.person()]
  const acts = {
    team: () => admin.post('/v1/teams', { name: 'Team' }),
    raise: () => ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' }),
    hers: () => admin.post('/v1/tickets', { subject: 'Other', body: 'Not hers.' }),
    note: async () => {
      const { data } = (await ada.get('/v1/tickets?limit=1')).body
      if (data[0]) await admin.post(`/v1/tickets/${data[0].id}/messages`, { body: 'Note.', visibility: 'internal' })
    },
  }
  const ever = new Map<string, Map<number, Json>>([
    ['admin', new Map()],
    ['ada', new Map()],
  ])

  await assertProperty(
    asyncProperty(
      record({
        done: array(constantFrom('team', 'raise', 'hers', 'note'), { maxLength: 6 }),
        minutes: integer({ min: 1, max: 40 }),
        kept: integer({ min: 0, max: 80 }),
        share: integer({ min: 0, max: 110 }),
      }),
      async ({ done, minutes, kept, share }) => {
        desk.clock.advance(minutes * 60_000)
        for (const act of done) await acts[act as keyof typeof acts]()
        await desk.settle()
        const { head: last } = await logBounds(desk.database.reader)
        for (const [name, seen] of ever) {
          const who = name === 'admin' ? admin : ada
          for (const event of (await follow(who, 0)) ?? []) seen.set(event.position, event)
        }
        await retireEvents(desk.database, desk.clock.now() - kept * 60_000)
        const { floor, head } = await logBounds(desk.database.reader)
        assert.ok(floor <= head && head === last)
        const after = Math.floor((head * share) / 100)
        if (after > head) return
        for (const [name, seen] of ever) {
          const found = await follow(name === 'admin' ? admin : ada, after)
          const wanted = [...seen.keys()].filter((position) => position > Math.max(after, floor)).sort((a, b) => a - b)
          if (after > 0 && after < floor) assert.equal(found, undefined)
          else assert.deepEqual(positionsOf(found), wanted, `${name} behind ${after}`)
        }
      },
    ),
    { numRuns: 25 },
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Desk, type Json, openDesk, type Person } from '../../../test/desk.ts'

// Who sees what when random tickets of several companies, queues and people are merged, undone and split.

const REQUESTERS = ['ada', 'carl', 'bob', 'zoe'] as const
const AGENTS = ['eve', 'fay'] as const
type Name = (typeof REQUESTERS)[number] | (typeof AGENTS)[number] | 'acmeBoss' | 'boltBoss'

interface Cast {
  desk: Desk
  root: Person
  people: Record<Name, Person>
  /** The desk's default queue, for all agents, and one that only Eve works in. */
  queues: [string | undefined, string]
}

async function openCast(t: Parameters<typeof openDesk>[0]): Promise<Cast> {
  const desk = await openDesk(t)
  const root = await desk.person({ role: 'admin' })
  const acme = { organization_id: (await root.post('/v1/organizations', { name: 'Acme' })).body.id }
  const bolt = { organization_id: (await root.post('/v1/organizations', { name: 'Bolt' })).body.id }
  const manager = { organization_role: 'manager' as const }
  const people = {
    ada: await desk.person(acme),
    carl: await desk.person(acme),
    acmeBoss: await desk.person({ ...acme, ...manager }),
    bob: await desk.person(bolt),
    boltBoss: await desk.person({ ...bolt, ...manager }),
    zoe: await desk.person(),
    eve: await desk.person({ role: 'agent' }),
    fay: await desk.person({ role: 'agent', ...bolt }),
  }
  const team = (await root.post('/v1/teams', { name: 'Printers' })).body.id
  await root.put(`/v1/teams/${team}/members/${people.eve.id}`)
  const queue = await root.post('/v1/queues', { key: 'printers', name: 'Printers', team_ids: [team], public: true })
  return { desk, root, people, queues: [undefined, queue.body.id] }
}

const described = fc.record({
  requester: fc.constantFrom(...REQUESTERS),
  cc: fc.subarray([...REQUESTERS], { maxLength: 2 }),
  followers: fc.subarray([...AGENTS], { maxLength: 1 }),
  queue: fc.nat(1),
  tags: fc.subarray(['red', 'grey', 'hot']),
  said: fc.array(fc.constantFrom('requester', 'cc', 'answer', 'note'), { maxLength: 4 }),
  /** Whether nothing in it shows on the public side any more. */
  isHidden: fc.boolean(),
})
type Described = typeof described extends fc.Arbitrary<infer D> ? D : never

async function write({ desk, root, people, queues }: Cast, what: Described): Promise<string> {
  const raiser = people[what.requester]
  const queue_id = queues[what.queue]
  const raised = await raiser.post('/v1/tickets', { subject: 'A ticket', body: 'First.', ...(queue_id ? { queue_id } : {}) })
  const path = `/v1/tickets/${raised.body.id}`
  for (const name of what.cc) assert.equal((await root.put(`${path}/participants/${people[name].id}`)).status, 200)
  for (const name of what.followers)
    assert.equal((await root.put(`${path}/participants/${people[name].id}`, { role: 'follower' })).status, 200)
  if (what.tags.length > 0) await root.post(`${path}/tags`, { tags: what.tags })
  for (const by of what.said) {
    desk.clock.advance(10)
    const [copied = what.requester] = what.cc
    const author = by === 'requester' ? raiser : by === 'cc' ? people[copied] : root
    const { status, text } = await author.post(`${path}/messages`, {
      body: `Said by ${by}.`,
      ...(by === 'note' ? { visibility: 'internal' } : {}),
    })
    assert.equal(status, 201, text)
  }
  if (what.isHidden)
    for (const { id } of (await root.get(`${path}/messages?limit=100`)).body.data)
      await root.patch(`${path}/messages/${id}`, { visibility: 'internal' })
  await desk.settle()
  return raised.body.id
}

/** All that somebody reads of tickets; with `exactly` to the last version and piece of news, else without what every change moves. */
async function sightOf(person: Person, ids: readonly string[], exactly = false): Promise<Json> {
  const paths = ids.flatMap((id) => {
    const path = `/v1/tickets/${id}`
    return [
      path,
      `${path}/messages?limit=100&include=total`,
      `${path}/participants`,
      ...(exactly ? [`${path}/events?limit=100`] : []),
    ]
  })
  const read = []
  for (const path of [...paths, '/v1/tickets?limit=100&include=total', '/v1/tickets?q=said']) {
    const { status, body, headers, text } = await person.get(path)
    assert.ok(status === 200 || status === 404, text)
    read.push([path, status, plain(body, exactly), exactly ? headers.etag : undefined])
  }
  return read
}

const MOVING = new Set(['version', 'updated_at', 'request_id', 'next_cursor'])

function plain(body: Json, exactly: boolean): Json {
  if (Array.isArray(body)) {
    const all = body.map((one) => plain(one, exactly))
    // Newest change first, which an undo is.
    return exactly ? all : all.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  }
  if (body === null || typeof body !== 'object') return body
  const left = Object.entries(body).filter(([key]) => key !== 'request_id' && (exactly || !MOVING.has(key)))
  return Object.fromEntries(left.map(([key, value]) => [key, plain(value, exactly)]))
}

async function messagesSeenBy(person: Person, id: string): Promise<string[]> {
  const { status, body } = await person.get(`/v1/tickets/${id}/messages?limit=100`)
  return status === 200 ? body.data.map(({ id: message }: Json) => message) : []
}

const runs = { numRuns: Number(process.env.SIGHT_RUNS ?? 8) }

test('a merge shows the other ticket to those alone who took part in this one, and its undo gives everybody back what he saw', async (t) => {
  const cast = await openCast(t)
  const { desk, root, people } = cast
  const everybody = Object.entries(people)

  await fc.assert(
    fc.asyncProperty(described, described, async (one, other) => {
      const [ticket, into] = [await write(cast, one), await write(cast, other)]
      const before = new Map<string, { seen: Json; into: Json; own: string[]; sees: boolean }>()
      for (const [name, person] of everybody)
        before.set(name, {
          seen: await sightOf(person, [ticket, into]),
          into: await sightOf(person, [into], true),
          own: await messagesSeenBy(person, ticket),
          sees: (await person.get(`/v1/tickets/${into}`)).status === 200,
        })

      desk.clock.advance(100)
      const merged = await root.post(`/v1/tickets/${ticket}/merge`, { into_ticket_id: into })
      assert.equal(merged.status, 200, merged.text)
      const copied = one.isHidden ? [] : [one.requester, ...one.cc]
      for (const [name, person] of everybody) {
        const was = before.get(name)
        const joins = [...copied, ...one.followers].some((joined) => joined === name)
        const sees = (await person.get(`/v1/tickets/${into}`)).status === 200
        assert.equal(sees, was?.sees === true || joins, `${name} sees the other ticket`)
        const [now, open] = [await messagesSeenBy(person, ticket), one.isHidden ? [] : was?.own]
        if (joins)
          assert.deepEqual(
            open?.filter((id) => !now.includes(id)),
            [],
            `${name} reads on what he read`,
          )
      }

      const undone = await root.post(`/v1/tickets/${ticket}/unmerge`)
      assert.equal(undone.status, 200, undone.text)
      await desk.settle()
      for (const [name, person] of everybody)
        assert.deepEqual(await sightOf(person, [ticket, into]), before.get(name)?.seen, `${name} after the undo`)
    }),
    runs,
  )
})

test('where notes alone are moved, nobody on the public side notices anything of it', async (t) => {
  const cast = await openCast(t)
  const { desk, root, people } = cast

  await fc.assert(
    fc.asyncProperty(described, described, async (one, other) => {
      const [ticket, into] = [
        await write(cast, { ...one, isHidden: true, followers: [] }),
        await write(cast, { ...other, isHidden: false }),
      ]
      const notes = await root.post(`/v1/tickets/${into}/messages`, { body: 'A note.', visibility: 'internal' })
      const outside = Object.entries(people).filter(([name]) => name !== 'eve' && name !== 'fay')
      const before = new Map<string, Json>()
      for (const [name, person] of outside) before.set(name, withoutLists(await sightOf(person, [into], true)))

      desk.clock.advance(100)
      const replies = [
        await root.post(`/v1/tickets/${ticket}/merge`, { into_ticket_id: into }),
        await root.post(`/v1/tickets/${ticket}/unmerge`),
        await root.post(`/v1/tickets/${into}/split`, { message_ids: [notes.body.id] }),
      ]
      for (const { status, text } of replies) assert.ok(status < 300, text)
      await desk.settle()

      for (const [name, person] of outside) {
        assert.deepEqual(withoutLists(await sightOf(person, [into], true)), before.get(name), `${name} notices something`)
        assert.equal((await person.get(`/v1/tickets/${replies[2]?.body.id}`)).status, 404, `${name} sees what was split off`)
      }
    }),
    runs,
  )
})

/** Without the lists over all tickets, in which the ticket that is merged stands as well. */
function withoutLists(seen: Json): Json {
  return seen.filter(([path]: [string]) => path.startsWith('/v1/tickets/tkt_'))
}

test('in a ticket that was split off nobody reads what he had not read, but who manages or works on it', async (t) => {
  const cast = await openCast(t)
  const { root, people, queues } = cast

  await fc.assert(
    fc.asyncProperty(described, fc.nat(1), fc.array(fc.nat(5), { minLength: 1, maxLength: 3 }), async (one, queue, which) => {
      const ticket = await write(cast, { ...one, isHidden: false, said: ['answer', ...one.said] })
      const all = (await root.get(`/v1/tickets/${ticket}/messages?limit=100`)).body.data
      const message_ids = [...new Set(which.map((i) => all[1 + (i % (all.length - 1))].id))]
      const before = new Map<string, string[]>()
      for (const [name, person] of Object.entries(people)) before.set(name, await messagesSeenBy(person, ticket))

      const split = await root.post(`/v1/tickets/${ticket}/split`, {
        message_ids,
        ...(queues[queue] ? { queue_id: queues[queue] } : {}),
      })

      assert.equal(split.status, 201, split.text)
      const { organization_id } = split.body
      for (const [name, person] of Object.entries(people)) {
        const { organization_id: own, organization_role } = (await person.get('/v1/me')).body
        const manages = organization_role === 'manager' && own === organization_id
        const works = person.role === 'agent' && queue === 1 ? name === 'eve' : person.role === 'agent'
        const now = await messagesSeenBy(person, split.body.id)
        const fresh = now.filter((id) => !before.get(name)?.includes(id))
        if (!manages && !works) assert.deepEqual(fresh, [], `${name} reads something that he had not read`)
      }
    }),
    runs,
  )
})

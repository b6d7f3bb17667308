import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Caller, type Desk, type Json, openDesk, type Person, type Reply } from '../../../test/desk.ts'
import { serverUrl } from '../../../test/engine.ts'
import { assertReplayed } from '../../../test/replay.ts'

/** Two who work at the same time: on a server database each on a node of his own. */
async function twoNodes(desk: Desk, person: Person): Promise<[Caller, Caller]> {
  return serverUrl ? [person, (await desk.node(desk.clock)).bearer(person.token)] : [person, person]
}

async function raise(caller: Caller, count: number): Promise<Json[]> {
  const tickets = []
  for (let i = 0; i < count; i++)
    tickets.push((await caller.post('/v1/tickets', { subject: `Ticket ${i}`, body: `First of ${i}.` })).body)
  return tickets
}

function merge(caller: Caller, ticket: Json, into: Json): Promise<Reply> {
  return caller.post(`/v1/tickets/${ticket.id}/merge`, { into_ticket_id: into.id })
}

test('of two merges that go against each other one wins, and the other is told where it went', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const [here, there] = await twoNodes(desk, tom)
  for (let round = 0; round < 8; round++) {
    const [a, b] = await raise(tom, 2)

    const replies = await Promise.all([merge(here, a, b), merge(there, b, a)])

    assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 409], replies.map(({ text }) => text).join('\n'))
    assert.equal(replies.find(({ status }) => status === 409)?.body.code, 'ticket_merged')
  }
})

test('of merges that together are a circle one is refused', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const nodes = await twoNodes(desk, tom)
  for (let round = 0; round < 4; round++) {
    const ring = await raise(tom, 5)

    await Promise.all(ring.map((ticket, i) => merge(nodes[i % 2] ?? tom, ticket, ring[(i + 1) % 5])))

    const ends = await desk.query(
      `select id, merged_into_id from tickets where id in (${ring.map(() => '?').join()})`,
      ring.map(({ id }) => id),
    )
    const next = new Map(ends.map(({ id, merged_into_id }) => [id, merged_into_id]))
    for (const { id } of ring) {
      let [end, steps] = [id, 0]
      for (; next.get(end); steps++) end = next.get(end)
      assert.ok(steps < 5)
    }
    assert.ok(ends.some(({ merged_into_id }) => merged_into_id === null))
  }
})

/** A stream of numbers that looks like chance and is the same each time. */
function chance(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 1103515245 + 12345) % 2147483648
    return Math.floor((state / 2147483648) * below)
  }
}

test('in a storm of replies, merges, undos and splits nothing is lost or doubled', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada] = [await desk.person({ role: 'agent' }), await desk.person()]
  const nodes = await twoNodes(desk, tom)
  const tickets = await raise(ada, 5)
  const next = chance(7)
  let written = tickets.length
  const one = async (i: number): Promise<Reply> => {
    const [ticket, other, caller] = [tickets[next(5)], tickets[next(5)], nodes[i % 2] ?? tom]
    switch (next(6)) {
      case 0:
        return merge(caller, ticket, other)
      case 1:
        return caller.post(`/v1/tickets/${ticket.id}/unmerge`)
      case 2: {
        const { body } = await caller.get(`/v1/tickets/${ticket.id}/messages?limit=100`)
        const ids = body.data.map(({ id }: Json) => id)
        return caller.post(`/v1/tickets/${ticket.id}/split`, { message_ids: [ids[next(ids.length)]], requester_id: ada.id })
      }
      default: {
        const reply = await (next(2) ? caller : ada).post(`/v1/tickets/${ticket.id}/messages`, { body: `Reply ${i}.` })
        assert.equal(reply.status, 201, reply.text)
        written++
        return reply
      }
    }
  }

  const counts: Record<number, number> = {}
  for (let round = 0; round < 12; round++) {
    desk.clock.advance(1000)
    const replies = await Promise.all(Array.from({ length: 8 }, (_, i) => one(8 * round + i)))
    for (const { status, text } of replies) {
      assert.ok([200, 201, 409, 422, 503].includes(status), text)
      counts[status] = (counts[status] ?? 0) + 1
    }
  }

  t.diagnostic(`answers: ${JSON.stringify(counts)}`)
  assert.equal(counts[503] ?? 0, 0)
  const rows = await desk.query('select messages.id, merged_into_id from messages join tickets on tickets.id = ticket_id')
  assert.equal(rows.length, written)
  assert.ok(
    rows.every(({ merged_into_id }) => merged_into_id === null),
    'a message stands in a ticket that was merged',
  )
  await assertReplayed(desk, { caller: tom, side: 'staff' })
  await assertReplayed(desk, { caller: ada, side: 'public' })
})

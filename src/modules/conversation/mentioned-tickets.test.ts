import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Caller, type Json, openDesk, type Person, type Reply } from '../../../test/desk.ts'

/** Three tickets in Tom's queue and one in a queue that he does not see. */
async function openQueues(t: Parameters<typeof openDesk>[0]) {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const tom = await desk.person({ role: 'agent' })
  const ada = await desk.person()
  const queue = async (key: string) => {
    const team = (await admin.post('/v1/teams', { name: key })).body.id
    const queue_id = (await admin.post('/v1/queues', { key, name: key, team_ids: [team] })).body.id
    return { team, queue_id }
  }
  const [first, second] = [await queue('first'), await queue('second')]
  await admin.put(`/v1/teams/${first.team}/members/${tom.id}`)
  const raise = async (by: Caller, queue_id: string): Promise<{ id: string; number: number; path: string }> => {
    const { id, number } = (await by.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })).body
    await admin.patch(`/v1/tickets/${id}`, { queue_id })
    return { id, number, path: `/v1/tickets/${id}` }
  }
  const tickets = {
    mine: await raise(ada, first.queue_id),
    other: await raise(ada, first.queue_id),
    third: await raise(ada, first.queue_id),
    hidden: await raise(ada, second.queue_id),
    toms: await raise(tom, second.queue_id),
  }
  await desk.announcements()
  const write = async (body: string, { by = tom, visibility = 'internal' }: { by?: Person; visibility?: string } = {}) => {
    const reply = await by.post(`${tickets.mine.path}/messages`, { body, ...(visibility === 'public' ? {} : { visibility }) })
    assert.equal(reply.status, 201, reply.text)
    return reply.body
  }
  return { desk, admin, tom, ada, ...tickets, write }
}

async function linksOf(caller: Caller, path: string): Promise<[string, string][]> {
  return (await caller.get(`${path}/links`)).body.data.map(({ kind, ticket_id }: Json) => [kind, ticket_id])
}

test('a ticket that a message of the staff mentions is related to its ticket, by number or id, in notes and replies', async (t) => {
  const { desk, admin, ada, mine, other, third, write } = await openQueues(t)
  const before = await ada.get(mine.path)

  await write(`The same as #${other.number}, I think.`)

  await desk.announced(['message.created', 'ticket.linked', 'ticket.linked'])
  assert.deepEqual(await linksOf(admin, mine.path), [['related', other.id]])
  assert.deepEqual(await linksOf(admin, other.path), [['related', mine.id]])
  const after = await ada.get(mine.path)
  assert.deepEqual([after.body, after.headers.etag], [before.body, before.headers.etag])
  await write(`Like ${third.id}, and #${other.number} again.`, { visibility: 'public' })
  await desk.announced(['message.created', 'ticket.status_changed', 'ticket.linked', 'ticket.linked'])
  assert.deepEqual(await linksOf(admin, mine.path), [
    ['related', other.id],
    ['related', third.id],
  ])
})

test('a note that calls an agent and mentions tickets does both, and the next change goes on from there', async (t) => {
  const { desk, admin, tom, mine, other, third, write } = await openQueues(t)
  const fay = await desk.person({ role: 'agent' })

  await write(`@${fay.id}: see #${other.number} and #${third.number}.`)
  await write('And another note.')
  await tom.post(`${mine.path}/tags`, { tags: ['vip'] })

  const events = await desk.announcements()
  assert.deepEqual(
    events.map(({ type }) => type),
    [
      ...['message.created', 'ticket.participant_added', 'message.mentioned'],
      ...['ticket.linked', 'ticket.linked', 'ticket.linked', 'ticket.linked', 'message.created', 'ticket.tagged'],
    ],
  )
  const rows = await desk.query('select ticket_seq as seq from events where ticket_id = ? order by position', [mine.id])
  const numbers = rows.map(({ seq }) => Number(seq))
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].sort((a, b) => a - b),
  )
  assert.equal((await admin.get(mine.path)).body.version > 5, true)
})

test('what its author does not work on, his own ticket, and what there is not are text; a hidden one is told from none by nothing', async (t) => {
  const { desk, admin, mine, hidden, toms, write } = await openQueues(t)

  await write(`#${hidden.number} ${hidden.id} #${mine.number} #900100 #${toms.number}`)

  await desk.announced(['message.created'])
  for (const { path } of [mine, hidden, toms]) assert.deepEqual(await linksOf(admin, path), [])
})

test('the first message of a ticket and its last word mention tickets, too', async (t) => {
  const { desk, admin, tom, ada, mine, other } = await openQueues(t)
  const queue_id = (await admin.get(mine.path)).body.queue_id

  const raised = await tom.post('/v1/tickets', {
    subject: 'Again',
    body: `As in #${other.number}.`,
    queue_id,
    requester: { email: ada.email },
  })
  const closed = await tom.post(`${mine.path}/close`, { message: `See ${other.id}.` })

  assert.deepEqual([raised.status, closed.status], [201, 200])
  await desk.announced([
    ...['ticket.created', 'message.created', 'ticket.linked', 'ticket.linked'],
    ...['message.created', 'ticket.status_changed', 'ticket.linked', 'ticket.linked'],
  ])
  assert.deepEqual(await linksOf(admin, other.path), [
    ['related', raised.body.id],
    ['related', mine.id],
  ])
  for (const { body, unread_count } of [
    { ...raised, unread_count: 0 },
    { ...closed, unread_count: 1 },
  ])
    assert.deepEqual((await tom.get(`/v1/tickets/${body.id}`)).body, { ...body, unread_count })
})

test('a requester mentions no tickets, nor does an agent in a ticket that he merely raised', async (t) => {
  const { desk, admin, ada, tom, mine, other, toms, write } = await openQueues(t)

  await write(`Like #${other.number}!`, { by: ada, visibility: 'public' })
  await tom.post(`${toms.path}/messages`, { body: `Like #${other.number}.` })

  await desk.announced(['message.created', 'message.created'])
  for (const { path } of [mine, other, toms]) assert.deepEqual(await linksOf(admin, path), [])
})

test('tickets that have to do with each other already stay as they are', async (t) => {
  const { desk, tom, admin, mine, other, write } = await openQueues(t)
  await tom.post(`${mine.path}/links`, { ticket_id: other.id, kind: 'duplicates' })
  await desk.announcements()

  await write(`A duplicate of #${other.number}.`)

  await desk.announced(['message.created'])
  assert.deepEqual(await linksOf(admin, mine.path), [['duplicates', other.id]])
})

test('an edit relates what is new in it, and brings back no link that somebody took away', async (t) => {
  const { desk, tom, admin, mine, other, third, write } = await openQueues(t)
  const { id } = await write(`See #${other.number}.`)
  const [{ id: link }] = (await tom.get(`${mine.path}/links`)).body.data
  await tom.delete(`${mine.path}/links/${link}`)
  await desk.announcements()

  await tom.patch(`${mine.path}/messages/${id}`, { body: `See #${other.number} and #${third.number}.` })

  await desk.announced(['message.edited', 'ticket.linked', 'ticket.linked'])
  assert.deepEqual(await linksOf(admin, mine.path), [['related', third.id]])
})

test('notes that mention each other’s tickets at the same moment wait for one another and never in a circle', async (t) => {
  const { desk, tom, admin, mine, other, third } = await openQueues(t)
  const all = [mine, other, third]
  const writes: Promise<Reply>[] = []
  for (let i = 0; i < 4; i++)
    for (const [place, { path }] of all.entries()) {
      const others = all.filter((_, j) => j !== place).map(({ number }) => `#${number}`)
      writes.push(
        (i % 2 === 0 ? tom : admin).post(`${path}/messages`, { body: `See ${others.join(' and ')}.`, visibility: 'internal' }),
      )
    }

  const replies = await Promise.all(writes)

  for (const reply of replies) assert.equal(reply.status, 201, reply.text)
  for (const [i, { path }] of all.entries())
    assert.deepEqual(
      (await linksOf(admin, path)).map(([kind, id]) => `${kind} ${id}`).sort(),
      all
        .filter((_, j) => j !== i)
        .map(({ id }) => `related ${id}`)
        .sort(),
    )
  assert.doesNotMatch(desk.logged(), /deadlock/i)
})

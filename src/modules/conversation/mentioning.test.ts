import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Json, openDesk, type Person } from '../../../test/desk.ts'

/** Ada's ticket in Tom's queue, and Fay, an agent who does not see it. */
async function openNotes(t: Parameters<typeof openDesk>[0]) {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const team = (await admin.post('/v1/teams', { name: 'First line' })).body.id
  const queue_id = (await admin.post('/v1/queues', { key: 'first', name: 'First', team_ids: [team] })).body.id
  const ada = await desk.person({ email: 'ada@customer.example' })
  const tom = await desk.person({ role: 'agent', email: 'tom@desk.example' })
  const fay = await desk.person({ role: 'agent', email: 'fay@desk.example' })
  await admin.put(`/v1/teams/${team}/members/${tom.id}`)
  const ticket = (await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })).body.id
  const path = `/v1/tickets/${ticket}`
  await admin.patch(path, { queue_id })
  await desk.announcements()
  const note = (body: string, by: Person = tom) => by.post(`${path}/messages`, { body, visibility: 'internal' })
  return { desk, admin, ada, tom, fay, team, ticket, path, note }
}

const told = (events: Json[]) => events.map(({ type, data }) => [type, data.user_id ?? data.message_id])

test('an agent whom a note mentions follows the ticket from then on, and is told', async (t) => {
  const { desk, ada, tom, fay, path, note } = await openNotes(t)
  const before = await ada.get(path)
  assert.equal((await fay.get(path)).status, 404)

  const posted = await note('@Fay@desk.example, can you look at this?')

  assert.equal(posted.status, 201)
  const events = await desk.announcements()
  assert.deepEqual(told(events), [
    ['message.created', posted.body.id],
    ['ticket.participant_added', fay.id],
    ['message.mentioned', fay.id],
  ])
  const mentioned = events.at(-1)
  assert.deepEqual(mentioned?.data, { message_id: posted.body.id, user_id: fay.id })
  assert.deepEqual([mentioned?.subject_id, mentioned?.actor_id], [posted.body.id, tom.id])
  for (const { visibility } of events) assert.equal(visibility, 'internal')
  assert.equal((await fay.get(`${path}/messages/${posted.body.id}`)).status, 200)
  const after = await ada.get(path)
  assert.deepEqual([after.body, after.headers.etag], [before.body, before.headers.etag])
  await note('@fay@desk.example, and this?')
  await desk.announced(['message.created', 'message.mentioned'])
})

test('a mention by id and by address is one; who writes is not told of himself', async (t) => {
  const { desk, admin, tom, fay, note } = await openNotes(t)

  await note(`@${fay.id} @fay@desk.example @${tom.id} @tom@desk.example @${admin.email}`)

  const events = await desk.announcements()
  assert.deepEqual(told(events).slice(1), [
    ['ticket.participant_added', fay.id],
    ['ticket.participant_added', admin.id],
    ['message.mentioned', fay.id],
    ['message.mentioned', admin.id],
  ])
  await note(`Note to myself: @${tom.id}`)
  await desk.announced(['message.created'])
})

test('who is no active agent is text, and so is a name in code', async (t) => {
  const { desk, admin, ada, fay, path, note } = await openNotes(t)
  const gone = await desk.person({ role: 'agent', email: 'gone@desk.example' })
  await admin.patch(`/v1/users/${gone.id}`, { active: false })
  await desk.announcements()

  await note(`@ada@customer.example @${ada.id} @gone@desk.example @nobody@desk.example \`@fay@desk.example\``)

  await desk.announced(['message.created'])
  assert.equal((await fay.get(path)).status, 404)
})

test('a mention in a public message calls nobody, whoever writes it', async (t) => {
  const { desk, ada, tom, fay, path } = await openNotes(t)

  for (const one of [ada, tom]) {
    const posted = await one.post(`${path}/messages`, { body: `@fay@desk.example @${fay.id}, help!` })
    assert.equal(posted.status, 201)
  }

  assert.deepEqual(
    (await desk.announcements()).map(({ type }) => type).filter((type) => type !== 'ticket.status_changed'),
    ['message.created', 'message.created'],
  )
  assert.equal((await fay.get(path)).status, 404)
})

test('an edit that adds a mention calls who is new in it, by the id as by the address', async (t) => {
  const { desk, admin, tom, fay, path, note } = await openNotes(t)
  const { id } = (await note(`@${admin.email}, see`)).body
  await desk.announcements()
  const edit = async (body: string) => {
    assert.equal((await tom.patch(`${path}/messages/${id}`, { body })).status, 200)
    return told(await desk.announcements())
  }

  assert.deepEqual(await edit(`@${admin.id}, look`), [['message.edited', id]])
  assert.deepEqual(await edit(`@${admin.id} and @fay@desk.example, look`), [
    ['message.edited', id],
    ['ticket.participant_added', fay.id],
    ['message.mentioned', fay.id],
  ])
  assert.deepEqual(await edit('Never mind.'), [['message.edited', id]])
  assert.equal((await fay.get(path)).status, 200, 'who follows goes on following')
})

test('the same note sent twice calls once', async (t) => {
  const { desk, tom, path } = await openNotes(t)
  const body = { body: '@fay@desk.example, look', visibility: 'internal', client_id: 'once' }

  for (const status of [201, 200]) assert.equal((await tom.post(`${path}/messages`, body)).status, status)

  await desk.announced(['message.created', 'ticket.participant_added', 'message.mentioned'])
})

test('a note on a closed ticket calls an agent, too', async (t) => {
  const { desk, tom, fay, path, note } = await openNotes(t)
  await tom.post(`${path}/close`, {})
  await desk.announcements()

  await note('@fay@desk.example, this is how we did it')

  await desk.announced(['message.created', 'ticket.participant_added', 'message.mentioned'])
  assert.equal((await fay.get(path)).status, 200)
})

test('of thirty who are mentioned the first twenty are called', async (t) => {
  const { desk, note } = await openNotes(t)
  const agents: Person[] = []
  for (let i = 0; i < 30; i++) agents.push(await desk.person({ role: 'agent' }))

  await note(agents.map(({ id }) => `@${id}`).join(' '))

  const events = (await desk.announcements()).filter(({ type }) => type === 'message.mentioned')
  assert.deepEqual(
    events.map(({ data }) => data.user_id),
    agents.slice(0, 20).map(({ id }) => id),
  )
})

test('who sees the note hears who was called, and no requester does', async (t) => {
  const { desk, ada, tom, fay, path, note } = await openNotes(t)
  await note('@fay@desk.example, look')
  await desk.settle()
  const heard = async (who: Person) =>
    (await who.get('/v1/events?type=message.mentioned&include=object')).body.data.map(({ data }: Json) => data.user_id)

  assert.deepEqual(await heard(ada), [])
  assert.deepEqual(await heard(tom), [fay.id])
  assert.deepEqual(await heard(fay), [fay.id])
  await fay.delete(`${path}/participants/${fay.id}?role=follower`)
  assert.deepEqual(await heard(fay), [])
})

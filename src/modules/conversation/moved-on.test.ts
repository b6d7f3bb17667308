import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Caller, type Json, openDesk } from '../../../test/desk.ts'

async function raise(caller: Caller, subject: string): Promise<Json> {
  return (await caller.post('/v1/tickets', { subject, body: `${subject}.` })).body
}

function say(caller: Caller, ticket: Json, body: string, more: object = {}) {
  return caller.post(`/v1/tickets/${ticket.id}/messages`, { body, ...more })
}

async function lastOf(caller: Caller, ticket: Json): Promise<string> {
  return (await caller.get(`/v1/tickets/${ticket.id}/messages?sort=-created_at&limit=1`)).body.data[0].id
}

test('an answer to what one has not read is not sent', async (t) => {
  const desk = await openDesk(t)
  const [tom, eve, ada] = [await desk.person({ role: 'agent' }), await desk.person({ role: 'agent' }), await desk.person()]
  const fire = await raise(ada, 'Fire')
  const expected_last_message_id = await lastOf(tom, fire)
  await say(ada, fire, 'It is out.')
  const last = await say(eve, fire, 'Good.')
  await desk.announcements()

  const refused = await say(tom, fire, 'We come.', { expected_last_message_id })

  const { status, code, last_message_id, new_message_count } = refused.body
  assert.deepEqual([status, code, last_message_id, new_message_count], [409, 'conversation_moved_on', last.body.id, 2])
  const none = await say(tom, fire, 'We come.', { expected_last_message_id: null })
  assert.deepEqual([none.status, none.body.new_message_count], [409, 3])
  await desk.announced([])
  const known = await say(tom, fire, 'Good.', { expected_last_message_id: last_message_id })
  assert.equal(known.status, 201)
  await desk.announced(['message.created'])
})

test('a note never stops who does not see it, and stops who does', async (t) => {
  const desk = await openDesk(t)
  const [tom, eve, ada] = [await desk.person({ role: 'agent' }), await desk.person({ role: 'agent' }), await desk.person()]
  const fire = await raise(ada, 'Fire')
  const expected_last_message_id = await lastOf(ada, fire)
  const note = (await say(eve, fire, 'Careful.', { visibility: 'internal' })).body

  assert.equal((await say(ada, fire, 'It burns.', { expected_last_message_id })).status, 201)
  const refused = await say(tom, fire, 'We come.', { expected_last_message_id: note.id })
  assert.deepEqual([refused.status, refused.body.new_message_count], [409, 1])
  const guessed = await say(ada, fire, 'Hello?', { expected_last_message_id: note.id })
  const missing = await say(ada, fire, 'Hello?', { expected_last_message_id: 'msg_01kb2m8h5zf3v9w4q7n1x6c0td' })
  for (const reply of [guessed, missing]) assert.deepEqual([reply.status, reply.body.new_message_count], [409, 2])
})

test('a message that is there already is answered, whatever came after it', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada] = [await desk.person({ role: 'agent' }), await desk.person()]
  const fire = await raise(ada, 'Fire')
  const given = { client_id: 'tom-1', expected_last_message_id: await lastOf(tom, fire) }
  const first = await say(tom, fire, 'We come.', given)
  await say(ada, fire, 'Good.')

  const again = await say(tom, fire, 'We come.', given)

  assert.deepEqual([first.status, again.status, again.body.id], [201, 200, first.body.id])
})

test('of two who answer the same message at once one is told to read first', async (t) => {
  const desk = await openDesk(t)
  const [tom, eve, ada] = [await desk.person({ role: 'agent' }), await desk.person({ role: 'agent' }), await desk.person()]
  const fire = await raise(ada, 'Fire')
  const expected_last_message_id = await lastOf(ada, fire)

  const replies = await Promise.all([tom, eve].map((agent) => say(agent, fire, 'We come.', { expected_last_message_id })))

  assert.deepEqual(replies.map(({ status }) => status).sort(), [201, 409])
})

test('a macro that knows an older conversation writes nothing', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada] = [await desk.person({ role: 'agent' }), await desk.person()]
  const fire = await raise(ada, 'Fire')
  const expected_last_message_id = await lastOf(tom, fire)
  const last = (await say(ada, fire, 'It is out.')).body
  const content = { message: { variants: [{ locale: 'en', body: 'We come.' }] } }
  const macro = (await tom.post('/v1/macros', { name: 'Come', ...content })).body
  await desk.announcements()
  const apply = (expected: string) =>
    tom.post(`/v1/macros/${macro.id}/apply`, { ticket_id: fire.id, expected_last_message_id: expected })

  const refused = await apply(expected_last_message_id)

  assert.deepEqual([refused.status, refused.body.code], [409, 'conversation_moved_on'])
  await desk.announced([])
  assert.equal((await apply(last.id)).status, 200)
})

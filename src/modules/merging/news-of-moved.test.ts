import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Caller, type Json, openDesk } from '../../../test/desk.ts'

async function raise(caller: Caller, subject: string): Promise<Json> {
  return (await caller.post('/v1/tickets', { subject, body: `${subject}.` })).body
}

async function idsIn(caller: Caller, ticket: Json): Promise<string[]> {
  return (await caller.get(`/v1/tickets/${ticket.id}/messages?limit=100`)).body.data.map(({ id }: Json) => id)
}

/** What somebody is told of merges into a ticket, with the side and the messages that are named. */
async function toldOf(caller: Caller, ticket: Json): Promise<Json[]> {
  const { body } = await caller.get(`/v1/tickets/${ticket.id}/events?type=ticket.absorbed,ticket.parted`)
  return body.data.map(({ type, visibility, data }: Json) => [type, visibility, data.message_ids, data.message_count])
}

test('each side is told which messages a merge brought, and which its undo took, and a requester never of notes', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada, bob] = [await desk.person({ role: 'agent' }), await desk.person(), await desk.person()]
  const [fire, smoke] = [await raise(ada, 'Fire'), await raise(bob, 'Smoke')]
  await bob.post(`/v1/tickets/${smoke.id}/messages`, { body: 'Grey smoke.' })
  const shown = await idsIn(bob, smoke)
  const { id: note } = (
    await tom.post(`/v1/tickets/${smoke.id}/messages`, { body: 'Where there is smoke …', visibility: 'internal' })
  ).body
  await tom.post(`/v1/tickets/${smoke.id}/merge`, { into_ticket_id: fire.id })
  const { id: since } = (await bob.post(`/v1/tickets/${smoke.id}/messages`, { body: 'Still grey.' })).body
  await tom.post(`/v1/tickets/${smoke.id}/unmerge`)
  await desk.settle()

  const open = [
    ['ticket.absorbed', 'public', shown, 2],
    ['ticket.parted', 'public', [...shown, since], 3],
  ]
  assert.deepEqual(await toldOf(ada, fire), open)
  assert.deepEqual(await toldOf(tom, fire), [
    open[0],
    ['ticket.absorbed', 'internal', [note], 1],
    open[1],
    ['ticket.parted', 'internal', [note], 1],
  ])
})

test('of notes alone, and where nothing is left to go, staff is told and nobody else', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada, bob] = [await desk.person({ role: 'agent' }), await desk.person(), await desk.person()]
  const [fire, smoke] = [await raise(ada, 'Fire'), await raise(bob, 'Smoke')]
  const [note] = await idsIn(bob, smoke)
  assert.equal((await tom.patch(`/v1/tickets/${smoke.id}/messages/${note}`, { visibility: 'internal' })).status, 403)
  const root = await desk.person({ role: 'admin' })
  await root.patch(`/v1/tickets/${smoke.id}/messages/${note}`, { visibility: 'internal' })
  await tom.post(`/v1/tickets/${smoke.id}/merge`, { into_ticket_id: fire.id })
  await tom.post(`/v1/tickets/${fire.id}/split`, { message_ids: [note] })
  await tom.post(`/v1/tickets/${smoke.id}/unmerge`)
  await desk.settle()

  assert.deepEqual(await toldOf(ada, fire), [])
  assert.deepEqual(await toldOf(tom, fire), [
    ['ticket.absorbed', 'internal', [note], 1],
    ['ticket.parted', 'internal', [], 0],
  ])
})

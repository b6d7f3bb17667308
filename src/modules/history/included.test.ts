import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Json, openDesk } from '../../../test/desk.ts'
import { connectionOf } from '../../platform/database/connection.ts'

const INCLUDED = 'include=object,ticket&limit=100'

test('an event comes with its ticket as its reader may see it now', async (t) => {
  const desk = await openDesk(t)
  const [admin, ada] = [await desk.person({ role: 'admin' }), await desk.person()]
  const { body: ticket } = await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })
  await admin.post(`/v1/tickets/${ticket.id}/messages`, { body: 'A note.', visibility: 'internal' })
  await admin.patch(`/v1/tickets/${ticket.id}`, { subject: 'Printer on fire' })
  await desk.settle()

  const events = async (who: typeof ada, query: string): Promise<Json[]> =>
    (await who.get(`/v1/tickets/${ticket.id}/events?${query}`)).body.data

  for (const who of [admin, ada]) {
    // How much of it somebody has not read is his own, and in no event.
    const { unread_count, ...now } = (await who.get(`/v1/tickets/${ticket.id}`)).body
    assert.equal(typeof unread_count, 'number')
    assert.equal(now.subject, 'Printer on fire')
    for (const event of await events(who, INCLUDED)) {
      const isOfTicket = event.subject.type === 'ticket'
      assert.deepEqual(isOfTicket ? event.object : event.ticket, now, event.type)
      assert.equal('ticket' in event, !isOfTicket, event.type)
    }
    for (const event of await events(who, 'include=ticket')) assert.deepEqual([event.object, event.ticket], ['event', now])
    for (const event of await events(who, '')) assert.deepEqual([event.object, 'ticket' in event], ['event', false])
  }
  assert.ok((await events(admin, INCLUDED)).length > (await events(ada, INCLUDED)).length)
})

test('outside tickets there is no ticket, and of one that is deleted nothing is shown', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const { body: ticket } = await admin.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })
  await admin.delete(`/v1/tickets/${ticket.id}`)
  await desk.settle()

  const { body } = await admin.get(`/v1/events?${INCLUDED}`)

  const outside = body.data.filter((event: Json) => event.ticket_id === null)
  assert.ok(outside.length > 0)
  assert.ok(outside.every((event: Json) => !('ticket' in event)))
  const message = body.data.find(({ type }: Json) => type === 'message.created')
  assert.deepEqual([message.object, message.ticket], [null, null])
})

test('a key of events alone may not read the tickets', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const { body } = await admin.post('/v1/api-keys', { name: 'Log', role: 'admin', scopes: ['events:read'] })
  const key = desk.bearer(body.secret)

  const reply = await key.get('/v1/events?include=ticket')

  assert.deepEqual([reply.status, reply.body.code], [403, 'forbidden'])
})

test('a page of many tickets takes as many looks as one of a few', async (t) => {
  const desk = await openDesk(t)
  const [admin, ada] = [await desk.person({ role: 'admin' }), await desk.person()]
  for (let i = 0; i < 7; i++) await ada.post('/v1/tickets', { subject: `Printer ${i}`, body: 'It burns.' })
  await desk.settle()
  const looks = t.mock.method(connectionOf(desk.database.reader), 'query')

  const { body } = await admin.get(`/v1/events?type=ticket.*,message.*&${INCLUDED}`)

  assert.equal(new Set(body.data.map(({ ticket_id }: Json) => ticket_id)).size, 7)
  assert.ok(body.data.every(({ object }: Json) => object !== null))
  const ofTickets = looks.mock.calls.filter((call) => /from .tickets. where/.test(call.arguments[0]))
  assert.equal(ofTickets.length, 1)
  const ofMessages = looks.mock.calls.filter((call) => /from .messages./.test(call.arguments[0]))
  assert.equal(ofMessages.length, 3) // how long they are, where they are, what they say
})

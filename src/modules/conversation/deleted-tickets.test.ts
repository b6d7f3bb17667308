import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Json, openDesk } from '../../../test/desk.ts'
import { placesOf } from '../../../test/places.ts'

/** What may still name a ticket that was deleted, and why. */
const LEFT: Readonly<Record<string, string>> = {
  'tickets.id': 'the empty row, by which the event of the deletion finds who saw the ticket',
  'ticket_participants.ticket_id': 'the same: who took part is told',
  'events.ticket_id': 'the log: ids and facts, no text that a person wrote',
  'events.subject_id': 'the log',
  'events.data': 'the log',
  'ticket_merges.into_id': 'what went where is no content',
  'messages.addressed_ticket_id': 'what was split off before was written to it',
  'tickets.merged_into_id': 'another ticket went into it',
  'outbound_mails.ticket_id': 'what became of the mail about it, for as long as that is kept: no text',
}

test('with a ticket goes everything that was written in it, attached to it, begun in it and linked to it', async (t) => {
  const desk = await openDesk(t)
  const [root, tom, ada] = [await desk.person({ role: 'admin' }), await desk.person({ role: 'agent' }), await desk.person()]
  const upload = async (by: typeof ada, content: string): Promise<string> =>
    (await by.upload({ name: `${content}.txt`, content })).body.id
  const done = async (reply: Promise<Json>): Promise<Json> => {
    const { status, body, text } = await reply
    assert.ok(status < 300, text)
    return body
  }
  const [letter, picture, begun] = [await upload(ada, 'letter'), await upload(tom, 'picture'), await upload(tom, 'begun')]
  await done(root.post('/v1/fields', { key: 'serial', label: 'Serial', type: 'text' }))
  const given = { subject: 'Quagga', body: 'Quagga quagga.', attachment_ids: [letter] }
  const { id } = await done(ada.post('/v1/tickets', given, { 'idempotency-key': 'raise' }))
  const path = `/v1/tickets/${id}`
  await done(tom.patch(path, { fields: { serial: 'sn-quagga' }, external_id: 'quagga-1' }))
  await done(tom.post(`${path}/tags`, { tags: ['vip'] }))
  const message = await done(
    tom.post(`${path}/messages`, { body: `Quagga @${root.id}`, visibility: 'internal', attachment_ids: [picture] }),
  )
  await done(tom.patch(`${path}/messages/${message.id}`, { body: 'Quagga again.' }))
  await done(tom.put(`${path}/draft`, { body: 'Quagga, begun', attachment_ids: [begun] }))
  await done(ada.patch(`${path}/participants/${ada.id}`, { notify: 'none' }))
  const [other, third] = [
    await done(ada.post('/v1/tickets', { subject: 'Other', body: 'Other.' })),
    await done(ada.post('/v1/tickets', { subject: 'Third', body: 'Third.' })),
  ]
  await done(tom.post(`${path}/links`, { ticket_id: other.id, kind: 'related' }))
  await done(tom.post(`/v1/tickets/${third.id}/merge`, { into_ticket_id: id }))
  await done(tom.put(`${path}/skills`, { skills: ['spanish'] }))
  await done(tom.patch(path, { status: 'pending', pending_until: '2026-12-24T09:00:00Z' }))
  await done(tom.post(`${path}/split`, { message_ids: [message.id] }))
  const note = await done(tom.post(`${path}/messages`, { body: 'Quagga note.', visibility: 'internal' }))
  assert.ok((await placesOf(desk, id)).length > Object.keys(LEFT).length)

  await desk.settle()
  await done(root.delete(path))
  await desk.settle()
  desk.clock.advance(2 * 86_400_000)
  await desk.app.tidy()

  // What was mailed is with those who got it.
  const left = (await placesOf(desk, id)).filter((place) => !place.startsWith('outbox_mails'))
  assert.deepEqual(left, Object.keys(LEFT).sort())
  assert.deepEqual(await placesOf(desk, note.id), ['events.data', 'events.subject_id', 'outbound_mails.message_id'])
  assert.deepEqual(await placesOf(desk, letter), ['events.subject_id'])
  assert.deepEqual(await placesOf(desk, begun), ['events.subject_id'])
  // What was split off before is another ticket; what was mailed is with those who got it.
  const texts = (await placesOf(desk, 'uagga')).filter((place) => !/^(ticket_search|outbox_mails)/.test(place))
  assert.deepEqual(texts, ['message_revisions.body', 'messages.body', 'messages.body_html', 'tickets.subject'])
})

import { type Cast, done, refused, type Telling } from './telling.ts'

/** Between the chapters: Ada writes on two devices, sends a note to the wrong side, and a customer says more than he should. */
export async function draft(_: Telling, { grace, ada, bob, queue_id }: Cast): Promise<void> {
  const ticket = await done(
    bob.post('/v1/tickets', { subject: 'Which toner fits?', body: 'The one that we have does not.', queue_id }),
    201,
  )
  const path = `/v1/tickets/${ticket.id}`
  await done(ada.put(`${path}/draft`, { body: 'Toner 7 fits' }), 201)
  await done(ada.get(`${path}/draft`))
  await refused(ada.put(`${path}/draft`, { body: 'Toner 9 fits' }), 'version_conflict')
  await done(ada.put(`${path}/draft`, { body: 'Toner 7 fits all of them.' }, { 'if-match': '"v1"' }))
  const mistake = await done(bob.post(`${path}/messages`, { body: 'My card is 4111 1111 1111 1111, please just buy one.' }), 201)
  const list = await done(ada.upload({ name: 'toners.txt', content: 'Toner 7: all printers.' }), 201)
  const attachment_ids = [list.id]
  await refused(
    ada.post(`${path}/messages`, { body: 'Which printer is it?', expected_last_message_id: null }),
    'conversation_moved_on',
  )
  await done(ada.put(`${path}/draft`, { body: 'Toner 7 fits all of them.', attachment_ids }, { 'if-match': '"v2"' }))
  await done(ada.get('/v1/me/drafts'))
  await done(ada.post(`${path}/messages`, { body: 'Toner 7 fits all of them.', attachment_ids, draft_version: 3 }), 201)
  await done(bob.put(`${path}/read`, {}))
  await done(ada.get(`${path}/read-marks`))
  await done(ada.get(`${path}/messages/${mistake.id}/receipts`))
  await done(ada.get(`${path}?include=position`))
  await done(ada.put(`${path}/draft`, { body: 'Never mind' }), 201)
  await done(ada.delete(`${path}/draft`), 204)

  await done(grace.post(`${path}/messages/${mistake.id}/redact`, { passage: '4111 1111 1111 1111' }))
  const slip = await done(ada.post(`${path}/messages`, { body: 'Again somebody who reads no label.' }), 201)
  await done(ada.patch(`${path}/messages/${slip.id}`, { body: 'A label would help.' }))
  await done(ada.patch(`${path}/messages/${slip.id}`, { visibility: 'internal' }))
  await done(ada.get(`${path}/messages/${slip.id}/revisions`))
  await done(bob.post(`${path}/close`))
}

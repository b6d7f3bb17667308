import { type Cast, done, refused, type Telling } from './telling.ts'

/** Chapter two: the printer on the 3rd floor is on fire, is put out, and everything that can happen to a ticket happens to it. */
export async function burn({ desk }: Telling, { grace, ada, bob, queue_id, category_id, ada_id }: Cast): Promise<void> {
  await refused(bob.post('/v1/tickets', { subject: '', colour: 'red' }), 'validation_failed')
  const ticket = await done(
    bob.post('/v1/tickets', {
      subject: 'Printer on the 3rd floor is on fire',
      body: 'There is smoke coming out of the **paper tray**. We have unplugged it.',
      queue_id,
      category_id,
      priority: 'urgent',
    }),
    201,
  )
  const path = `/v1/tickets/${ticket.id}`
  await done(ada.get('/v1/tickets?status_category=new,open&sort=-priority'))
  await done(bob.get('/v1/tickets'))
  await refused(bob.get('/v1/tickets?statuss=open'), 'unknown_parameter')
  await refused(bob.get('/v1/tickets?limit=101'), 'invalid_parameter')
  await done(ada.get(`${path}?include=messages`))
  await done(bob.get(path))
  await refused(bob.get('/v1/tickets/999999'), 'not_found')
  await refused(bob.post(`${path}/claim`), 'forbidden')

  await done(ada.post(`/v1/queues/${queue_id}/claim`))
  await done(ada.post(`/v1/queues/${queue_id}/claim`), 204)
  await refused(grace.post(`${path}/claim`), 'already_assigned')
  await done(ada.post(`${path}/release`))
  await done(ada.post(`${path}/claim`))
  await refused(ada.patch(path, { status: 'new' }), 'transition_not_allowed')
  await done(ada.patch(path, { priority: 'high', status: 'pending' }))
  await done(ada.post(`${path}/tags`, { tags: ['fire', 'third-floor'] }))
  await done(ada.delete(`${path}/tags/third-floor`))

  const reply = await done(
    ada.post(`${path}/messages`, { body: 'Thank you for unplugging it. Somebody is on the way.', client_id: 'ada-1' }),
    201,
  )
  await done(ada.post(`${path}/messages`, { body: 'Thank you for unplugging it. Somebody is on the way.', client_id: 'ada-1' }))
  const note = await done(
    ada.post(`${path}/messages`, { body: 'Third one this year. Order no more of this model.', visibility: 'internal' }),
    201,
  )
  await done(ada.get(`${path}/messages`))
  await done(ada.get(`${path}/messages/${reply.id}`))
  await done(ada.patch(`${path}/messages/${reply.id}`, { body: 'Thank you for unplugging it. Somebody will be there at ten.' }))
  await done(ada.delete(`${path}/messages/${note.id}`))
  await done(bob.post(`${path}/messages`, { body: 'The fire is out. It smells of burnt toast.' }), 201)

  await done(ada.put(`${path}/participants/${ada_id}`, { role: 'follower' }))
  await done(ada.delete(`${path}/participants/${ada_id}?role=follower`), 204)

  await done(ada.patch(path, { status: 'solved' }))
  await done(bob.post(`${path}/reopen`))
  await done(bob.post(`${path}/close`, { message: 'The new printer is here. Thank you!' }))
  await refused(ada.post(`${path}/messages`, { body: 'One more thing …' }), 'ticket_closed')

  await desk.settle()
  await done(ada.get(`${path}/events`))
  await done(grace.get('/v1/events?type=ticket.*,message.*'))
  await done(grace.get('/v1/events?type=message.created&include=object,ticket&limit=2'))
  await refused(grace.get('/v1/events?after=1000000'), 'cursor_expired')
}

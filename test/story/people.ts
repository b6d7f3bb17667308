import { type Cast, done, refused, type Telling } from './telling.ts'

/** Between the chapters: a ticket that was raised for the wrong person goes to the right one, and others come into it. */
export async function gather({ desk }: Telling, { grace, ada, bob, ada_id, bob_id }: Cast): Promise<void> {
  const { email } = await done(grace.get('/v1/me'))
  const raised = { subject: 'A key for the cellar', body: 'Asked for at the door.', requester: { email: 'rob@example.com' } }
  const path = `/v1/tickets/${(await done(ada.post('/v1/tickets', raised), 201)).id}`
  await done(ada.patch(path, { requester_id: bob_id }))
  await done(ada.post(`${path}/messages`, { body: `@${email}, who has the keys?`, visibility: 'internal' }), 201)
  await done(ada.put(`${path}/participants/${ada_id}`, { role: 'follower' }))
  await done(ada.patch(`${path}/participants/${ada_id}`, { notify: 'replies' }))
  await refused(bob.patch(`${path}/participants/${ada_id}`, { notify: 'none' }), 'forbidden')
  await done(ada.get(`${path}/participants`))
  await done(bob.get(`${path}/participants`))
  await done(bob.post(`${path}/close`, {}))
  await desk.settle()
}

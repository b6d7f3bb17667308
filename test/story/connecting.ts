import { type Cast, done, refused, type Telling } from './telling.ts'

/** Between the chapters: several tickets turn out to be about the same fire. */
export async function connect(_: Telling, { ada }: Cast): Promise<void> {
  const outage = await done(ada.post('/v1/tickets', { subject: 'No power on the 3rd floor', body: 'All sockets are dead.' }), 201)
  const lamp = await done(ada.post('/v1/tickets', { subject: 'The lamp is out', body: 'Third floor, kitchen.' }), 201)
  const path = `/v1/tickets/${outage.id}`
  const link = await done(ada.post(`${path}/links`, { ticket_id: String(lamp.number), kind: 'child' }), 201)
  await done(ada.post(`${path}/links`, { ticket_id: lamp.id, kind: 'child' }))
  await refused(ada.post(`${path}/links`, { ticket_id: lamp.id, kind: 'parent' }), 'linked_otherwise')
  await done(ada.get(`${path}/links`))
  await done(ada.get(`${path}/links/${link.id}`))
  await done(ada.delete(`${path}/links/${link.id}`), 204)
  await done(ada.post(`${path}/links`, { ticket_id: lamp.id, kind: 'child' }), 201)
  await done(ada.post(`${path}/close`, { close_children: true }))

  const heater = await done(ada.post('/v1/tickets', { subject: 'The heater is cold', body: 'Since this morning.' }), 201)
  const again = await done(ada.post('/v1/tickets', { subject: 'Still cold', body: 'And the lift is stuck, too.' }), 201)
  await refused(ada.post(`/v1/tickets/${again.id}/unmerge`), 'not_merged')
  await done(ada.post(`/v1/tickets/${again.id}/merge`, { into_ticket_id: String(heater.number) }))
  await refused(ada.post(`/v1/tickets/${again.id}/merge`, { into_ticket_id: heater.id }), 'ticket_merged')
  const more = await done(ada.post(`/v1/tickets/${again.id}/messages`, { body: 'Somebody is in the lift.' }), 201)
  await done(ada.get(`/v1/tickets/${heater.id}/merges`))
  await done(ada.post(`/v1/tickets/${again.id}/unmerge`))
  const split = { message_ids: [more.id], subject: 'Stuck in the lift' }
  await done(ada.post(`/v1/tickets/${again.id}/split`, split), 201)
}

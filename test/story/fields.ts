import { type Cast, done, refused, type Telling } from './telling.ts'

/** The chapter in which the desk wants to know more about its tickets: kinds of tickets, and fields of its own. */
export async function classify(_: Telling, { grace, ada, bob, queue_id }: Cast): Promise<void> {
  const incident = await done(grace.post('/v1/ticket-types', { name: 'Incident' }), 201)
  await done(grace.get('/v1/ticket-types'))
  await done(grace.get(`/v1/ticket-types/${incident.id}`))
  await done(grace.patch(`/v1/ticket-types/${incident.id}`, { name: 'Fault' }))
  await refused(grace.post('/v1/ticket-types', { name: 'fault' }), 'ticket_type_name_taken')

  const severity = await done(
    grace.post('/v1/fields', {
      key: 'severity',
      label: 'Severity',
      requester_label: 'How bad is it?',
      type: 'choice',
      options: [
        { value: 'low', label: 'It can wait' },
        { value: 'high', label: 'We cannot work' },
      ],
      requester_access: 'write',
    }),
    201,
  )
  const pages = await done(grace.post('/v1/fields', { key: 'pages', label: 'Pages printed', type: 'number', minimum: 0 }), 201)
  await refused(grace.post('/v1/fields', { key: 'pages', label: 'Sheets', type: 'number' }), 'field_key_taken')
  await done(grace.get('/v1/fields'))
  await done(bob.get(`/v1/fields/${severity.id}`))
  await done(grace.patch(`/v1/fields/${pages.id}`, { maximum: 1_000_000, type_ids: [incident.id] }))

  const ticket = await done(
    bob.post('/v1/tickets', { subject: 'Grey pages', body: 'Everything is grey.', queue_id, fields: { severity: 'high' } }),
    201,
  )
  const path = `/v1/tickets/${ticket.id}`
  await refused(bob.patch(path, { fields: { pages: 1 } }), 'validation_failed')
  await done(ada.patch(path, { type_id: incident.id, fields: { pages: 12_500 } }))
  await done(ada.get(`/v1/tickets?type_id=${incident.id}&fields[severity]=high&fields[pages][gte]=10000&sort=-fields[pages]`))
  await refused(bob.get('/v1/tickets?fields[pages]=12500'), 'unknown_parameter')

  const mistake = await done(grace.post('/v1/fields', { key: 'colour', label: 'Colour', type: 'text' }), 201)
  await done(grace.delete(`/v1/fields/${mistake.id}`), 204)
  const other = await done(grace.post('/v1/ticket-types', { name: 'Joke' }), 201)
  await done(grace.delete(`/v1/ticket-types/${other.id}`), 204)
}

import { type Cast, done, refused, type Telling } from './telling.ts'

/** A chapter between: what Ada writes every day she writes once, and the questions about paper are asked with one click. */
export async function keepMacros(_: Telling, { grace, ada, bob, team_id, queue_id }: Cast): Promise<void> {
  const angles = await done(ada.upload({ name: 'angles.txt', content: 'From above, from the side.' }), 201)
  const reply = await done(
    ada.post('/v1/canned-replies', {
      name: 'Thanks for the photo',
      shortcut: 'photo',
      visibility: 'team',
      team_id,
      variants: [
        {
          locale: 'en',
          body: 'Thank you for the photo, {{requester.first_name|dear customer}}. We look at ticket {{ticket.number}} today.',
        },
        { locale: 'de', body: 'Danke für das Foto, {{requester.first_name}}. Wir sehen uns Ticket {{ticket.number}} heute an.' },
      ],
      attachment_ids: [angles.id],
    }),
    201,
  )
  await refused(
    ada.post('/v1/canned-replies', { name: 'Typo', variants: [{ locale: 'en', body: 'Dear {{requester.frist_name}}' }] }),
    'validation_failed',
  )
  await refused(
    ada.post('/v1/canned-replies', { name: 'Photo', shortcut: 'photo', team_id, variants: [{ locale: 'en', body: 'Thanks.' }] }),
    'shortcut_taken',
  )
  await done(ada.get(`/v1/canned-replies/${reply.id}`))
  await done(ada.get('/v1/canned-replies?q=photo'))
  await done(ada.patch(`/v1/canned-replies/${reply.id}`, { name: 'Photo' }))
  const ticket = await done(
    bob.post('/v1/tickets', { subject: 'The paper is striped', body: 'A photo is on its way.', queue_id }),
    201,
  )
  await done(ada.post(`/v1/canned-replies/${reply.id}/render`, { ticket_id: ticket.id, locale: 'de-AT' }))
  await done(ada.delete(`/v1/canned-replies/${reply.id}`), 204)

  const samples = await done(ada.upload({ name: 'samples.txt', content: 'Matt, glossy, thick.' }), 201)
  const macro = await done(
    ada.post('/v1/macros', {
      name: 'Which paper?',
      visibility: 'team',
      team_id,
      message: {
        visibility: 'public',
        variants: [
          { locale: 'en', body: 'Dear {{requester.first_name}}, which paper is it? {{category.name}} differ.\n\n{{agent.name}}' },
        ],
        attachment_ids: [samples.id],
      },
      changes: { status: 'pending', pending_in_seconds: 172_800, assignee_id: 'me', add_tags: ['paper'] },
    }),
    201,
  )
  await done(ada.get(`/v1/macros/${macro.id}`))
  await done(ada.get('/v1/macros?visibility=team'))
  await done(ada.patch(`/v1/macros/${macro.id}`, { name: 'Ask for the paper' }))
  await done(ada.post(`/v1/macros/${macro.id}/preview`, { ticket_id: ticket.id }))
  await refused(ada.post(`/v1/macros/${macro.id}/apply`, { ticket_id: ticket.id }), 'placeholder_missing')
  await done(ada.post(`/v1/macros/${macro.id}/apply`, { ticket_id: ticket.id, values: { 'category.name': 'Our printers' } }))
  await done(grace.post(`/v1/tickets/${ticket.id}/close`, {}))
  await refused(
    ada.post(`/v1/macros/${macro.id}/apply`, { ticket_id: ticket.id, values: { 'category.name': 'x' } }),
    'ticket_closed',
  )
  const snooze = await done(ada.post('/v1/macros', { name: 'Tomorrow', changes: { pending_in_seconds: 86_400 } }), 201)
  const other = await done(bob.post('/v1/tickets', { subject: 'No ink', body: 'It is empty.', queue_id }), 201)
  await refused(ada.post(`/v1/macros/${snooze.id}/apply`, { ticket_id: other.id }), 'macro_not_applicable')
  await done(ada.delete(`/v1/macros/${macro.id}`), 204)
}

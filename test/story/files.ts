import { type Cast, done, refused, type Telling } from './telling.ts'

// A picture of one pixel.
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** A chapter between: Bob sends a picture of the new printer, Ada looks at it, and Grace has one removed. */
export async function attach({ anyone }: Telling, { grace, ada, bob, queue_id }: Cast): Promise<void> {
  const picture = await done(bob.upload({ name: 'new printer.png', content: PNG, type: 'image/png' }), 201)
  const ticket = await done(
    bob.post('/v1/tickets', { subject: 'The new printer', body: 'Where does it go?', queue_id, attachment_ids: [picture.id] }),
    201,
  )
  await refused(
    bob.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Again', attachment_ids: [picture.id] }),
    'validation_failed',
  )
  await done(ada.get(`/v1/tickets/${ticket.id}/messages`))
  await done(ada.get(`/v1/attachments/${picture.id}`))
  await done(ada.get(`/v1/attachments/${picture.id}/content`))
  const { url } = await done(ada.post(`/v1/attachments/${picture.id}/link`))
  await done(anyone.get(new URL(url).pathname))
  await refused(anyone.get(`${new URL(url).pathname}x`), 'not_found')

  const plan = await done(ada.upload({ name: 'floor plan.txt', content: 'Beside the window.' }), 201)
  await done(
    ada.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Here', visibility: 'internal', attachment_ids: [plan.id] }),
    201,
  )
  await refused(bob.get(`/v1/attachments/${plan.id}`), 'not_found')
  await done(grace.delete(`/v1/attachments/${plan.id}`), 204)
}

import assert from 'node:assert/strict'
import { queueMail } from '../../src/modules/sending/index.ts'
import { type Cast, done, refused, type Telling } from './telling.ts'

/** Mail that goes out: one waits and is called back, one is sent; and an address gets none any more. */
export async function post({ desk }: Telling, { grace, ada, bob_id }: Cast): Promise<void> {
  const ticket = await done(ada.post('/v1/tickets', { subject: 'A new toner', body: 'Magenta, please.' }), 201)
  const mail = await desk.app.transact((tx) =>
    queueMail(tx, {
      ...{ key: 'story', kind: 'replied', automatic: false, mailbox_id: null, ticket_id: ticket.id, message_id: null },
      ...{ event_id: null, to: { user_id: bob_id, address: 'bob@example.org', address_key: 'bob@example.org' } },
      send_after: tx.now + 60_000,
      header_id: (id) => `<${id}@example.org>`,
    }),
  )
  assert.ok(mail)
  const path = `/v1/outbound-mails/${mail.id}`
  await done(ada.get(`/v1/outbound-mails?state=queued,deferred&ticket_id=${ticket.id}`))
  await done(ada.get(path))
  await done(ada.post(`${path}/cancel`))
  await done(ada.post(`${path}/retry`))
  await desk.settle()
  await done(ada.get(path))
  await done(ada.get(`/v1/tickets/${ticket.id}/messages?include=deliveries`))

  const { id } = await done(grace.post('/v1/suppressions', { address: 'nobody@example.org', detail: 'Left the company.' }), 201)
  await done(grace.post('/v1/suppressions', { address: 'Nobody@example.org' }), 200)
  await done(grace.get('/v1/suppressions'))
  await done(grace.get(`/v1/suppressions/${id}`))
  await done(grace.delete(`/v1/suppressions/${id}`), 204)
  await refused(grace.get(`/v1/suppressions/${id}`), 'not_found')
}

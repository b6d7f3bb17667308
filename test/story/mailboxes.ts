import { type Cast, done, refused, type Telling } from './telling.ts'

/** Between the chapters: Grace gives the desk an address, and its mail a signature that others can check. */
export async function giveAddresses({ desk }: Telling, { grace, ada, bob, queue_id }: Cast): Promise<void> {
  const mailbox = await done(
    grace.post('/v1/mailboxes', {
      address: 'printers@acme.example',
      name: 'Acme printers',
      queue_id,
      signature: 'Acme, Facilities',
      trusted_authserv_id: 'mx.acme.example',
      imap: { host: 'imap.acme.example', user: 'printers', password: 'a lamp behind the door', after: 'seen' },
      enabled: false,
    }),
    201,
  )
  const path = `/v1/mailboxes/${mailbox.id}`
  await refused(grace.post('/v1/mailboxes', { address: 'Printers@acme.example', name: 'Again' }), 'mailbox_address_taken')
  await refused(grace.delete(`/v1/queues/${queue_id}`), 'queue_has_mailbox')
  await refused(bob.get(path), 'forbidden')
  await done(grace.patch(path, { imap: { folder: 'Support', after: 'move:Done' } }))
  await done(ada.get(path))
  await done(ada.get(`${path}/status`))
  await done(ada.get('/v1/mailboxes'))
  const spare = await done(grace.post('/v1/mailboxes', { address: 'spare@acme.example', name: 'Spare' }), 201)
  await done(grace.delete(`/v1/mailboxes/${spare.id}`), 204)

  const domain = await done(grace.post('/v1/sending-domains', { domain: 'acme.example' }), 201)
  await refused(grace.post('/v1/sending-domains', { domain: 'acme.example' }), 'sending_domain_taken')
  await done(grace.get(`/v1/sending-domains/${domain.id}`))
  await done(grace.get('/v1/sending-domains'))
  await done(grace.post(`/v1/sending-domains/${domain.id}/verify`))
  await done(grace.patch(`/v1/sending-domains/${domain.id}`, { enabled: false }))
  await done(grace.delete(`/v1/sending-domains/${domain.id}`), 204)
  await done(grace.delete(path), 204)
  await desk.settle()
}

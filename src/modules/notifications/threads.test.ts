import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'
import { insertRow } from '../../platform/database/prepared.ts'
import { readMessageId, readReplyAddress } from '../mail/index.ts'

test('a mail leaves from the mailbox of its queue, and an answer to it finds the ticket and the person', async (t) => {
  const desk = await openDesk(t)
  const bob = await desk.person({ role: 'agent', name: 'Bob' })
  const ada = await desk.person({ name: 'Ada' })
  const [{ id: queue_id }] = await desk.query(`select id from queues`)
  const now = desk.clock.now()
  await desk.database.write((db) =>
    insertRow(db, 'mailboxes', {
      id: 'mbx_01k9zz3c5pe6nrzv8d1a2b3c4d',
      address: 'help@desk.example',
      address_key: 'help@desk.example',
      name: 'Acme Help',
      queue_id,
      signature: 'Yours, Acme',
      enabled: 1,
      plus_addressing: 1,
      trusted_authserv_id: null,
      imap_host: null,
      imap_port: null,
      imap_security: null,
      imap_user: null,
      imap_password: null,
      imap_folder: null,
      imap_after: null,
      imap_since: null,
      created_at: now,
      updated_at: now,
      version: 1,
    }),
  )
  const ticket = (await ada.post('/v1/tickets', { subject: 'Printer', body: 'x' })).body
  const file = (await bob.upload({ name: 'plan.txt', content: 'Run.' })).body
  await bob.post(`/v1/tickets/${ticket.id}/messages`, { body: 'See the plan.', attachment_ids: [file.id] })
  await ada.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Done.' })
  await desk.settle()

  const rows = await desk.query('select kind, header_id, user_id, automatic, state from outbound_mails order by id')
  assert.deepEqual(
    rows.map(({ kind, automatic, state }) => [kind, Number(automatic), state]),
    [
      ['ticket_received', 1, 'sent'],
      ['reply', 0, 'sent'],
    ],
  )
  for (const { header_id } of rows) {
    const read = readMessageId(header_id)
    assert.deepEqual([read?.ticket_id, read?.user_id], [ticket.id, ada.id])
    assert.match(header_id, /@desk\.example>$/)
  }
  const mails = await desk.query('select * from outbox_mails order by created_at, id')
  assert.equal(mails.length, 2)
  for (const mail of mails) {
    const head = JSON.parse(mail.headers) as Record<string, string>
    const replyTo = Object.entries(head).find(([name]) => name.toLowerCase() === 'reply-to')?.[1] ?? ''
    assert.equal(readReplyAddress(replyTo.replace(/^.*<|>.*$/g, ''))?.number, ticket.number, mail.headers)
    assert.match(mail.text, /Yours, Acme/)
    assert.match(mail.text, /^## Please write your reply above this line ##/)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'

const PNG = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(2000, 7)])

test('a requester uploads a screenshot, sends it with a reply, and the agent downloads it', async (t) => {
  const desk = await openDesk(t)
  const [ada, tess] = [await desk.person(), await desk.person({ role: 'agent' })]
  const ticket = (await ada.post('/v1/tickets', { subject: 'It burns', body: 'See soon' })).body
  await desk.announcements()

  const uploaded = await ada.upload({ name: 'C:\\fakepath\\Drucker brennt.png', content: PNG, type: 'text/html' })
  const { id } = uploaded.body
  const reply = await ada.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Here', attachment_ids: [id] })

  assert.equal(uploaded.status, 201, uploaded.text)
  assert.equal(uploaded.headers.location, `/v1/attachments/${id}`)
  assert.equal(uploaded.body.name, 'Drucker brennt.png')
  assert.equal(uploaded.body.content_type, 'image/png')
  assert.equal(reply.status, 201, reply.text)
  assert.deepEqual(
    reply.body.attachments.map((one: { id: string; message_id: string }) => [one.id, one.message_id]),
    [[id, reply.body.id]],
  )
  assert.equal((await tess.get(`/v1/tickets/${ticket.id}/messages`)).body.data[1].attachments[0].id, id)
  assert.equal((await tess.get(`/v1/attachments/${id}`)).body.size, PNG.length)
  const content = await tess.get(`/v1/attachments/${id}/content`)
  assert.equal(content.status, 200)
  assert.deepEqual(content.bytes, PNG)
  assert.equal(content.headers['content-type'], 'image/png')
  assert.equal(content.headers['content-disposition'], 'inline; filename="Drucker brennt.png"')
  assert.match(String(content.headers['content-security-policy']), /default-src 'none'.*sandbox/)
  assert.equal(content.headers['x-content-type-options'], 'nosniff')
  await desk.announced(['attachment.uploaded', 'message.created'])
})

import assert from 'node:assert/strict'
import { type Cast, done, refused, type Telling } from './telling.ts'

/** Between the chapters: Grace finds words for the mail, and Bob has enough of it. */
export async function write({ desk, anyone }: Telling, { grace, ada, bob, queue_id }: Cast): Promise<void> {
  const templates = '/v1/mail-templates'
  const words = { subject: '[#{{ticket.number}}] Done: {{ticket.subject}}', signature: 'Yours, the help desk of Acme' }
  const solved = await done(grace.post(templates, { kind: 'solved', queue_id, locale: 'en', ...words }), 201)
  await refused(grace.post(templates, { kind: 'solved', queue_id, locale: 'en', body: 'Again' }), 'mail_template_taken')
  await refused(grace.post(templates, { kind: 'reply', body: 'For {{ticket.secret}}' }), 'validation_failed')
  await refused(ada.get(templates), 'forbidden')
  await done(grace.post(`${templates}/preview`, { kind: 'solved', queue_id, locale: 'en', greeting: 'Dear {{recipient.name}},' }))
  await done(grace.patch(`${templates}/${solved.id}`, { greeting: 'Dear {{recipient.name|customer}},' }))
  await done(grace.get(`${templates}/${solved.id}`))
  await done(grace.get(`${templates}?kind=solved`))

  const ticket = await done(bob.post('/v1/tickets', { subject: 'Warm beer', body: 'The fridge hums no more.', queue_id }), 201)
  await done(ada.patch(`/v1/tickets/${ticket.number}`, { status: 'solved' }))
  await desk.settle()
  const mail = (await desk.mails()).find(({ subject }) => subject === `[#${ticket.number}] Done: Warm beer`)
  const [, token = ''] = /unsubscribe\?token=(\S+)/.exec(mail?.text ?? '') ?? []
  assert.notEqual(token, '')
  await done(anyone.post('/v1/unsubscribe', { token }))
  await refused(anyone.post('/v1/unsubscribe', { token: 'half of it' }), 'invalid_unsubscribe_token')
  const { choices } = await done(bob.get('/v1/me/notifications'))
  assert.equal(choices.solved, 'off')
  const quiet = { quiet_hours: { from: '22:00', until: '07:00' }, digest_at: '08:30' }
  await done(bob.patch('/v1/me', { locale: 'de-AT', time_zone: 'Europe/Vienna' }))
  await done(bob.patch('/v1/me/notifications', { choices: { solved: null, reply: 'digest' }, ...quiet }))
  await refused(bob.patch('/v1/me/notifications', { choices: { note: 'off' } }), 'validation_failed')
  await done(bob.patch('/v1/me/notifications', { choices: { reply: null }, quiet_hours: null, digest_at: null }))
  await done(bob.patch('/v1/me', { locale: null, time_zone: null }))

  await done(grace.delete(`${templates}/${solved.id}`), 204)
  await desk.settle()
}

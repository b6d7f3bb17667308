import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectionOf } from '../src/platform/database/connection.ts'
import { type Desk, type Json, openDesk, type Reply } from './desk.ts'

/** A whole run, everything in it that nobody may read in a log, and the ids of its requests. */
async function live(desk: Desk) {
  const canaries = new Map<string, string>()
  const requests: string[] = []
  const canary = (name: string, text = `canary ${name.replaceAll(' ', '-')} ${'q7x'.repeat(4)}`): string => {
    canaries.set(name, text)
    return text
  }
  const seen = (reply: Reply): Json => {
    requests.push(String(reply.headers['request-id']))
    return reply.body
  }
  const keep = (session: Json, of: string): Json => {
    canary(`access token ${of}`, session.access_token)
    canary(`refresh token ${of}`, session.refresh_token)
    return session
  }
  const mailed = async (to: string, name: string): Promise<string> => {
    const mail = (await desk.mails()).findLast((sent) => sent.to === to)
    const token = /token=([\w.-]+)/.exec(mail?.text ?? '')?.[1] ?? ''
    assert.notEqual(token, '', `no link was mailed for ${name}`)
    desk.clock.advance(1)
    return canary(name, token)
  }

  const { anyone } = desk
  const email = 'ada@example.com'
  const registered = { email, password: canary('registered password'), name: 'Ada' }
  seen(await anyone.post('/v1/auth/register', registered))
  const token = await mailed(email, 'verification token')
  seen(await anyone.get(`/verify?token=${token}`))
  const ada = keep(seen(await anyone.post('/v1/auth/verify', { token })), 'of the verification')
  seen(await anyone.post('/v1/auth/verify', { token: canary('made-up token', 'reg_canary.q7xq7xq7xq7xq7xq7x') }))
  seen(await anyone.post('/v1/auth/login', { email, password: canary('wrong password') }))
  keep(seen(await anyone.post('/v1/auth/login', { email, password: registered.password })), 'of the login')
  keep(seen(await anyone.post('/v1/auth/refresh', { refresh_token: ada.refresh_token })), 'of the refresh')
  seen(await anyone.post('/v1/auth/refresh', { refresh_token: canary('made-up refresh token', 'ses_canary.q7xq7xq7xq7x') }))
  seen(await anyone.post('/v1/auth/password/forgot', { email }))
  const reset = { token: await mailed(email, 'reset token'), password: canary('password after the reset') }
  seen(await anyone.post('/v1/auth/password/reset', reset))
  const back = keep(seen(await anyone.post('/v1/auth/login', { email, password: reset.password })), 'after the reset')
  const her = desk.bearer(back.access_token)
  const change = { current_password: reset.password, password: canary('changed password') }
  seen(await her.post('/v1/me/password', change))
  seen(await her.patch('/v1/me', { email: 'ada.new@example.com' }))
  await mailed('ada.new@example.com', 'token for a new address')

  const admin = await desk.person({ role: 'admin' })
  const made = seen(await admin.post('/v1/api-keys', { name: 'robot', role: 'agent', scopes: ['tickets:read'] }))
  const key = Object.values<unknown>(made).find((value) => typeof value === 'string' && value.startsWith('beckon_sk_'))
  seen(await desk.bearer(canary('API key', String(key))).get('/v1/tickets'))
  seen(await desk.bearer(canary('made-up API key', 'beckon_sk_canaryq7xq7xq7xq7xq7xq7x')).get('/v1/tickets'))
  seen(await desk.bearer(canary('made-up bearer', 'canary-bearer-q7xq7xq7x')).get('/v1/me'))
  const staff = { role: 'agent', name: 'Bob', email: 'bob@example.com', password: canary('password that an admin set') }
  seen(await admin.post('/v1/users', staff))

  const person = await desk.person()
  const raised = { subject: canary('subject'), body: canary('first message') }
  const ticket = seen(await person.post('/v1/tickets', raised))
  const messages = `/v1/tickets/${ticket.id}/messages`
  const message = seen(await person.post(messages, { body: canary('reply') }, { 'idempotency-key': 'one' }))
  seen(await admin.post(messages, { body: canary('internal note'), visibility: 'internal' }))
  seen(await person.patch(`${messages}/${message.id}`, { body: canary('edited reply') }))
  seen(await person.get(`/v1/tickets?q=${encodeURIComponent(canary('search', 'canarysearchq7xq7x'))}`))
  seen(await person.get(`/v1/tickets?${canary('unknown parameter', 'canaryparameterq7x')}=1`))
  seen(await person.post(messages, `{"body":"${canary('broken JSON')}"`))
  seen(await person.post(messages, { body: canary('text with a NUL', 'canary\u0000nulq7x') }))
  seen(await person.post(messages, { [canary('unknown key', 'canarykeyq7xq7x')]: 1 }))
  seen(await admin.post(`/v1/tickets/${ticket.id}/close`, { message: canary('closing message') }))
  await desk.settle()
  return { canaries, requests }
}

test('no secret and nothing that somebody wrote gets into the log of a whole run; every request does', async (t) => {
  const desk = await openDesk(t)

  const { canaries, requests } = await live(desk)

  const logged = desk.logged()
  const leaked = [...canaries].filter(([, text]) => logged.includes(text) || logged.includes(JSON.stringify(text).slice(1, -1)))
  assert.deepEqual(leaked, [])
  assert.doesNotMatch(logged, /canary|q7x/)
  assert.ok(canaries.size > 25)
  for (const id of requests) assert.ok(logged.includes(id), `${id} was not logged`)
})

test('what fails behind an answer is logged without the secret that it carried', async (t) => {
  const desk = await openDesk(t, { env: { BECKON_MAIL_URL: 'smtp://canary-user:canary-password@127.0.0.1:9' } })

  const reply = await desk.anyone.post('/v1/auth/register', {
    email: 'ada@example.com',
    password: 'canary password',
    name: 'Ada',
  })
  await desk.settle()

  const logged = desk.logged()
  const [row] = await desk.query('select request_id, id from events where request_id is not null')
  assert.equal(reply.status, 202)
  assert.match(logged, /a delivery failed and will be tried again/)
  assert.match(logged, /ECONNREFUSED/)
  assert.doesNotMatch(logged, /canary|\?token=/)
  // From the request to its event, from the event to the delivery that failed.
  assert.equal(row.request_id, reply.headers['request-id'])
  assert.ok(logged.split('\n').some((line) => line.includes('a delivery failed') && line.includes(row.id)))
})

test('a bug is logged with its stack, and without what the request carried', async (t) => {
  const desk = await openDesk(t)
  const person = await desk.person()
  const rename = (from: string, to: string) =>
    desk.database.write((db) => connectionOf(db).query(`alter table ${from} rename to ${to}`, []))

  await rename('messages', 'messages_away')
  const reply = await person.post('/v1/tickets', { subject: 'canary subject', body: 'canary body' })
  await rename('messages_away', 'messages')

  assert.equal(reply.status, 500)
  const line = desk
    .logged()
    .split('\n')
    .find((text) => text.includes('internal_error'))
  assert.match(line ?? '', new RegExp(String(reply.headers['request-id'])))
  assert.match(line ?? '', /"stack":"Error: .*messages/)
  assert.doesNotMatch(desk.logged(), /canary/)
})

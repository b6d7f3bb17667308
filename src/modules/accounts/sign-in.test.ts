import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'

test('smoke', async (t) => {
  const desk = await openDesk(t)
  const reg = await desk.anyone.post('/v1/auth/register', {
    email: 'Ada@Example.com',
    password: 'a long pass phrase',
    name: 'Ada',
  })
  assert.equal(reg.status, 202)
  const [mail] = await desk.mails()
  const token = /token=(\S+)/.exec(mail?.text ?? '')?.[1]
  const ver = await desk.anyone.post('/v1/auth/verify', { token })
  assert.equal(ver.status, 200, ver.text)
  const me = await desk.bearer(ver.body.access_token).get('/v1/me')
  assert.equal(me.status, 200, me.text)
  const p = await desk.person({ role: 'agent' })
  assert.equal((await p.get('/v1/me')).body.id, p.id)
  const login = await desk.anyone.post('/v1/auth/login', { email: 'ada@example.com', password: 'a long pass phrase' })
  assert.equal(login.status, 200, login.text)
  console.log(
    desk
      .logged()
      .split('\n')
      .filter((l) => /"level":(40|50)/.test(l))
      .join('\n'),
  )
})

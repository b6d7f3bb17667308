import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goodPassword } from '../../../test/accounts.ts'
import { openDesk } from '../../../test/desk.ts'

test('what expired a month ago goes, and nothing else', async (t) => {
  const desk = await openDesk(t)
  const day = 86_400_000
  const count = async (table: string): Promise<number> => (await desk.query(`select 1 as found from ${table}`)).length
  await desk.person()
  await desk.anyone.post('/v1/auth/register', { email: 'ada@example.com', password: goodPassword, name: 'Ada' })
  await desk.anyone.post('/v1/auth/password/forgot', { email: 'ada@example.com' })
  await desk.settle()

  desk.clock.advance(31 * day)
  assert.equal(await desk.app.accounts.prune(), 1)
  assert.deepEqual([await count('registrations'), await count('mail_tokens'), await count('sessions')], [1, 0, 1])

  desk.clock.advance(30 * day)
  assert.equal(await desk.app.accounts.prune(), 2)
  assert.deepEqual([await count('registrations'), await count('sessions')], [0, 0])
  assert.equal(await desk.app.accounts.prune(), 0)
})

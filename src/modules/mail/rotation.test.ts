import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'
import { createSecrets } from '../../platform/secrets.ts'
import { createMailKeys, retireMailKey, rotateMailKey } from './index.ts'

test('a new key signs from now on, the old one counts until it is retired', async (t) => {
  const desk = await openDesk(t)
  const keys = createMailKeys(createSecrets('x'.repeat(32)))
  const db = desk.database.reader
  const first = await keys.current(db)

  const second = await desk.app.transact(rotateMailKey)
  const now = await keys.current(db)
  const older = await keys.find(db, first.id)
  const early = await desk.app.transact((tx) => retireMailKey(tx, second))
  const retired = await desk.app.transact((tx) => retireMailKey(tx, first.id))
  const again = await desk.app.transact((tx) => retireMailKey(tx, first.id))

  assert.deepEqual([first.id, second, now.id], [1, 2, 2])
  assert.notDeepEqual(now.key, first.key)
  assert.deepEqual(older?.key, first.key)
  assert.deepEqual([early, retired, again], [false, true, true])
  assert.equal(await keys.find(db, first.id), undefined)
  assert.deepEqual((await keys.find(db, second))?.key, now.key)
})

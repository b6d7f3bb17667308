import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Json, openDesk } from '../../../test/desk.ts'
import { connectionOf } from '../../platform/database/connection.ts'
import { type Definition, daysOf, definitionsIn, filterKey, missingForSolve, textKey } from './field.ts'

function definition(of: Partial<Definition> & { key: string }): Definition {
  return {
    id: `fld_${of.key}`,
    type: 'text',
    options: [],
    default: null,
    required: 'never',
    requester_access: 'none',
    type_ids: [],
    max_length: null,
    minimum: null,
    maximum: null,
    is_archived: false,
    ...of,
  }
}

test('before a ticket is solved it lacks the fields that are required then, are in use, and are for its type', () => {
  const definitions = definitionsIn([
    definition({ key: 'cause', required: 'solve' }),
    definition({ key: 'serial', required: 'solve', type_ids: ['typ_return'] }),
    definition({ key: 'old', required: 'solve', is_archived: true }),
    definition({ key: 'order', required: 'create' }),
    definition({ key: 'note' }),
  ])

  assert.deepEqual(missingForSolve(definitions, {}, null), ['cause'])
  assert.deepEqual(missingForSolve(definitions, {}, 'typ_return'), ['cause', 'serial'])
  assert.deepEqual(missingForSolve(definitions, { cause: 'heat' }, 'typ_return'), ['serial'])
  assert.deepEqual(missingForSolve(definitions, { cause: 'heat', serial: 'A1' }, 'typ_return'), [])
})

test('texts are compared without their letter case, and very long ones still differ', () => {
  assert.equal(textKey(' Größe '), 'größe')
  assert.notEqual(textKey(`${'x'.repeat(900)}a`), textKey(`${'x'.repeat(900)}b`))
  assert.ok([...textKey('\u{1f525}'.repeat(1000))].length <= 250)
})

test('a day is one of the calendar, and a filter looks for what a value can be', () => {
  assert.deepEqual(['1970-01-02', '2024-02-29', '2023-02-29', '2024-1-1', 'today'].map(daysOf), [
    1,
    19782,
    undefined,
    undefined,
    undefined,
  ])
  assert.deepEqual(
    [filterKey('number', '1e3'), filterKey('number', '1e999'), filterKey('number', '0x1'), filterKey('number', '')],
    [1000, undefined, undefined, undefined],
  )
  assert.deepEqual([filterKey('boolean', 'true'), filterKey('boolean', '1')], [1, undefined])
})

test('what fields there are is looked up once for many lists, anew after a change, and soon on another node', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const ada = await desk.person()
  const { bearer } = await desk.node(desk.clock)
  const { id } = (await admin.post('/v1/fields', { key: 'note', label: 'Note', type: 'text', requester_access: 'read' })).body
  await admin.post('/v1/tickets', { subject: 'a', body: 'b', fields: { note: 'here' }, requester: { email: ada.email } })
  const seenBy = async (who: Pick<typeof ada, 'get'>) =>
    (await who.get('/v1/tickets')).body.data.map(({ fields }: Json) => fields)
  const connection = connectionOf(desk.database.reader)
  const { query } = connection
  let looks = 0
  connection.query = (sql, parameters) => {
    if (/from [`"]fields/.test(sql)) looks++
    return query.call(connection, sql, parameters)
  }
  const elsewhere = bearer(ada.token)
  await elsewhere.get('/v1/tickets')

  for (let i = 0; i < 5; i++) assert.deepEqual(await seenBy(ada), [{ note: 'here' }])
  const looksForFive = looks
  await admin.patch(`/v1/fields/${id}`, { requester_access: 'none' })
  const after = await seenBy(ada)
  // Kept by the real time of a process, for half a second.
  await wait(600)

  assert.ok(looksForFive <= 2, `${looksForFive} looks`)
  assert.deepEqual([after, await seenBy(elsewhere)], [[undefined], [undefined]])
})

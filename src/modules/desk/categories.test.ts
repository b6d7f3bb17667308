import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Desk, openDesk, type Person } from '../../../test/desk.ts'
import { systemActor } from '../../platform/actor.ts'
import { lineOf } from './category.ts'
import { deleteCategory } from './commands/delete-category.ts'

async function category(admin: Person, name: string, parent_id: string | null = null): Promise<string> {
  return (await admin.post('/v1/categories', { name, parent_id })).body.id
}

async function treeIn(desk: Desk): Promise<Map<string, { parent_id: string | null; is_archived: boolean }>> {
  const rows = await desk.query('select id, parent_id, archived_at from categories')
  return new Map(rows.map(({ id, parent_id, archived_at }) => [id, { parent_id, is_archived: archived_at !== null }]))
}

test('an admin plants a tree of categories and moves its branches', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const made = await admin.post('/v1/categories', { name: 'Hardware', external_id: 'H' })
  const hardware = made.body.id
  const printers = await category(admin, 'Printers', hardware)
  const paper = await category(admin, 'Paper', printers)

  const moved = await admin.patch(`/v1/categories/${printers}`, { parent_id: null, name: 'Print' }, { 'if-match': '"v1"' })
  const same = await admin.patch(`/v1/categories/${printers}`, { parent_id: null })
  const top = await admin.get('/v1/categories?parent_id=none&include=total')
  const under = await admin.get(`/v1/categories?parent_id=${printers}`)
  const taken = await admin.patch(`/v1/categories/${paper}`, { external_id: 'H' })

  assert.deepEqual([made.status, made.headers.location, made.headers.etag], [201, `/v1/categories/${hardware}`, '"v1"'])
  assert.deepEqual([moved.body.parent_id, moved.headers.etag, same.headers.etag], [null, '"v2"', '"v2"'])
  assert.deepEqual([top.body.total, under.body.data[0].id], [2, paper])
  assert.deepEqual([taken.status, taken.body.code, taken.body.errors[0].pointer], [409, 'external_id_taken', '/external_id'])
  const events = await desk.announcements()
  assert.deepEqual(
    events.map(({ type, data }) => [type, data]),
    [
      ['category.created', { parent_id: null }],
      ['category.created', { parent_id: hardware }],
      ['category.created', { parent_id: printers }],
      ['category.updated', { changed: ['name', 'parent_id'], parent_id: null }],
    ],
  )
})

test('a category stands neither under itself, nor under nothing, nor too deep', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const line: string[] = []
  for (let depth = 0; depth < 8; depth++) line.push(await category(admin, `Level ${depth}`, line.at(-1) ?? null))
  await desk.announcements()
  const [top = '', second = ''] = line

  const refusals = [
    await admin.patch(`/v1/categories/${top}`, { parent_id: top }),
    await admin.patch(`/v1/categories/${top}`, { parent_id: second }),
    await admin.patch(`/v1/categories/${second}`, { parent_id: 'cat_none' }),
    await admin.post('/v1/categories', { name: 'Too deep', parent_id: line.at(-1) }),
  ]

  assert.deepEqual(
    refusals.map(({ status, body }) => [status, body.errors[0].pointer, body.errors[0].code]),
    [
      [422, '/parent_id', 'cycle'],
      [422, '/parent_id', 'cycle'],
      [422, '/parent_id', 'not_found'],
      [422, '/parent_id', 'too_deep'],
    ],
  )
  await desk.announced([])
})

test('two moves at the same moment make no cycle', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  for (let round = 0; round < 8; round++) {
    const [a, b, c] = [await category(admin, 'A'), await category(admin, 'B'), await category(admin, 'C')]

    const answers = await Promise.all([
      admin.patch(`/v1/categories/${a}`, { parent_id: b }),
      admin.patch(`/v1/categories/${b}`, { parent_id: c }),
      admin.patch(`/v1/categories/${c}`, { parent_id: a }),
    ])

    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 422])
    const tree = await treeIn(desk)
    for (const id of tree.keys()) assert.ok(lineOf(tree, id).length <= 3)
  }
})

test('a category goes out of use only when nothing in use stands under it, and comes back only under one in use', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const parent = await category(admin, 'Parent')
  const child = await category(admin, 'Child', parent)
  const set = (id: string, change: object) => admin.patch(`/v1/categories/${id}`, change)
  await desk.announcements()

  const early = [await set(parent, { archived: true }), await admin.delete(`/v1/categories/${parent}`)]
  const archived = [await set(child, { archived: true }), await set(parent, { archived: true })]
  const again = await set(parent, { archived: true })
  const orphan = await set(child, { archived: false })
  const under = await admin.post('/v1/categories', { name: 'New', parent_id: parent })
  const elsewhere = await set(child, { archived: false, parent_id: null })
  const intoArchived = await set(child, { parent_id: parent })

  for (const { status, body } of early) assert.deepEqual([status, body.code], [409, 'category_has_children'])
  for (const { status, body } of archived) assert.deepEqual([status, body.archived_at], [200, body.updated_at])
  assert.deepEqual([again.status, again.headers.etag], [200, '"v2"'])
  assert.deepEqual([orphan.status, orphan.body.code], [409, 'parent_archived'])
  for (const { status, body } of [under, intoArchived])
    assert.deepEqual([status, body.errors[0].pointer, body.errors[0].code], [422, '/parent_id', 'archived'])
  assert.deepEqual([elsewhere.status, elsewhere.body.archived_at], [200, null])
  await desk.announced(['category.archived', 'category.archived', 'category.updated'])
})

test('a category that tickets have is archived, any other is deleted', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const [used, unused] = [await category(admin, 'Used'), await category(admin, 'Unused')]
  const remove = (category_id: string) =>
    desk.app.transact((tx) =>
      deleteCategory(tx, systemActor, { category_id, if_match: undefined, isInUse: async (_, id) => id === used }),
    )
  await desk.announcements()

  await remove(used)
  await remove(used)
  await remove(unused)

  assert.notEqual((await admin.get(`/v1/categories/${used}`)).body.archived_at, null)
  assert.equal((await admin.get(`/v1/categories/${unused}`)).status, 404)
  assert.deepEqual((await admin.get('/v1/categories?archived=true')).body.data.length, 1)
  await desk.announced(['category.archived', 'category.deleted'])
})

test('requesters see the categories in use and nothing of what is kept about them', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const requester = await desk.person()
  const made = await admin.post('/v1/categories', { name: 'Open', external_id: 'canary', metadata: { note: 'canary' } })
  const hidden = await category(admin, 'Hidden')
  await admin.patch(`/v1/categories/${hidden}`, { archived: true })

  const list = await requester.get('/v1/categories')
  const before = await requester.get(`/v1/categories/${made.body.id}`)
  desk.clock.advance(1000)
  await admin.patch(`/v1/categories/${made.body.id}`, { metadata: { note: 'other' } })
  const after = await requester.get(`/v1/categories/${made.body.id}`)
  await admin.patch(`/v1/categories/${made.body.id}`, { name: 'Wide open' })
  const renamed = await requester.get(`/v1/categories/${made.body.id}`)

  assert.deepEqual(list.body.data.map(Object.keys), [['id', 'object', 'name', 'parent_id', 'created_at']])
  assert.equal((await requester.get(`/v1/categories/${hidden}`)).status, 404)
  assert.deepEqual((await requester.get('/v1/categories?archived=true')).body.data, [])
  assert.deepEqual([after.text, after.headers.etag], [before.text, before.headers.etag])
  assert.notEqual(renamed.headers.etag, before.headers.etag)
  assert.equal((await requester.post('/v1/categories', { name: 'Mine' })).status, 403)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Desk, type Json, openDesk, type Person } from '../../../test/desk.ts'

async function openBranches(desk: Desk) {
  const admin = await desk.person({ role: 'admin' })
  const ada = await desk.person()
  const queue = async (key: string, isPublic: boolean) =>
    (await admin.post('/v1/queues', { key, name: key, public: isPublic })).body.id as string
  const category = async (name: string, body: object = {}) =>
    (await admin.post('/v1/categories', { name, ...body })).body.id as string
  const [open, inner] = [await queue('open', true), await queue('inner', false)]
  const all = await category('All')
  const forOpen = await category('Open', { queue_ids: [open] })
  const forInner = await category('Inner', { queue_ids: [inner] })
  const forBoth = await category('Both', { queue_ids: [inner, open] })
  const underInner = await category('Under inner', { parent_id: forInner })
  return { admin, ada, queue, category, open, inner, all, forOpen, forInner, forBoth, underInner }
}

const names = async (who: Person, query = ''): Promise<string[]> =>
  (await who.get(`/v1/categories?${query}`)).body.data.map(({ name }: Json) => name)

test('requesters see a category when it is for all queues, or for a public one in use', async (t) => {
  const desk = await openDesk(t)
  const { admin, ada, open, inner, forOpen, forInner, underInner } = await openBranches(desk)

  assert.deepEqual(await names(admin), ['All', 'Open', 'Inner', 'Both', 'Under inner'])
  assert.deepEqual(await names(ada), ['All', 'Open', 'Both'])
  assert.deepEqual(await names(admin, `queue_id=${inner}`), ['All', 'Inner', 'Both', 'Under inner'])
  assert.deepEqual(await names(ada, `queue_id=${open}`), ['All', 'Open', 'Both'])
  assert.deepEqual(await names(ada, `queue_id=${inner}`), [])
  assert.deepEqual(await names(ada, 'queue_id=que_none'), [])
  for (const id of [forInner, underInner]) assert.equal((await ada.get(`/v1/categories/${id}`)).status, 404)
  assert.ok(!('queue_ids' in (await ada.get(`/v1/categories/${forOpen}`)).body))
  assert.deepEqual((await admin.get(`/v1/categories/${forOpen}`)).body.queue_ids, [open])

  await admin.patch(`/v1/queues/${open}`, { archived: true })
  assert.deepEqual(await names(ada), ['All'])
})

test('which queues a category is for moves nothing that requesters see', async (t) => {
  const desk = await openDesk(t)
  const { admin, ada, open, inner, all } = await openBranches(desk)
  const before = await ada.get(`/v1/categories/${all}`)
  await desk.announcements()

  const set = await admin.patch(`/v1/categories/${all}`, { queue_ids: [open, inner] })
  const same = await admin.patch(`/v1/categories/${all}`, { queue_ids: [inner, open] })
  const wrong = await admin.patch(`/v1/categories/${all}`, { queue_ids: [inner, 'que_none'] })
  const after = await ada.get(`/v1/categories/${all}`)

  assert.deepEqual(set.body.queue_ids, [open, inner].sort())
  assert.equal(same.headers.etag, set.headers.etag)
  assert.deepEqual([wrong.status, wrong.body.errors[0].pointer], [422, '/queue_ids/1'])
  assert.deepEqual([after.text, after.headers.etag], [before.text, before.headers.etag])
  const events = await desk.announcements()
  assert.deepEqual(
    events.map(({ type, data }) => [type, data.changed]),
    [['category.updated', ['queue_ids']]],
  )
})

test('a ticket gets no category that is not for its queue, and keeps the one that it has when it moves', async (t) => {
  const desk = await openDesk(t)
  const { admin, ada, open, inner, forOpen, forInner } = await openBranches(desk)
  const fresh = { subject: 'a', body: 'b' }
  const code = (reply: Json) => [reply.status, reply.body.errors?.[0].pointer, reply.body.errors?.[0].code]
  const wrong = [422, '/category_id', 'not_in_queue']

  const made = await ada.post('/v1/tickets', { ...fresh, queue_id: open, category_id: forOpen })
  const path = `/v1/tickets/${made.body.id}`
  const moved = await admin.patch(path, { queue_id: inner })

  assert.deepEqual([made.status, moved.body.category_id], [201, forOpen])
  assert.deepEqual(code(await ada.post('/v1/tickets', { ...fresh, category_id: forOpen })), wrong)
  assert.deepEqual(code(await ada.post('/v1/tickets', { ...fresh, category_id: forInner })), [422, '/category_id', 'not_found'])
  assert.deepEqual(code(await admin.post('/v1/tickets', { ...fresh, category_id: forInner })), wrong)
  assert.equal((await admin.patch(path, { category_id: forInner })).status, 200)
  assert.deepEqual(code(await admin.patch(path, { category_id: forOpen })), wrong)
  assert.deepEqual(code(await admin.patch(path, { category_id: forInner, queue_id: open })), [200, undefined, undefined])
  assert.equal((await admin.patch(path, { category_id: forOpen, queue_id: open })).body.category_id, forOpen)
})

test('a category that is for one queue may be what brings a new ticket there by a rule', async (t) => {
  const desk = await openDesk(t)
  const { admin, ada, open, forOpen, forBoth } = await openBranches(desk)
  const fresh = { subject: 'a', body: 'b' }
  await admin.post('/v1/routing-rules', { name: 'r', conditions: { category_ids: [forOpen] }, actions: { queue_id: open } })

  const routed = await ada.post('/v1/tickets', { ...fresh, category_id: forOpen })
  const refused = await ada.post('/v1/tickets', { ...fresh, category_id: forBoth })

  assert.deepEqual([routed.status, routed.body.queue_id, routed.body.category_id], [201, open, forOpen])
  assert.deepEqual([refused.status, refused.body.errors[0].code], [422, 'not_in_queue'])
})

test('a queue that a category is for is archived, not deleted; what is deleted leaves no rows', async (t) => {
  const desk = await openDesk(t)
  const { admin, queue, category } = await openBranches(desk)
  const [used, unused] = [await queue('used', false), await queue('unused', false)]
  const limited = await category('Limited', { queue_ids: [used] })
  await desk.announcements()

  for (const id of [used, unused]) assert.equal((await admin.delete(`/v1/queues/${id}`)).status, 204)
  const archived = await admin.get(`/v1/queues/${used}`)
  await admin.delete(`/v1/categories/${limited}`)
  await admin.delete(`/v1/queues/${used}`)

  assert.notEqual(archived.body.archived_at, null)
  assert.deepEqual(await desk.query('select * from category_queues where category_id = ?', [limited]), [])
  await desk.announced(['queue.archived', 'queue.deleted', 'category.deleted', 'queue.deleted'])
})

test('a queue goes while categories are made for it: none is for a queue that there is not', async (t) => {
  const desk = await openDesk(t)
  const { admin, queue } = await openBranches(desk)
  for (let round = 0; round < 6; round++) {
    const queue_id = await queue(`q${round}`, false)

    const replies = await Promise.all([
      admin.post('/v1/categories', { name: 'One', queue_ids: [queue_id] }),
      admin.delete(`/v1/queues/${queue_id}`),
      admin.post('/v1/categories', { name: 'Two', queue_ids: [queue_id] }),
    ])

    for (const { status, text } of replies) assert.ok([201, 204, 422].includes(status), text)
  }
  const dangling = await desk.query('select * from category_queues where queue_id not in (select id from queues)')
  assert.deepEqual(dangling, [])
})

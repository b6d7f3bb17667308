import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openClamd } from '../../../test/clamd.ts'
import { type Desk, openDesk, type Person } from '../../../test/desk.ts'

const DAY = 86_400_000

/** An agent, who raised the ticket and so is on it, a customer, and a ticket. */
async function openShop(desk: Desk) {
  const [tom, tim, ada] = [await desk.person({ role: 'agent' }), await desk.person({ role: 'agent' }), await desk.person()]
  const raise = async () => `/v1/tickets/${(await ada.post('/v1/tickets', { subject: 'S', body: 'It smokes.' })).body.id}`
  const path = await raise()
  const upload = async (by: Person, content = 'A manual.', name = 'manual.txt'): Promise<string> =>
    (await by.upload({ name, content })).body.id
  await desk.announcements()
  return { tom, tim, ada, path, raise, upload }
}

test('a file that is put into a draft stays there, and goes with the message that is made of it', async (t) => {
  const desk = await openDesk(t)
  const { tom, path, upload } = await openShop(desk)
  const [manual, plan] = [await upload(tom), await upload(tom, 'A plan.')]

  const saved = await tom.put(`${path}/draft`, { body: '', attachment_ids: [plan, manual] })
  assert.deepEqual([saved.status, saved.body.attachment_ids, saved.body.lost_attachment_ids], [201, [plan, manual], []])
  await desk.announced(['attachment.uploaded', 'attachment.uploaded'])
  desk.clock.advance(3 * DAY)
  await desk.app.tidy()
  const again = desk.bearer((await desk.anyone.post('/v1/auth/refresh', { refresh_token: tom.refresh_token })).body.access_token)
  await desk.announcements()
  const { attachment_ids, version } = (await again.get(`${path}/draft`)).body
  const posted = await again.post(`${path}/messages`, { body: 'Here.', attachment_ids, draft_version: version })

  assert.equal(posted.status, 201, posted.text)
  assert.deepEqual(
    posted.body.attachments.map(({ id }: { id: string }) => id),
    [plan, manual],
  )
  assert.equal((await again.get(`${path}/draft`)).status, 404)
  await desk.announced(['message.created', 'ticket.status_changed'])
})

test('nobody puts into a draft what is not his own upload, or what a message has', async (t) => {
  const desk = await openDesk(t)
  const { tom, tim, ada, path, upload } = await openShop(desk)
  const [his, sent, own] = [await upload(tim), await upload(tom), await upload(tom)]
  await tom.post(`${path}/messages`, { body: 'Here.', attachment_ids: [sent] })

  for (const id of [his, sent, 'att_01kb2m8h5zf3v9w4q7n1x6c0td']) {
    const { status, body } = await tom.put(`${path}/draft`, { body: 'See', attachment_ids: [own, id] })
    assert.deepEqual(
      [status, body.errors],
      [
        422,
        [{ pointer: '/attachment_ids/1', code: 'not_found', detail: 'This is no upload of yours, or it is in use elsewhere.' }],
      ],
    )
  }
  assert.equal((await ada.put(`${path}/draft`, { body: 'See', attachment_ids: [await upload(ada)] })).status, 201)
})

test('a draft whose file is gone says so, and can be typed on', async (t) => {
  const desk = await openDesk(t)
  const { tom, path, raise, upload } = await openShop(desk)
  const [gone, sent, here] = [await upload(tom), await upload(tom), await upload(tom)]
  const attachment_ids = [gone, sent, here]
  const first = await tom.put(`${path}/draft`, { body: 'See', attachment_ids })
  await tom.put(`${await raise()}/draft`, { body: 'Other', attachment_ids: [sent] })

  await tom.delete(`/v1/attachments/${gone}`)
  await tom.post(`${await raise()}/messages`, { body: 'Here.', attachment_ids: [sent] })
  const cached = await tom.get(`${path}/draft`, { 'if-none-match': first.headers.etag ?? '' })
  const listed = (await tom.get('/v1/me/drafts')).body.data
  const typed = await tom.put(
    `${path}/draft`,
    { body: 'See what I found', attachment_ids },
    { 'if-match': cached.headers.etag ?? '' },
  )
  const refused = await tom.post(`${path}/messages`, { body: 'See', attachment_ids, draft_version: 2 })
  const posted = await tom.post(`${path}/messages`, { body: 'See', attachment_ids: [here], draft_version: 2 })

  assert.deepEqual([cached.status, cached.body.attachment_ids], [200, attachment_ids])
  assert.deepEqual(cached.body.lost_attachment_ids, [gone, sent])
  assert.deepEqual(
    listed.map((draft: { lost_attachment_ids: string[] }) => draft.lost_attachment_ids),
    [[sent], [gone, sent]],
  )
  assert.deepEqual([typed.status, typed.body.version], [200, 2])
  assert.deepEqual([refused.status, refused.body.errors[0].pointer], [422, '/attachment_ids/0'])
  assert.deepEqual([posted.status, (await tom.get(`${path}/draft`)).status], [201, 404])
})

test('a file in a draft that is found to be harmful is lost, and none can be put in', async (t) => {
  const clamd = await openClamd(t)
  const desk = await openDesk(t, { env: { BECKON_CLAMAV_URL: clamd.url } })
  const { tom, path, raise, upload } = await openShop(desk)
  clamd.be('away')
  const bad = await upload(tom, 'a VIRUS')

  const pending = await tom.put(`${path}/draft`, { body: 'See', attachment_ids: [bad] })
  clamd.be('well')
  desk.clock.advance(60_000)
  await desk.settle()
  const { body } = await tom.get(`${path}/draft`)
  const another = await tom.put(`${await raise()}/draft`, { body: 'See', attachment_ids: [bad] })

  assert.deepEqual([pending.status, pending.body.lost_attachment_ids], [201, []])
  assert.deepEqual(body.lost_attachment_ids, [bad])
  assert.deepEqual([another.status, another.body.errors[0].code], [422, 'infected'])
})

test('what a draft needed is gone with it', async (t) => {
  const desk = await openDesk(t)
  const { tom, path, upload } = await openShop(desk)
  const id = await upload(tom)
  await tom.put(`${path}/draft`, { body: 'See', attachment_ids: [id] })
  await tom.delete(`${path}/draft`)
  await desk.announced(['attachment.uploaded'])
  desk.clock.advance(DAY + 1)

  await desk.app.tidy()

  await desk.announced(['attachment.deleted'])
})

test('a file that is put into a draft while the sweep looks for it is there, or refused: never both kept and gone', async (t) => {
  const desk = await openDesk(t)
  const { tom, raise, upload } = await openShop(desk)
  const other = await desk.node(desk.clock)
  for (let round = 0; round < 8; round++) {
    const path = await raise()
    const id = await upload(tom)
    await desk.database.write((db) => db.updateTable('attachments').set({ created_at: 1 }).where('id', '=', id).execute())

    const [saved] = await Promise.all([
      tom.put(`${path}/draft`, { body: 'See', attachment_ids: [id] }),
      desk.app.tidy(),
      other.app.tidy(),
    ])

    const { status } = await tom.get(`/v1/attachments/${id}`)
    assert.deepEqual([saved.status, status], saved.status === 201 ? [201, 200] : [422, 404])
  }
})

test('a page of long drafts ends before it gets too long', async (t) => {
  const desk = await openDesk(t)
  const { tom, path, raise } = await openShop(desk)
  const paths = [path, ...(await Promise.all([raise(), raise(), raise(), raise(), raise()]))]
  for (const one of paths) {
    desk.clock.advance(1000)
    await tom.put(`${one}/draft`, { body: 'x'.repeat(1_000_000) })
  }

  const seen: string[] = []
  const sizes: number[] = []
  for (let url = '/v1/me/drafts?limit=100'; url !== ''; ) {
    const { body } = await tom.get(url)
    sizes.push(body.data.length)
    seen.push(...body.data.map(({ ticket_id }: { ticket_id: string }) => `/v1/tickets/${ticket_id}`))
    url = body.has_more ? `/v1/me/drafts?limit=100&cursor=${body.next_cursor}` : ''
  }

  assert.deepEqual(sizes, [4, 2])
  assert.deepEqual(seen, paths.toReversed())
})

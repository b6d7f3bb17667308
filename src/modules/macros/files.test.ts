import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openClamd } from '../../../test/clamd.ts'
import { type Desk, type Json, openDesk, type Person } from '../../../test/desk.ts'

const DAY = 86_400_000
const say = (body: string) => [{ locale: 'en', body }]
const idsOf = (attachments: Json): string[] => attachments.map(({ id }: Json) => id)

/** An admin, two agents, a customer with a ticket, and a way to upload. */
async function openShop(desk: Desk) {
  const root = await desk.person({ role: 'admin' })
  const [tom, tim, ada] = [await desk.person({ role: 'agent' }), await desk.person({ role: 'agent' }), await desk.person()]
  const raise = async (): Promise<string> => (await ada.post('/v1/tickets', { subject: 'S', body: 'It smokes.' })).body.id
  const upload = async (by: Person, content = 'A manual.', name = 'manual.txt'): Promise<string> =>
    (await by.upload({ name, content })).body.id
  const ticket_id = await raise()
  await desk.announcements()
  return { root, tom, tim, ada, ticket_id, raise, upload }
}

/** A macro of the whole staff that answers with these files. */
async function sharedMacro(root: Person, attachment_ids: string[]): Promise<string> {
  const message = { variants: say('See the manual.'), attachment_ids }
  const { status, body, text } = await root.post('/v1/macros', { name: 'Manual', visibility: 'shared', message })
  assert.equal(status, 201, text)
  return `/v1/macros/${body.id}`
}

test('every message that a macro writes has a file of its own, which the customer reads and which goes with that message', async (t) => {
  const desk = await openDesk(t)
  const { root, tom, tim, ada, ticket_id, raise, upload } = await openShop(desk)
  const kept = [await upload(root), await upload(root, 'A plan.', 'plan.txt')]
  const macro = await sharedMacro(root, kept)
  const other = await raise()
  await desk.announcements()

  const applied = await tom.post(`${macro}/apply`, { ticket_id })
  await desk.announced([
    'attachment.uploaded',
    'attachment.uploaded',
    'message.created',
    'ticket.status_changed',
    'macro.applied',
  ])
  await tim.post(`${macro}/apply`, { ticket_id: other })
  const [first, second] = await Promise.all(
    [ticket_id, other].map(async (id) => (await ada.get(`/v1/tickets/${id}/messages`)).body.data[1].attachments),
  )

  assert.equal(applied.status, 200, applied.text)
  assert.deepEqual(
    first.map(({ name }: Json) => name),
    ['manual.txt', 'plan.txt'],
  )
  assert.equal(new Set([...kept, ...idsOf(first), ...idsOf(second)]).size, 6)
  const [one = '', two = ''] = [idsOf(first)[0], idsOf(second)[0]]
  assert.equal((await ada.get(`/v1/attachments/${one}/content`)).text, 'A manual.')
  await root.delete(`/v1/attachments/${one}`)
  await root.delete(`/v1/tickets/${other}`)
  await desk.app.tidy()
  for (const id of [one, two]) assert.equal((await ada.get(`/v1/attachments/${id}`)).status, 404)
  assert.equal((await root.get(`/v1/attachments/${kept[0]}/content`)).text, 'A manual.')
  assert.deepEqual((await root.get(macro)).body.faults, [])
})

test('what a macro keeps is there after any time, and gone once nothing keeps it', async (t) => {
  const desk = await openDesk(t)
  const { root, upload } = await openShop(desk)
  const [one, two] = [await upload(root), await upload(root, 'A plan.')]
  const given = { name: 'Plan', visibility: 'shared', variants: say('See'), attachment_ids: [one, two] }
  const reply = (await root.post('/v1/canned-replies', given)).body
  const states = async () =>
    Promise.all([one, two].map(async (id) => (await desk.query('select id from attachments where id = ?', [id])).length))
  desk.clock.advance(30 * DAY)

  await desk.app.tidy()
  assert.deepEqual(await states(), [1, 1])
  const admin = await desk.person({ role: 'admin' })
  await admin.patch(`/v1/canned-replies/${reply.id}`, { attachment_ids: [two] })
  await desk.app.tidy()
  assert.deepEqual(await states(), [0, 1])
  await admin.delete(`/v1/canned-replies/${reply.id}`)
  await desk.app.tidy()
  assert.deepEqual(await states(), [0, 0])
})

test('a canned reply that is filled in brings copies for whoever asks, and the message that he writes has them', async (t) => {
  const desk = await openDesk(t)
  const { root, tom, ada, ticket_id, upload } = await openShop(desk)
  const kept = await upload(root)
  const body = { name: 'Manual', visibility: 'shared', variants: say('See.'), attachment_ids: [kept] }
  const { id } = (await root.post('/v1/canned-replies', body)).body
  await desk.announcements()

  const { body: rendered } = await tom.post(`/v1/canned-replies/${id}/render`, { ticket_id })
  const again = (await tom.post(`/v1/canned-replies/${id}/render`, { ticket_id })).body
  await desk.announced(['attachment.uploaded', 'attachment.uploaded'])
  const [copy] = rendered.attachment_ids
  const direct = await tom.post(`/v1/tickets/${ticket_id}/messages`, { body: 'See.', attachment_ids: [kept] })
  const posted = await tom.post(`/v1/tickets/${ticket_id}/messages`, { body: 'See.', attachment_ids: [copy] })

  assert.equal(new Set([kept, copy, ...again.attachment_ids]).size, 3)
  assert.deepEqual([direct.status, direct.body.errors[0].code], [422, 'not_found'])
  assert.equal(posted.status, 201)
  assert.equal((await ada.get(`/v1/attachments/${copy}/content`)).text, 'A manual.')
  // He who keeps it does not send it away either.
  assert.equal((await root.post(`/v1/tickets/${ticket_id}/messages`, { body: 'See.', attachment_ids: [kept] })).status, 422)
  desk.clock.advance(DAY + 1)
  await desk.app.tidy()
  assert.deepEqual(await desk.query('select id from attachments where id = ?', again.attachment_ids), [])
})

test('a look at what a macro would do leaves no file behind', async (t) => {
  const desk = await openDesk(t)
  const { root, tom, ticket_id, upload } = await openShop(desk)
  const kept = await upload(root)
  const macro = await sharedMacro(root, [kept])
  const rows = () => desk.query('select id from attachments')
  const before = await rows()
  await desk.announcements()

  const { body } = await tom.post(`${macro}/preview`, { ticket_id })

  assert.deepEqual([body.allowed, body.message.attachment_ids], [true, [kept]])
  assert.deepEqual(await rows(), before)
  await desk.announced([])
})

test('who sees a macro sees its files; a customer and who does not see it do not', async (t) => {
  const desk = await openDesk(t)
  const { root, tom, tim, ada, upload } = await openShop(desk)
  const id = await upload(tom)
  const message = { variants: say('See the manual.'), attachment_ids: [id] }
  const macro = `/v1/macros/${(await tom.post('/v1/macros', { name: 'Mine', message })).body.id}`
  const seen = async () =>
    Promise.all([root, tom, tim, ada].map(async (who) => (await who.get(`/v1/attachments/${id}/content`)).status))

  assert.deepEqual(await seen(), [200, 200, 404, 404])
  await root.patch(macro, { visibility: 'shared' })
  await desk.settle()

  // The admin does not see what somebody keeps for himself.
  assert.equal((await root.get(macro)).status, 404)
  const shared = await sharedMacro(root, [await upload(root)])
  const [file] = (await root.get(shared)).body.message.attachment_ids
  const statuses = await Promise.all([root, tom, tim, ada].map(async (who) => (await who.get(`/v1/attachments/${file}`)).status))
  assert.deepEqual(statuses, [200, 200, 200, 404])
  assert.equal((await tim.delete(`/v1/attachments/${file}`)).status, 403)
})

test('another admin edits a shared macro: its files stay, and he adds none but his own', async (t) => {
  const desk = await openDesk(t)
  const { root, tom, tim, upload } = await openShop(desk)
  const [first, his, toms, tims] = [await upload(root), await upload(root), await upload(tom), await upload(tim)]
  const macro = await sharedMacro(root, [first])
  const admin = await desk.person({ role: 'admin' })
  const own = await upload(admin)
  const used = (await tim.post('/v1/macros', { name: 'Tims', message: { variants: say('S'), attachment_ids: [tims] } })).body
  const write = (by: Person, attachment_ids: string[]) =>
    by.patch(macro, { message: { variants: say('See it.'), attachment_ids } })

  const edited = await write(admin, [own, first])
  const refused = [await write(admin, [first, toms]), await write(admin, [first, his]), await write(admin, [tims])]

  assert.deepEqual([edited.status, edited.body.message.attachment_ids, edited.body.faults], [200, [own, first], []])
  assert.deepEqual(
    refused.map(({ status, body }) => [status, body.errors[0].pointer, body.errors[0].code]),
    [
      [422, '/message/attachment_ids/1', 'not_found'],
      [422, '/message/attachment_ids/1', 'not_found'],
      [422, '/message/attachment_ids/0', 'not_found'],
    ],
  )
  assert.deepEqual(used.faults, [])
})

test('a macro whose file is gone says so, and is not applied without it', async (t) => {
  const desk = await openDesk(t)
  const { root, tom, ticket_id, upload } = await openShop(desk)
  const [gone, here] = [await upload(root), await upload(root)]
  const macro = await sharedMacro(root, [here, gone])
  const variants = say('See.')
  const replyFile = await upload(root)
  const reply = { name: 'Gone', visibility: 'shared', variants, attachment_ids: [replyFile] }
  const canned = `/v1/canned-replies/${(await root.post('/v1/canned-replies', reply)).body.id}`

  for (const id of [gone, replyFile]) assert.equal((await root.delete(`/v1/attachments/${id}`)).status, 204)
  await desk.announcements()
  const applied = await tom.post(`${macro}/apply`, { ticket_id })
  const preview = await tom.post(`${macro}/preview`, { ticket_id })
  const rendered = await tom.post(`${canned}/render`, { ticket_id })

  const [fault] = (await tom.get(macro)).body.faults
  assert.deepEqual([fault.pointer, fault.code], ['/message/attachment_ids/1', 'not_found'])
  assert.equal((await tom.get('/v1/canned-replies')).body.data[0].faults[0].pointer, '/attachment_ids/0')
  assert.deepEqual(
    [applied.status, applied.body.code, applied.body.errors[0].pointer],
    [409, 'macro_not_applicable', '/message/attachment_ids/1'],
  )
  assert.deepEqual([preview.body.allowed, preview.body.problem.code], [false, 'macro_not_applicable'])
  assert.deepEqual([rendered.status, rendered.body.code], [409, 'canned_reply_not_usable'])
  // It can be renamed as it is, and written anew without the file.
  assert.equal((await root.patch(macro, { name: 'Renamed' })).status, 200)
  assert.equal((await root.patch(macro, { message: { variants, attachment_ids: [here, gone] } })).status, 422)
  assert.equal((await root.patch(macro, { message: { variants, attachment_ids: [here] } })).status, 200)
  await desk.announced(['macro.updated', 'macro.updated'])
})

test('a file that nobody has looked at yet is looked at for each copy; a harmful one is sent by no macro', async (t) => {
  const clamd = await openClamd(t)
  const desk = await openDesk(t, { env: { BECKON_CLAMAV_URL: clamd.url } })
  const { root, tom, ada, ticket_id, upload } = await openShop(desk)
  clamd.be('away')
  const [good, bad] = [await upload(root), await upload(root, 'a VIRUS')]
  const [fine, harmful] = [await sharedMacro(root, [good]), await sharedMacro(root, [bad])]
  assert.equal((await tom.post(`${fine}/apply`, { ticket_id })).status, 200)
  const [, message] = (await ada.get(`/v1/tickets/${ticket_id}/messages`)).body.data
  assert.equal(message.attachments[0].scan_state, 'pending')

  clamd.be('well')
  desk.clock.advance(60_000)
  await desk.settle()
  const refused = await tom.post(`${harmful}/apply`, { ticket_id })
  await tom.post(`${fine}/apply`, { ticket_id })

  const data = (await ada.get(`/v1/tickets/${ticket_id}/messages`)).body.data
  const states = data.flatMap(({ attachments }: Json) => attachments.map(({ scan_state }: Json) => scan_state))
  assert.deepEqual(states, ['clean', 'clean'])
  assert.deepEqual([refused.status, refused.body.code], [409, 'macro_not_applicable'])
  assert.equal((await root.get(harmful)).body.faults.length, 1)
})

test('a page of long macros ends before it gets too long', async (t) => {
  const desk = await openDesk(t)
  const { root } = await openShop(desk)
  const letters = 'abcdefghijkl'.split('')
  // Twelve languages of 16,384 letters that take two bytes.
  const variants = letters.map((letter) => ({ locale: `d${letter}`, body: 'ä'.repeat(16_384) }))
  for (const name of letters) await root.post('/v1/canned-replies', { name, variants })

  const first = (await root.get('/v1/canned-replies?limit=100')).body
  const second = (await root.get(`/v1/canned-replies?limit=100&cursor=${first.next_cursor}`)).body

  assert.deepEqual([first.data.length, first.has_more], [10, true])
  assert.deepEqual([second.data.length, second.has_more, second.data[0].name], [2, false, 'k'])
})

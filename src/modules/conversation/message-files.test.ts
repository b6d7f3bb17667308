import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Desk, type Json, openDesk, type Person } from '../../../test/desk.ts'

const PNG = Buffer.from('89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de', 'hex')
const idsOf = ({ attachments }: Json): string[] => attachments.map(({ id }: Json) => id)

/** An admin, an agent, a customer with a ticket, and a colleague of hers who is cc. */
async function openShop(desk: Desk) {
  const [root, tom, ada] = [await desk.person({ role: 'admin' }), await desk.person({ role: 'agent' }), await desk.person()]
  const bob = await desk.person()
  const raise = async (by: Person = ada): Promise<string> =>
    `/v1/tickets/${(await by.post('/v1/tickets', { subject: 'S', body: 'It smokes.' })).body.id}`
  const upload = async (by: Person): Promise<string> => (await by.upload({ name: 'smoke.png', content: PNG })).body.id
  const path = await raise()
  await tom.put(`${path}/participants/${bob.id}`)
  await desk.announcements()
  return { root, tom, ada, bob, path, raise, upload }
}

/** The last part of an address that opens a file without a credential. */
async function linkFor(person: Person, id: string): Promise<string> {
  return new URL((await person.post(`/v1/attachments/${id}/link`)).body.url).pathname
}

/** A public message of an agent that shows a picture, and everything by which somebody reaches it. */
async function shownPicture(desk: Desk) {
  const shop = await openShop(desk)
  const { tom, ada, bob, path, upload } = shop
  const id = await upload(tom)
  const body = `![the smoke](attachment:${id})`
  const message = (await tom.post(`${path}/messages`, { body, attachment_ids: [id] })).body
  const one = `${path}/messages/${message.id}`
  const [inList = ''] = /attachment-links\/[^"]+/.exec((await ada.get(`${path}/messages?images=attachments`)).text) ?? []
  assert.notEqual(inList, '')
  const links = [await linkFor(ada, id), await linkFor(bob, id), `/v1/${inList.replace(/\\$/, '')}`]
  for (const link of links) assert.equal((await desk.anyone.get(link)).status, 200)
  const reach = async (who: Person): Promise<number[]> => {
    const paths = [`/v1/attachments/${id}`, `/v1/attachments/${id}/content`]
    const found = await Promise.all(paths.map((each) => who.get(each)))
    found.push(await who.get(`/v1/attachments/${id}/content`, { range: 'bytes=0-3' }))
    found.push(await who.get(`/v1/attachments/${id}/content`, { 'if-none-match': '*' }))
    found.push(await who.post(`/v1/attachments/${id}/link`))
    return found.map(({ status }) => status)
  }
  return { ...shop, id, one, links, reach }
}

test('the files of a message that is made internal are gone for requesters, by every path and link', async (t) => {
  const desk = await openDesk(t)
  const { root, tom, ada, bob, path, id, one, links, reach } = await shownPicture(desk)
  const staffLink = await linkFor(tom, id)

  assert.equal((await root.patch(one, { visibility: 'internal' })).status, 200)

  for (const who of [ada, bob]) {
    assert.deepEqual(await reach(who), [404, 404, 404, 404, 404])
    for (const images of ['none', 'attachments', 'all'])
      assert.equal((await who.get(`${path}/messages?images=${images}`)).text.includes(id), false)
  }
  for (const link of links) assert.equal((await desk.anyone.get(link)).status, 404)
  assert.deepEqual(await reach(tom), [200, 200, 206, 304, 200])
  assert.equal((await desk.anyone.get(staffLink)).status, 200)
  const { text, body } = await tom.get(`${path}/messages?images=attachments`)
  assert.deepEqual(idsOf(body.data[1]), [id])
  const [fresh = ''] = /attachment-links\/[^"\\]+/.exec(text) ?? []
  assert.equal((await desk.anyone.get(`/v1/${fresh}`)).status, 200)
})

test('the files of a retracted message are gone for requesters, and there for staff, who read what it said', async (t) => {
  const desk = await openDesk(t)
  const { tom, ada, bob, path, id, one, links, reach } = await shownPicture(desk)
  const staffLink = await linkFor(tom, id)

  const retracted = await tom.delete(one)

  assert.deepEqual([retracted.status, idsOf(retracted.body)], [200, [id]])
  for (const who of [ada, bob]) {
    assert.deepEqual(await reach(who), [404, 404, 404, 404, 404])
    assert.equal((await who.get(`${path}/messages?images=attachments`)).text.includes(id), false)
    assert.equal((await who.get(one)).text.includes(id), false)
  }
  for (const link of links) assert.equal((await desk.anyone.get(link)).status, 404)
  assert.deepEqual(await reach(tom), [200, 200, 206, 304, 200])
  assert.equal((await desk.anyone.get(staffLink)).status, 200)
})

test('a picture that is redacted out of a text is shown no more; the file is there until an admin removes it', async (t) => {
  const desk = await openDesk(t)
  const { root, ada, path, id, one, links, reach } = await shownPicture(desk)

  const redacted = await root.post(`${one}/redact`, { passage: `![the smoke](attachment:${id})` })

  assert.equal(redacted.status, 200, redacted.text)
  assert.equal((await ada.get(`${path}/messages?images=attachments`)).text.includes('attachment-links'), false)
  assert.deepEqual(await reach(ada), [200, 200, 206, 304, 200])
  assert.equal((await root.delete(`/v1/attachments/${id}`)).status, 204)
  assert.deepEqual(await reach(ada), [404, 404, 404, 404, 404])
  for (const link of links) assert.equal((await desk.anyone.get(link)).status, 404)
})

test('the files of what is written to a merged ticket go where it went, and come back with the undo', async (t) => {
  const desk = await openDesk(t)
  const { tom, ada, bob, path, raise, upload } = await openShop(desk)
  const [before, since] = [await upload(ada), await upload(ada)]
  await ada.post(`${path}/messages`, { body: 'Before.', attachment_ids: [before] })
  const into = await raise(await desk.person())
  const link = await linkFor(ada, before)
  const eve = await desk.person()
  await tom.post(`${path}/merge`, { into_ticket_id: into.slice('/v1/tickets/'.length) })

  const written = await ada.post(`${path}/messages`, { body: 'Since.', attachment_ids: [since], client_id: 'c-1' })
  const again = await ada.post(`${path}/messages`, { body: 'Since.', attachment_ids: [since], client_id: 'c-1' })

  assert.deepEqual([written.status, `/v1/tickets/${written.body.ticket_id}`, idsOf(written.body)], [201, into, [since]])
  assert.deepEqual([again.status, again.body.id, idsOf(again.body)], [200, written.body.id, [since]])
  const files = (await tom.get(`${into}/messages`)).body.data.map(idsOf)
  assert.deepEqual(files, [[], [], [before], [since]])
  for (const who of [ada, bob, tom])
    assert.deepEqual((await who.get(`/v1/attachments/${since}/content`)).bytes.equals(PNG), true, who.name)
  assert.equal((await eve.get(`/v1/attachments/${since}`)).status, 404)
  assert.equal((await desk.anyone.get(link)).status, 200)
  await tom.post(`${path}/unmerge`)
  assert.deepEqual((await ada.get(`${path}/messages`)).body.data.map(idsOf), [[], [before], [since]])
  assert.deepEqual((await tom.get(`${into}/messages`)).body.data.map(idsOf), [[]])
})

test('the files of messages that are split off go with them', async (t) => {
  const desk = await openDesk(t)
  const { tom, ada, bob, path, upload } = await openShop(desk)
  const id = await upload(ada)
  const said = (await ada.post(`${path}/messages`, { body: 'By the way.', attachment_ids: [id] })).body
  const noted = await upload(tom)
  const extra = { visibility: 'internal', attachment_ids: [noted] }
  const note = (await tom.post(`${path}/messages`, { body: 'Look.', ...extra })).body

  const made = await tom.post(`${path}/split`, { message_ids: [said.id, note.id] })

  assert.equal(made.status, 201, made.text)
  assert.deepEqual((await tom.get(`/v1/tickets/${made.body.id}/messages`)).body.data.map(idsOf), [[id], [noted]])
  const reach = async (who: Person) =>
    Promise.all([id, noted].map(async (one) => (await who.get(`/v1/attachments/${one}`)).status))
  assert.deepEqual(await reach(ada), [200, 404])
  assert.deepEqual(await reach(tom), [200, 200])
  // He wrote nothing that went, so he is no part of the new ticket.
  assert.deepEqual(await reach(bob), [404, 404])
})

test('the same reply again, by client_id or by key, brings its files, in the follow-up of a closed ticket as well', async (t) => {
  const desk = await openDesk(t)
  const { tom, ada, path, upload } = await openShop(desk)
  await tom.post(`${path}/close`)
  const [one, two] = [await upload(ada), await upload(ada)]
  const key = { 'idempotency-key': 'k-1' }
  const byId = { body: 'Again.', client_id: 'c-1', attachment_ids: [two, one] }

  const first = await ada.post(`${path}/messages`, byId)
  const same = await ada.post(`${path}/messages`, byId)
  const three = await upload(ada)
  const byKey = { body: 'Once more.', attachment_ids: [three] }
  const kept = await ada.post(`/v1/tickets/${first.body.ticket_id}/messages`, byKey, key)
  const replayed = await ada.post(`/v1/tickets/${first.body.ticket_id}/messages`, byKey, key)

  assert.deepEqual([first.status, idsOf(first.body)], [201, [two, one]])
  assert.notEqual(`/v1/tickets/${first.body.ticket_id}`, path)
  assert.deepEqual([same.status, same.body], [200, first.body])
  assert.deepEqual([kept.status, idsOf(kept.body)], [201, [three]])
  assert.deepEqual([replayed.status, replayed.body], [201, kept.body])
  // Under another word of his own it is another message, and the file is in use.
  const other = await ada.post(`${path}/messages`, { ...byId, client_id: 'c-2' })
  assert.deepEqual([other.status, other.body.errors[0].code], [422, 'not_found'])
})

test('a page of what a long message said before ends before it gets too long', async (t) => {
  const desk = await openDesk(t)
  const { tom, path } = await openShop(desk)
  const { id } = (await tom.post(`${path}/messages`, { body: 'x'.repeat(1_000_000) })).body
  for (const letter of 'abcdef') await tom.patch(`${path}/messages/${id}`, { body: letter.repeat(1_000_000) })

  const first = (await tom.get(`${path}/messages/${id}/revisions?limit=100`)).body
  const second = (await tom.get(`${path}/messages/${id}/revisions?limit=100&cursor=${first.next_cursor}`)).body

  assert.deepEqual([first.data.length, first.has_more], [4, true])
  assert.deepEqual([second.data.length, second.has_more], [2, false])
  assert.equal([...first.data, ...second.data].map(({ body }: Json) => body[0]).join(''), 'xabcde')
})

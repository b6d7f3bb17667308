import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Desk, openDesk } from '../../../test/desk.ts'
import { type FormPart, formOf } from '../../../test/forms.ts'

/** Every file that a desk keeps, and every one that is on its way in. */
function filesOf({ config }: Desk): string[] {
  const found = readdirSync(config.dataDir, { recursive: true, withFileTypes: true })
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

test('two people who upload the same file share what is kept of it, and one never learns of the other', async (t) => {
  const desk = await openDesk(t)
  const [ada, bob] = [await desk.person(), await desk.person()]

  const first = await ada.upload({ name: 'contract.txt', content: 'We agree.' })
  const second = await bob.upload({ name: 'mine.txt', content: 'We agree.' })

  assert.equal(second.status, 201)
  assert.notEqual(second.body.id, first.body.id)
  for (let tries = 0; tries < 100 && filesOf(desk).length > 1; tries++) await wait(10)
  assert.equal(filesOf(desk).length, 1)
  assert.deepEqual(Object.keys(second.body), Object.keys(first.body))
  assert.equal((await bob.get(`/v1/attachments/${first.body.id}`)).status, 404)
  assert.equal((await bob.get(`/v1/attachments/${second.body.id}/content`)).text, 'We agree.')
})

test('a form that is not one file is refused, and leaves nothing', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const file: FormPart = { part: 'file', name: 'a.txt', content: 'a' }
  const cases: [parts: FormPart[], status: number, pointer: string][] = [
    [[], 422, '/file'],
    [[{ part: 'file', content: 'no name', type: 'text/plain' }], 422, '/file'],
    [[{ ...file, part: 'picture' }], 422, '/picture'],
    [[file, { ...file, name: 'b.txt' }], 422, '/file'],
    [[file, { part: 'note', content: 'x', type: 'text/plain' }], 422, '/note'],
    [[{ part: 'note', content: 'x', type: 'text/plain' }, file], 422, '/note'],
  ]

  for (const [parts, status, pointer] of cases) {
    const { body, type } = formOf(parts)
    const reply = await ada.post('/v1/attachments', body, { 'content-type': type })
    assert.equal(reply.status, status, `${JSON.stringify(parts)}: ${reply.text}`)
    if (status === 422) assert.equal(reply.body.errors[0].pointer, pointer, reply.text)
  }
  const { body, type } = formOf([file])
  const refused = async (sent: unknown, contentType: string) =>
    (await ada.post('/v1/attachments', sent, { 'content-type': contentType })).status
  assert.equal(await refused({ file: 'a' }, 'application/json'), 415)
  assert.equal(await refused('file=a', 'application/x-www-form-urlencoded'), 415)
  assert.equal(await refused(body, 'multipart/form-data'), 400)
  assert.equal(await refused(body, `${type}x`), 400)
  assert.equal(await refused(body.subarray(0, body.length - 30), type), 400)
  assert.equal((await ada.post('/v1/tickets', body, { 'content-type': type })).status, 415)
  assert.deepEqual(filesOf(desk), [])
  await desk.announced([])
})

test('a file that is larger than the desk allows is refused, and so is a type that it does not take', async (t) => {
  const desk = await openDesk(t, {
    env: {
      BECKON_ATTACHMENT_LIMIT_BYTES: '100000',
      BECKON_ATTACHMENT_DENIED_TYPES: 'application/zip, video/*',
      BECKON_BODY_LIMIT_BYTES: '1024',
    },
  })
  const ada = await desk.person()

  assert.equal((await ada.upload({ name: 'fits.bin', content: Buffer.alloc(100_000) })).status, 201)
  const long = await ada.upload({ name: 'long.bin', content: Buffer.alloc(100_001) })
  const huge = await ada.upload({ name: 'huge.bin', content: Buffer.alloc(1_000_000) })
  // A bomb of a gigabyte that is never unpacked: it is what it weighs.
  const bomb = await ada.upload({ name: 'bomb.docx', content: Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(2000)]) })
  const zip = await ada.upload({ name: 'bomb.zip', content: 'PK\x03\x04' })

  for (const reply of [long, huge]) assert.deepEqual([reply.status, reply.body.code], [413, 'attachment_too_large'])
  assert.deepEqual([bomb.status, bomb.body.size], [201, 2004])
  assert.deepEqual([zip.status, zip.body.code], [422, 'attachment_type_not_allowed'])
  assert.equal(filesOf(desk).length, 2)
})

test('a retry of an upload gets the first answer, and another file under its key is refused', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const key = { 'idempotency-key': 'once' }

  const first = await ada.upload({ name: 'a.txt', content: 'a' }, key)
  const again = await ada.upload({ name: 'a.txt', content: 'a' }, key)
  const other = await ada.upload({ name: 'a.txt', content: 'b' }, key)
  const renamed = await ada.upload({ name: 'b.txt', content: 'a' }, key)

  assert.deepEqual([again.status, again.text], [201, first.text])
  assert.equal(again.headers['idempotent-replayed'], 'true')
  for (const reply of [other, renamed]) assert.deepEqual([reply.status, reply.body.code], [422, 'idempotency_key_reused'])
  assert.equal(filesOf(desk).length, 1)
  await desk.announced(['attachment.uploaded'])
})

test('two hundred small files come in at once, from people who send eight at a time', async (t) => {
  const desk = await openDesk(t)
  const people = await Promise.all(Array.from({ length: 25 }, () => desk.person()))

  const replies = await Promise.all(
    people.flatMap((person, p) =>
      // Half of all contents are sent by everybody.
      Array.from({ length: 8 }, (_, i) => person.upload({ name: `${i}.txt`, content: i % 2 === 0 ? `${i}` : `${p} ${i}` })),
    ),
  )

  assert.deepEqual([...new Set(replies.map(({ status }) => status))], [201])
  assert.equal(new Set(replies.map(({ body }) => body.id)).size, 200)
  for (let tries = 0; tries < 200 && filesOf(desk).length > 4 + 25 * 4; tries++) await wait(10)
  assert.equal(filesOf(desk).length, 4 + 25 * 4)
})

test('who sends too many files at once has to wait', async (t) => {
  const desk = await openDesk(t, { env: { BECKON_UPLOADS_PER_CALLER: '2' } })
  const [ada, bob] = [await desk.person(), await desk.person()]
  const file = { name: 'a.txt', content: 'a' }

  const replies = await Promise.all([ada.upload(file), ada.upload(file), ada.upload(file), bob.upload(file)])

  assert.deepEqual(replies.map(({ status }) => status).sort(), [201, 201, 201, 429])
  assert.equal(replies[3]?.status, 201)
  assert.equal((await ada.upload(file)).status, 201)
})

test('a message names its author’s own uploads, each once', async (t) => {
  const desk = await openDesk(t, { env: { BECKON_ATTACHMENTS_PER_MESSAGE: '2' } })
  const [ada, bob, tess] = [await desk.person(), await desk.person(), await desk.person({ role: 'agent' })]
  const upload = async (who: typeof ada) => (await who.upload({ name: 'a.txt', content: 'a' })).body.id as string
  const [first, second, third, foreign] = [await upload(ada), await upload(ada), await upload(ada), await upload(bob)]

  const raised = await ada.post('/v1/tickets', { subject: 'S', body: 'B', attachment_ids: [second, first] })
  const path = `/v1/tickets/${raised.body.id}/messages`
  const [message] = (await tess.get(path)).body.data
  assert.deepEqual(
    message.attachments.map(({ id }: { id: string }) => id),
    [second, first],
  )
  const refusals: [attachment_ids: unknown, pointer: string, code: string][] = [
    [[third, first], '/attachment_ids/1', 'not_found'],
    [[foreign], '/attachment_ids/0', 'not_found'],
    [['att_00000000000000000000000000'], '/attachment_ids/0', 'not_found'],
    [[third, third], '/attachment_ids', 'duplicate'],
    [[first, second, third], '/attachment_ids', 'too_many'],
    [['nonsense'], '/attachment_ids/0', 'invalid'],
  ]
  for (const [attachment_ids, pointer, code] of refusals) {
    const reply = await ada.post(path, { body: 'B', attachment_ids })
    assert.deepEqual([reply.status, reply.body.errors[0].pointer, reply.body.errors[0].code], [422, pointer, code], reply.text)
  }
  // Nothing of what was refused is left over.
  assert.equal((await ada.get(path)).body.data.length, 1)
  assert.equal((await ada.post(path, { body: 'B', attachment_ids: [third], client_id: 'x' })).status, 201)
  assert.equal((await ada.post(path, { body: 'B', attachment_ids: [third], client_id: 'x' })).body.attachments[0].id, third)
})

test('a reply to a closed ticket brings its files into the follow-up', async (t) => {
  const desk = await openDesk(t)
  const [ada, tess] = [await desk.person(), await desk.person({ role: 'agent' })]
  const ticket = (await ada.post('/v1/tickets', { subject: 'S', body: 'B' })).body
  await ada.post(`/v1/tickets/${ticket.id}/close`)
  const { id } = (await ada.upload({ name: 'a.txt', content: 'a' })).body

  const reply = await ada.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Again', attachment_ids: [id] })

  assert.notEqual(reply.body.ticket_id, ticket.id)
  assert.equal(reply.body.attachments[0].message_id, reply.body.id)
  assert.equal((await tess.get(`/v1/attachments/${id}/content`)).text, 'a')
})

test('of two messages that name the same upload at the same moment one gets it', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const { id } = (await ada.upload({ name: 'a.txt', content: 'a' })).body
  const tickets = [
    await ada.post('/v1/tickets', { subject: 'S', body: 'B' }),
    await ada.post('/v1/tickets', { subject: 'T', body: 'B' }),
  ]

  const replies = await Promise.all(
    tickets.map(({ body }) => ada.post(`/v1/tickets/${body.id}/messages`, { body: 'B', attachment_ids: [id] })),
  )

  assert.deepEqual(replies.map(({ status }) => status).sort(), [201, 422])
})

import assert from 'node:assert/strict'
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Desk, openDesk, type Person } from '../../../test/desk.ts'

const TEXT = 'The quick brown fox jumps over the lazy dog'

async function deskWithFile(t: Parameters<typeof openDesk>[0], options: Parameters<typeof openDesk>[1] = {}) {
  const desk = await openDesk(t, options)
  const ada = await desk.person()
  const { id } = (await ada.upload({ name: 'fox.txt', content: TEXT })).body
  return { desk, ada, id, path: `/v1/attachments/${id}/content` }
}

test('a part of a file can be asked for, and goes on where a download broke off', async (t) => {
  const { ada, path } = await deskWithFile(t)
  const whole = await ada.get(path)
  const etag = whole.headers.etag ?? ''
  const cases: [range: string, status: number, text: string, contentRange?: string][] = [
    ['bytes=0-2', 206, 'The', 'bytes 0-2/43'],
    ['bytes=40-', 206, 'dog', 'bytes 40-42/43'],
    ['bytes=-3', 206, 'dog', 'bytes 40-42/43'],
    ['bytes=0-999', 206, TEXT, 'bytes 0-42/43'],
    ['bytes=-999', 206, TEXT, 'bytes 0-42/43'],
    ['bytes=0-1,5-6', 200, TEXT],
    ['lines=1-2', 200, TEXT],
    ['bytes=5-2', 200, TEXT],
    ['bytes=a-b', 200, TEXT],
  ]

  for (const [range, status, text, contentRange] of cases) {
    const reply = await ada.get(path, { range })
    assert.deepEqual([reply.status, reply.text], [status, text], range)
    assert.equal(reply.headers['content-range'], contentRange, range)
    assert.equal(reply.headers['content-length'], String(text.length))
  }
  for (const range of ['bytes=43-', 'bytes=-0']) {
    const beyond = await ada.get(path, { range })
    assert.deepEqual([beyond.status, beyond.body.code], [416, 'range_not_satisfiable'])
    assert.equal(beyond.headers['content-range'], 'bytes */43')
  }
  assert.equal((await ada.get(path, { range: 'bytes=0-2', 'if-range': etag })).status, 206)
  assert.equal((await ada.get(path, { range: 'bytes=0-2', 'if-range': '"another"' })).status, 200)
  assert.equal((await ada.get(path, { 'if-none-match': etag })).status, 304)
  assert.equal(whole.headers['accept-ranges'], 'bytes')
  assert.equal(whole.headers['cache-control'], 'private, no-cache')
})

test('a look without the bytes says how many there are', async (t) => {
  const { desk, ada, path } = await deskWithFile(t)

  const { statusCode, headers, body } = await desk.app.server.inject({
    method: 'HEAD',
    url: path,
    headers: { authorization: `Bearer ${ada.token}`, range: 'bytes=0-2' },
  })

  assert.deepEqual([statusCode, headers['content-length'], body], [200, '43', ''])
})

test('a file that was damaged on the disk breaks off instead of coming through, and the log says so', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const content = Buffer.alloc(3_000_000, 'x')
  const { id } = (await ada.upload({ name: 'x.txt', content })).body
  const path = `/v1/attachments/${id}/content`
  const [file = ''] = filesOf(desk)
  writeFileSync(file, Buffer.concat([content.subarray(0, 2_000_000), Buffer.from('y'), content.subarray(2_000_001)]))
  await desk.app.server.listen({ port: 0, host: '127.0.0.1' })
  const [address] = desk.app.server.addresses()
  assert.ok(typeof address === 'object')

  const reply = await fetch(`http://127.0.0.1:${address.port}${path}`, { headers: { authorization: `Bearer ${ada.token}` } })

  assert.equal(reply.status, 200)
  await assert.rejects(reply.arrayBuffer())
  for (let tries = 0; tries < 100 && !desk.logged().includes('a kept file is damaged'); tries++) await wait(20)
  assert.match(desk.logged(), new RegExp(`${id}.*a kept file is damaged`))
})

test('a file that became longer or shorter never runs into the next answer', async (t) => {
  const { desk, ada, path } = await deskWithFile(t)
  const [file = ''] = filesOf(desk)
  const both = async (range = '') => {
    const socket = await connected(desk)
    const head = `GET ${path} HTTP/1.1\r\nHost: desk.test\r\nAuthorization: Bearer ${ada.token}\r\n${range}`
    socket.write(`${head}\r\nGET /livez HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\n\r\n`)
    let text = ''
    socket.on('data', (chunk) => {
      text += String(chunk)
    })
    socket.on('error', () => {}) // a reset is an end like another
    await new Promise((resolve) => socket.once('close', resolve))
    return text
  }
  const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))

  assert.deepEqual(statuses(await both('Range: bytes=4-8\r\n')), [206, 200])
  writeFileSync(file, `${TEXT}HTTP/1.1 200 Smuggled\r\n${'y'.repeat(1_000_000)}`)
  assert.doesNotMatch(await both(), /Smuggled|y{50}/)
  writeFileSync(file, TEXT.slice(0, 6))
  assert.ok(statuses(await both()).includes(500))
  const cut = await both('Range: bytes=4-8\r\n')
  assert.doesNotMatch(cut, /206.*HTTP\/1\.1 200/s)
})

test('a download that nobody reads is given up, and its file closed', async (t) => {
  const desk = await openDesk(t, { env: { BECKON_UPLOAD_STALL_SECONDS: '1' } })
  const ada = await desk.person()
  const content = Buffer.alloc(20_000_000, 'x')
  const { id } = (await ada.upload({ name: 'x.txt', content })).body
  const isOpen = () => openFiles().some((name) => name.startsWith(desk.config.dataDir))
  const socket = await connected(desk)
  socket.pause()
  socket.write(`GET /v1/attachments/${id}/content HTTP/1.1\r\nHost: desk.test\r\nAuthorization: Bearer ${ada.token}\r\n\r\n`)

  for (let tries = 0; tries < 200 && !isOpen(); tries++) await wait(10)
  assert.ok(isOpen())
  for (let tries = 0; tries < 500 && isOpen(); tries++) await wait(10)
  assert.ok(!isOpen())
  const came = await textOf(socket).catch(() => '')
  assert.ok(came.length < content.length)
})

/** The files that this process has open. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      return [readlinkSync(`/proc/self/fd/${name}`)]
    } catch {
      return [] // closed meanwhile
    }
  })
}

async function connected(desk: Desk): Promise<Socket> {
  const { server } = desk.app
  if (!server.server.listening) await server.listen({ port: 0, host: '127.0.0.1' })
  const [address] = server.addresses()
  assert.ok(typeof address === 'object')
  return connect(address.port, '127.0.0.1')
}

test('what could run in a browser is never given out as what it is', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
  const cases = [
    { name: 'logo.svg', content: svg, type: 'image/svg+xml' },
    { name: 'logo.png', content: svg, type: 'image/png' },
    { name: 'page.html', content: '<!doctype html><script>alert(1)</script>', type: 'text/html' },
    { name: 'photo.html', content: 'GIF89a/*<script>alert(1)</script>*/', type: 'image/gif' },
  ]

  for (const file of cases) {
    const { id } = (await ada.upload(file)).body
    const { headers } = await ada.get(`/v1/attachments/${id}/content`)
    assert.equal(headers['content-type'], 'application/octet-stream', file.name)
    assert.match(String(headers['content-disposition']), /^attachment;/, file.name)
    assert.match(String(headers['content-security-policy']), /sandbox/, file.name)
    assert.equal(headers['x-content-type-options'], 'nosniff', file.name)
  }
})

test('a link opens a picture without a credential, for five minutes', async (t) => {
  const { desk, ada, id } = await deskWithFile(t)

  const { body: link, headers } = await ada.post(`/v1/attachments/${id}/link`)
  const path = new URL(link.url).pathname

  assert.equal(headers['cache-control'], 'no-store')
  const opened = await desk.anyone.get(path)
  assert.deepEqual([opened.status, opened.text], [200, TEXT])
  assert.equal(opened.headers['cross-origin-resource-policy'], 'cross-origin')
  assert.equal((await desk.anyone.get(path, { range: 'bytes=0-2' })).text, 'The')
  for (const wrong of changedLinks(path)) assert.equal((await desk.anyone.get(wrong)).status, 404, wrong)
  desk.clock.advance(300_000)
  assert.equal((await desk.anyone.get(path)).status, 404)
})

/** A link with one letter changed, in each of its places. */
function changedLinks(path: string): string[] {
  const begin = path.lastIndexOf('/') + 1
  return Array.from({ length: path.length - begin }, (_, i) => {
    const at = begin + i
    return path.slice(0, at) + (path[at] === 's' ? 'p' : 's') + path.slice(at + 1)
  }).filter((changed) => changed !== path)
}

test('a link shows no more than its side of the ticket can read', async (t) => {
  const desk = await openDesk(t)
  const [ada, tess] = [await desk.person(), await desk.person({ role: 'agent' })]
  const ticket = (await ada.post('/v1/tickets', { subject: 'S', body: 'B' })).body
  const post = async (author: Person, visibility: string) => {
    const { id } = (await author.upload({ name: 'a.txt', content: TEXT })).body
    const message = (await author.post(`/v1/tickets/${ticket.id}/messages`, { body: 'B', visibility, attachment_ids: [id] })).body
    return { id, message: `/v1/tickets/${ticket.id}/messages/${message.id}` }
  }
  const linkOf = async (who: Person, id: string) => new URL((await who.post(`/v1/attachments/${id}/link`)).body.url).pathname
  const open = async (path: string) => (await desk.anyone.get(path)).status
  const [reply, note] = [await post(tess, 'public'), await post(tess, 'internal')]
  const [ofAda, ofTess, ofNote] = [await linkOf(ada, reply.id), await linkOf(tess, reply.id), await linkOf(tess, note.id)]
  const unnamed = (await ada.upload({ name: 'a.txt', content: TEXT })).body.id
  const ofUpload = await linkOf(ada, unnamed)

  assert.deepEqual([await open(ofAda), await open(ofTess), await open(ofNote), await open(ofUpload)], [200, 200, 200, 200])
  await tess.delete(reply.message)
  await ada.post(`/v1/tickets/${ticket.id}/messages`, { body: 'B', attachment_ids: [unnamed] })

  // Staff still read what was retracted; what was an upload is a message's now.
  assert.deepEqual([await open(ofAda), await open(ofTess), await open(ofNote), await open(ofUpload)], [404, 200, 200, 404])
  const admin = await desk.person({ role: 'admin' })
  await admin.delete(`/v1/tickets/${ticket.id}`)
  assert.deepEqual([await open(ofTess), await open(ofNote)], [404, 404])
})

test('a file of a note is not there for a requester, by whatever path', async (t) => {
  const desk = await openDesk(t)
  const [ada, tess] = [await desk.person(), await desk.person({ role: 'agent' })]
  const ticket = (await ada.post('/v1/tickets', { subject: 'S', body: 'B' })).body
  const { id } = (await tess.upload({ name: 'secret.txt', content: 'The customer is difficult.' })).body
  await tess.post(`/v1/tickets/${ticket.id}/messages`, { body: 'N', visibility: 'internal', attachment_ids: [id] })
  await ada.upload({ name: 'guess.txt', content: 'The customer is difficult.' })
  for (let tries = 0; tries < 100 && filesOf(desk).length > 1; tries++) await wait(10)
  const file = filesOf(desk)
  const digest = /[0-9a-f]{64}/.exec(file[0] ?? '')?.[0] ?? ''
  assert.equal(file.length, 1)

  const path = `/v1/attachments/${id}`
  const missing = '/v1/attachments/att_00000000000000000000000000'
  const asked: [hidden: string, missing: string, headers?: Record<string, string>][] = [
    [path, missing],
    [`${path}/content`, `${missing}/content`],
    [`${path}/content`, `${missing}/content`, { range: 'bytes=0-3' }],
    [`${path}/content`, `${missing}/content`, { 'if-none-match': `"${digest}"` }],
    [`${path}/content`, `${missing}/content`, { 'if-none-match': '*' }],
  ]
  for (const [hidden, absent, headers] of asked)
    assert.deepEqual(withoutIds(await ada.get(hidden, headers)), withoutIds(await ada.get(absent, headers)), hidden)
  assert.deepEqual(withoutIds(await ada.post(`${path}/link`)), withoutIds(await ada.post(`${missing}/link`)))
  assert.deepEqual(withoutIds(await ada.delete(path)), withoutIds(await ada.delete(missing)))
  // What is kept is not named by its digest, nor by its key.
  for (const guess of [digest, `att_${digest.slice(0, 26)}`, file[0]?.split('/').at(-1) ?? ''])
    assert.ok([400, 404].includes((await ada.get(`/v1/attachments/${guess}`)).status))
  const named = await ada.post(`/v1/tickets/${ticket.id}/messages`, { body: 'B', attachment_ids: [id] })
  assert.equal(named.status, 422)
  assert.doesNotMatch((await ada.get(`/v1/tickets/${ticket.id}?include=messages`)).text, /secret|att_/)
})

function withoutIds({ status, text, headers }: { status: number; text: string; headers: Record<string, string> }) {
  const { 'request-id': id = '', date: _, ...rest } = headers
  return { status, text: text.replaceAll(id, 'req_'), headers: rest }
}

test('an admin removes a file from a message: it is gone for everybody, and the message says so', async (t) => {
  const desk = await openDesk(t)
  const [ada, tess, admin] = [await desk.person(), await desk.person({ role: 'agent' }), await desk.person({ role: 'admin' })]
  const ids = [
    (await ada.upload({ name: 'a.txt', content: 'a' })).body.id,
    (await ada.upload({ name: 'b.txt', content: 'b' })).body.id,
  ]
  const key = { 'idempotency-key': 'once' }
  const ticket = (await ada.post('/v1/tickets', { subject: 'S', body: 'B' })).body
  const sent = { body: 'B', attachment_ids: ids }
  const plain = (await ada.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Plain' }, { 'idempotency-key': 'plain' })).body
  const message = (await ada.post(`/v1/tickets/${ticket.id}/messages`, sent, key)).body
  const before = (await tess.get(`/v1/tickets/${ticket.id}`)).body
  await desk.announcements()

  assert.equal((await ada.delete(`/v1/attachments/${ids[0]}`)).status, 403)
  assert.equal((await tess.delete(`/v1/attachments/${ids[0]}`)).status, 403)
  assert.equal((await admin.delete(`/v1/attachments/${ids[0]}`)).status, 204)

  const after = (await ada.get(`/v1/tickets/${ticket.id}/messages/${message.id}`)).body
  assert.deepEqual([after.attachments.length, after.attachments[0].id, after.version], [1, ids[1], message.version + 1])
  assert.equal((await admin.get(`/v1/attachments/${ids[0]}`)).status, 404)
  assert.equal((await tess.get(`/v1/tickets/${ticket.id}`)).body.version, before.version + 1)
  // The first answer is not given again: it would say what the file was called. All others are, or they would be done twice.
  assert.equal((await ada.post(`/v1/tickets/${ticket.id}/messages`, sent, key)).body.code, 'idempotency_answer_gone')
  const again = await ada.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Plain' }, { 'idempotency-key': 'plain' })
  assert.deepEqual([again.body.id, again.headers['idempotent-replayed']], [plain.id, 'true'])
  await desk.announced(['attachment.deleted', 'message.attachment_removed'])
})

function filesOf({ config }: Desk): string[] {
  const found = readdirSync(config.dataDir, { recursive: true, withFileTypes: true })
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

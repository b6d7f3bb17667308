import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Desk, openDesk, type Person } from '../../../test/desk.ts'
import { formOf } from '../../../test/forms.ts'

function filesOf({ config }: Desk): string[] {
  const found = readdirSync(config.dataDir, { recursive: true, withFileTypes: true })
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

/** Sends a request for an upload byte by byte, as no client library would. */
async function openUpload(desk: Desk, person: Person, headers: Record<string, string>) {
  const { server } = desk.app
  if (!server.server.listening) await server.listen({ port: 0, host: '127.0.0.1' })
  const [address] = server.addresses()
  assert.ok(typeof address === 'object')
  const socket = connect(address.port, '127.0.0.1')
  const answer = readAnswer(socket)
  const lines = Object.entries({ Host: 'desk.test', Authorization: `Bearer ${person.token}`, ...headers })
  socket.write(`POST /v1/attachments HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
  return { socket, answer }
}

async function readAnswer(socket: Socket): Promise<string> {
  let text = ''
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    text += String(chunk)
  })
  await new Promise((resolve) => socket.once('close', resolve))
  return text
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    assert.ok(tries < 500, 'it never came to that')
    await wait(10)
  }
}

test('an upload that is cut off leaves nothing', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const { body, type } = formOf([{ part: 'file', name: 'a.bin', content: Buffer.alloc(500_000) }])

  const { socket, answer } = await openUpload(desk, ada, { 'Content-Type': type, 'Content-Length': String(body.length) })
  socket.write(body.subarray(0, 300_000))
  await until(() => filesOf(desk).length === 1)
  socket.destroy()
  await answer

  await until(() => filesOf(desk).length === 0)
  await desk.announced([])
  assert.equal((await ada.upload({ name: 'a.bin', content: 'a' })).status, 201)
})

test('an upload whose length is wrong leaves nothing', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const { body, type } = formOf([{ part: 'file', name: 'a.bin', content: Buffer.alloc(100_000) }])

  // Told to be shorter than it is: the form has no end.
  const short = await openUpload(desk, ada, {
    'Content-Type': type,
    'Content-Length': String(body.length - 500),
    Connection: 'close',
  })
  short.socket.write(body.subarray(0, body.length - 500))
  assert.match(await short.answer, /^HTTP\/1\.1 400 .*malformed_form/s)
  // Told to be longer, and then the client is gone.
  const long = await openUpload(desk, ada, { 'Content-Type': type, 'Content-Length': String(body.length + 500) })
  long.socket.end(body)
  await long.answer
  // In chunks, the last of which never comes.
  const chunked = await openUpload(desk, ada, { 'Content-Type': type, 'Transfer-Encoding': 'chunked' })
  chunked.socket.write(`${body.length.toString(16)}\r\n`)
  chunked.socket.end(body)
  await chunked.answer

  await until(() => filesOf(desk).length === 0)
  await desk.announced([])
})

test('an upload that stalls is given up, and one that goes on may take longer than any other request', async (t) => {
  const desk = await openDesk(t, { env: { BECKON_UPLOAD_STALL_SECONDS: '1', BECKON_REQUEST_TIMEOUT_SECONDS: '1' } })
  const ada = await desk.person()
  const { body, type } = formOf([{ part: 'file', name: 'a.bin', content: Buffer.alloc(600_000) }])
  const headers = { 'Content-Type': type, 'Content-Length': String(body.length), Connection: 'close' }

  const slow = await openUpload(desk, ada, headers)
  const stalled = await openUpload(desk, ada, headers)
  stalled.socket.write(body.subarray(0, 200_000))
  for (let at = 0; at < body.length; at += 60_000) {
    slow.socket.write(body.subarray(at, at + 60_000))
    await wait(250)
  }

  assert.match(await slow.answer, /^HTTP\/1\.1 201 /)
  assert.match(await stalled.answer, /^HTTP\/1\.1 408 .*request_timeout/s)
  assert.equal(filesOf(desk).length, 1)
  await desk.announced(['attachment.uploaded'])
})

test('who is refused while he still sends reads why', async (t) => {
  const desk = await openDesk(t, { env: { BECKON_ATTACHMENT_LIMIT_BYTES: '10000' } })
  const ada = await desk.person()
  const { body, type } = formOf([{ part: 'file', name: 'a.bin', content: Buffer.alloc(5_000_000) }])

  const told = await openUpload(desk, ada, { 'Content-Type': type, 'Content-Length': String(body.length) })
  told.socket.write(body)
  const untold = await openUpload(desk, ada, { 'Content-Type': type, 'Transfer-Encoding': 'chunked' })
  untold.socket.write(`${body.length.toString(16)}\r\n`)
  untold.socket.write(body)
  untold.socket.write('\r\n0\r\n\r\n')

  for (const answer of [await told.answer, await untold.answer]) assert.match(answer, /^HTTP\/1\.1 413 .*attachment_too_large/s)
  assert.deepEqual(filesOf(desk), [])
})

test('who may not upload is told so before he sends the file, and cannot hold the connection', async (t) => {
  const desk = await openDesk(t)
  const nobody = { ...(await desk.person()), token: 'none' }
  const headers = { 'Content-Type': 'multipart/form-data; boundary=b', 'Content-Length': '1000000000' }

  const waiting = await openUpload(desk, nobody, { ...headers, Expect: '100-continue' })
  const dripping = await openUpload(desk, nobody, headers)
  const drip = setInterval(() => dripping.socket.writable && dripping.socket.write('b'), 100)
  t.after(() => clearInterval(drip))
  const started = performance.now()

  for (const answer of [await waiting.answer, await dripping.answer]) assert.match(answer, /^HTTP\/1\.1 401 (?!.*HTTP\/1\.1)/s)
  assert.ok(performance.now() - started < 10_000)
})

test('who asks whether to send his file is told to, unless it would be too large', async (t) => {
  const desk = await openDesk(t, { env: { BECKON_ATTACHMENT_LIMIT_BYTES: '10000' } })
  const ada = await desk.person()
  const { body, type } = formOf([{ part: 'file', name: 'a.bin', content: 'a' }])
  const headers = { 'Content-Type': type, Expect: '100-continue', Connection: 'close' }

  const small = await openUpload(desk, ada, { ...headers, 'Content-Length': String(body.length) })
  await once(small.socket, 'data')
  small.socket.write(body)
  const large = await openUpload(desk, ada, { ...headers, 'Content-Length': '100000' })

  assert.match(await small.answer, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /)
  assert.match(await large.answer, /^HTTP\/1\.1 413 .*attachment_too_large/s)
})

for (const place of ['before', 'behind'])
  test(`a form that goes on for ever ${place} its file is refused`, async (t) => {
    const desk = await openDesk(t)
    const ada = await desk.person()
    const { body, type } = formOf([{ part: 'file', name: 'a.bin', content: 'a' }])
    const junk = Buffer.from(`${(65_536).toString(16)}\r\n${'j'.repeat(65_536)}\r\n`)

    const { socket, answer } = await openUpload(desk, ada, { 'Content-Type': type, 'Transfer-Encoding': 'chunked' })
    if (place === 'behind')
      socket.write(Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]))
    const flow = setInterval(() => socket.writable && socket.writableLength < 1_000_000 && socket.write(junk), 1)
    t.after(() => clearInterval(flow))

    assert.match(await answer, /^HTTP\/1\.1 400 .*malformed_form/s)
    await until(() => filesOf(desk).length === 0)
    await desk.announced([])
  })

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { assertDiscreet, countRows } from './attacks/assault.ts'
import { type Desk, type Json, openDesk } from './desk.ts'

// How long a connection that sends nothing more is given, before the test says that it stays open.
const QUIET_MS = 5000
// How many connections dawdle at once: SLOW_SOCKETS=200 for more than everyday.
const SLOW = Number(process.env.SLOW_SOCKETS ?? 50)

/** A desk that listens on loopback. */
async function listen(t: TestContext, env: Record<string, string> = {}): Promise<{ desk: Desk; open: () => Socket }> {
  const desk = await openDesk(t, { env })
  await desk.app.server.listen({ port: 0, host: '127.0.0.1' })
  const { port } = desk.app.server.server.address() as AddressInfo // it listens on TCP
  const sockets = new Set<Socket>()
  t.after(() => {
    for (const socket of sockets) socket.destroy()
  })
  return {
    desk,
    open: () => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {}) // a reset is an end like another
      sockets.add(socket)
      return socket
    },
  }
}

/** Sends bytes and answers all that comes until the other side closes. */
async function exchange(socket: Socket, bytes: string): Promise<string> {
  let text = ''
  socket.on('data', (data) => {
    text += data.toString('latin1')
  })
  socket.write(Buffer.from(bytes, 'latin1'))
  const timer = setTimeout(() => socket.destroy(new Error('open')), QUIET_MS)
  await once(socket, 'close')
  clearTimeout(timer)
  assert.notEqual(socket.errored?.message, 'open', `the connection stays open: ${bytes.slice(0, 200)}`)
  return text
}

/** The answers in a stream of bytes: status, headers, and the body where it is JSON. */
function answersIn(stream: string): { status: number; head: string; body: Json }[] {
  const answers = []
  for (let rest = stream; rest !== ''; ) {
    const end = rest.indexOf('\r\n\r\n')
    assert.notEqual(end, -1, rest.slice(0, 500))
    const head = rest.slice(0, end)
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
    const text = rest.slice(end + 4, end + 4 + length)
    const isJson = /content-type: application\/(problem\+)?json/i.test(head) && text !== ''
    answers.push({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]), head, body: isJson ? JSON.parse(text) : null })
    rest = rest.slice(end + 4 + length)
  }
  return answers
}

function assertProblem(
  { status, head, body }: ReturnType<typeof answersIn>[number],
  wanted: [number, string],
  about: string,
): void {
  assert.deepEqual([status, body?.code], wanted, `${about}\n${head}`)
  assert.match(head, /content-type: application\/problem\+json/i)
  assert.match(head, /x-content-type-options: nosniff/i)
  assert.equal(/request-id: (req_[0-9a-z]{26})/i.exec(head)?.[1], body.request_id)
  assertDiscreet(head + JSON.stringify(body))
}

const close = 'Connection: close\r\n'
const json = 'Content-Type: application/json\r\n'

test('what is no HTTP gets a problem and a closed connection, and starts nothing', async (t) => {
  const { desk, open } = await listen(t)
  const ada = await desk.person()
  const as = `Host: desk.test\r\nAuthorization: Bearer ${ada.token}\r\n`
  const ticket = '{"subject":"a","body":"b"}'
  const post = `POST /v1/tickets HTTP/1.1\r\n${as}${json}`
  const chunk = `${ticket.length.toString(16)}\r\n${ticket}\r\n`
  const before = await countRows(desk)

  const cases: Record<string, [request: string, status: number, code: string]> = {
    'no HTTP': ['HELLO\r\n\r\n', 400, 'bad_request'],
    'a TLS hello': ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'bad_request'],
    'HTTP/2 at once': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'bad_request'],
    'another version': [`GET /livez HTTP/3.7\r\n${as}\r\n`, 400, 'bad_request'],
    'an unknown method': [`STEAL /v1/me HTTP/1.1\r\n${as}\r\n`, 400, 'bad_request'],
    'a method in lower case': [`get /v1/me HTTP/1.1\r\n${as}\r\n`, 400, 'bad_request'],
    'bare line feeds': ['GET /livez HTTP/1.1\nHost: a\n\n', 400, 'bad_request'],
    'a path with a blank': [`GET /v1/me /x HTTP/1.1\r\n${as}\r\n`, 400, 'bad_request'],
    'a path without a slash': [`GET v1/me HTTP/1.1\r\n${as}\r\n`, 400, 'bad_request'],
    'raw bytes in the path': [`GET /v1/tickets?q=\xff HTTP/1.1\r\n${as}\r\n`, 400, 'bad_request'],
    'a NUL in a header': [`GET /livez HTTP/1.1\r\n${as}X: a\0b\r\n\r\n`, 400, 'bad_request'],
    'a folded header': [`GET /livez HTTP/1.1\r\n${as}X: a\r\n b\r\n\r\n`, 400, 'bad_request'],
    'a blank before the colon': [`${post}Transfer-Encoding : chunked\r\n\r\n${chunk}0\r\n\r\n`, 400, 'bad_request'],
    'no host': ['GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'bad_request'],
    'two hosts': [`GET /livez HTTP/1.1\r\nHost: a\r\nhost: b\r\n${close}\r\n`, 400, 'bad_request'],
    'length and chunks': [
      `${post}Content-Length: ${ticket.length}\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`,
      400,
      'bad_request',
    ],
    'chunks and length': [`${post}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n${chunk}0\r\n\r\n`, 400, 'bad_request'],
    'two lengths': [`${post}Content-Length: ${ticket.length}\r\nContent-Length: 3\r\n\r\n${ticket}`, 400, 'bad_request'],
    'a list of lengths': [`${post}Content-Length: ${ticket.length}, 3\r\n\r\n${ticket}`, 400, 'bad_request'],
    'a signed length': [`${post}Content-Length: +${ticket.length}\r\n\r\n${ticket}`, 400, 'bad_request'],
    'a negative length': [`${post}Content-Length: -1\r\n\r\n${ticket}`, 400, 'bad_request'],
    'a length of letters': [`${post}Content-Length: 1a\r\n\r\n${ticket}`, 400, 'bad_request'],
    'a length beyond all': [`${post}Content-Length: 99999999999999999999999\r\n\r\n${ticket}`, 400, 'bad_request'],
    'another coding': [`${post}Transfer-Encoding: gzip\r\n\r\n${chunk}0\r\n\r\n`, 400, 'bad_request'],
    'chunks not last': [`${post}Transfer-Encoding: chunked, identity\r\n\r\n${chunk}0\r\n\r\n`, 400, 'bad_request'],
    'chunks disguised': [`${post}Transfer-Encoding: xchunked\r\n\r\n${chunk}0\r\n\r\n`, 400, 'bad_request'],
    'a chunk of letters': [`${post}Transfer-Encoding: chunked\r\n\r\nZZ\r\n${ticket}\r\n0\r\n\r\n`, 400, 'bad_request'],
    'a chunk beyond all': [`${post}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n${ticket}`, 400, 'bad_request'],
    'a chunk longer than it says': [`${post}Transfer-Encoding: chunked\r\n\r\n3\r\n${ticket}\r\n0\r\n\r\n`, 400, 'bad_request'],
    'a negative chunk': [`${post}Transfer-Encoding: chunked\r\n\r\n-1\r\n${ticket}\r\n0\r\n\r\n`, 400, 'bad_request'],
    'a line feed in a chunk': [
      `${post}Transfer-Encoding: chunked\r\n\r\n${chunk.replace('\r\n', '\n')}0\r\n\r\n`,
      400,
      'bad_request',
    ],
    'a long address': [`GET /v1/tickets?q=${'a'.repeat(17_000)} HTTP/1.1\r\n${as}\r\n`, 431, 'headers_too_large'],
    'a long name in a path': [`GET /v1/tickets/${'a'.repeat(5000)} HTTP/1.1\r\n${as}${close}\r\n`, 414, 'uri_too_long'],
    'a long header': [`GET /livez HTTP/1.1\r\n${as}X: ${'a'.repeat(17_000)}\r\n\r\n`, 431, 'headers_too_large'],
    'many headers': [`GET /livez HTTP/1.1\r\n${as}${close}${'a:b\r\n'.repeat(1000)}\r\n`, 431, 'headers_too_large'],
    'a body that is announced as huge': [`${post}Content-Length: 99999999999\r\n\r\n{`, 413, 'payload_too_large'],
    'a body that comes in huge chunks': [
      `${post}Transfer-Encoding: chunked\r\n\r\n${`40000\r\n${' '.repeat(0x40000)}\r\n`.repeat(33)}`,
      413,
      'payload_too_large',
    ],
  }
  for (const [name, [request, status, code]] of Object.entries(cases)) {
    const answers = answersIn(await exchange(open(), request))
    assert.equal(answers.length, 1, name)
    for (const answer of answers) assertProblem(answer, [status, code], name)
  }
  assert.equal(await exchange(open(), `CONNECT evil.example:443 HTTP/1.1\r\n${as}\r\n`), '', 'no tunnel')

  assert.deepEqual(await countRows(desk), before)
  assert.doesNotMatch(desk.logged(), /"level":50/)
  const fine = answersIn(await exchange(open(), `${post}${close}Transfer-Encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`))
  assert.equal(fine[0]?.status, 201)
})

test('odd but lawful HTTP is answered', async (t) => {
  const { desk, open } = await listen(t)
  const ada = await desk.person()
  const as = `Host: desk.test\r\nAuthorization: Bearer ${ada.token}\r\n`

  for (const [request, status] of [
    [`GET http://evil.example/v1/me HTTP/1.1\r\n${as}${close}\r\n`, 200],
    [`GET /v1/me HTTP/1.0\r\nAuthorization: Bearer ${ada.token}\r\n\r\n`, 200],
    [`GET /v1/me HTTP/1.1\r\n${as}${close}${json}Content-Length: 5\r\n\r\n{"a":`, 200],
    [`GET /v1/me HTTP/1.1\r\n${as}${close}Upgrade: websocket\r\nConnection: upgrade\r\n\r\n`, 200],
    [`POST /v1/tickets HTTP/1.1\r\n${as}${close}Expect: the-moon\r\n${json}Content-Length: 2\r\n\r\n{}`, 422],
    [`OPTIONS * HTTP/1.1\r\n${as}${close}\r\n`, 404],
    [`TRACE /v1/me HTTP/1.1\r\n${as}${close}\r\n`, 405],
    [`PROPFIND /v1/me HTTP/1.1\r\n${as}${close}\r\n`, 405],
  ] as const) {
    const [answer, ...more] = answersIn(await exchange(open(), request))
    assert.deepEqual([answer?.status, more.length], [status, 0], request)
    assert.match(String(answer?.head), /request-id: req_/i)
    assert.doesNotMatch(String(answer?.head), /evil/)
  }
  const [head, ...more] = answersIn(
    (await exchange(open(), `HEAD /v1/me HTTP/1.1\r\n${as}${close}\r\n`)).replace(/content-length: \d+/i, 'x: y'),
  )
  assert.deepEqual([head?.status, head?.body, more.length], [200, null, 0])
})

test('requests in a row are answered in their order, the broken one after the others', async (t) => {
  const { desk, open } = await listen(t)
  const ada = await desk.person()
  const as = `Host: desk.test\r\nAuthorization: Bearer ${ada.token}\r\n`
  const body = '{"subject":"in a row","body":"b"}'
  const post = `POST /v1/tickets HTTP/1.1\r\n${as}${json}Content-Length: ${body.length}\r\n\r\n${body}`

  const row = answersIn(
    await exchange(open(), `${post}GET /livez HTTP/1.1\r\n${as}\r\n${post}GET /nope HTTP/1.1\r\n${as}${close}\r\n`),
  )
  assert.deepEqual(
    row.map(({ status }) => status),
    [201, 200, 201, 404],
  )
  const broken = answersIn(await exchange(open(), `${post}${post}RUBBISH\r\n\r\n${post}`))
  assert.deepEqual(
    broken.map(({ status }) => status),
    [201, 201, 400],
  )
  // What looks like a request inside of a body is a body.
  const inside = answersIn(
    await exchange(open(), `POST /v1/tickets HTTP/1.1\r\n${as}${close}${json}Content-Length: ${post.length}\r\n\r\n${post}`),
  )
  assert.deepEqual(
    inside.map(({ status }) => status),
    [400],
  )
  assert.equal((await desk.query('select count(*) as n from tickets'))[0].n, 4)
})

test('who sends slowly is shown out, and nobody waits for him', async (t) => {
  const { desk, open } = await listen(t, { BECKON_REQUEST_TIMEOUT_SECONDS: '9' })
  const ada = await desk.person()
  const head = `POST /v1/tickets HTTP/1.1\r\nHost: desk.test\r\nAuthorization: Bearer ${ada.token}\r\n`
  const started = performance.now()
  const slow = Array.from({ length: SLOW }, (_, i) => {
    const socket = open()
    // Some never end their headers, some never their body, some never begin.
    if (i % 5 > 0) socket.write(i % 5 === 4 ? `${head}${json}Content-Length: 1000\r\n\r\n{` : head)
    const drip = setInterval(
      () => socket.writable && i % 5 > 0 && socket.write(i % 5 === 4 ? ' ' : `X-${Date.now()}: a\r\n`),
      1000,
    )
    let text = ''
    socket.on('data', (data) => {
      text += data.toString()
    })
    return once(socket, 'close').then(() => {
      clearInterval(drip)
      return { text, seconds: (performance.now() - started) / 1000 }
    })
  })

  const others = Array.from({ length: 10 }, () =>
    exchange(open(), `GET /v1/me HTTP/1.1\r\nHost: desk.test\r\nAuthorization: Bearer ${ada.token}\r\n${close}\r\n`),
  )
  for (const text of await Promise.all(others)) assert.match(text, /^HTTP\/1\.1 200 /)
  const ends = await Promise.all(slow)

  const latest = Math.max(...ends.map(({ seconds }) => seconds))
  t.diagnostic(`the last of ${ends.length} slow connections was closed after ${latest.toFixed(1)} s`)
  assert.ok(latest <= 13.5, `${latest} s`)
  for (const { text } of ends) for (const answer of answersIn(text)) assertProblem(answer, [408, 'request_timeout'], text)
  assert.ok(ends.filter(({ text }) => text !== '').length >= SLOW * 0.8)
  assert.equal((await desk.query('select count(*) as n from tickets'))[0].n, 0)
  assert.doesNotMatch(desk.logged(), /"level":50/)
})

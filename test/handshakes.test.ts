import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { type LiveDesk, openLiveDesk } from './live.ts'

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

/** A handshake as a browser sends it, with what is to be different about it; undefined leaves a header out. */
function handshake(token: string, changes: Record<string, string | undefined> = {}, path = '/v1/ws'): string {
  const headers: Record<string, string | undefined> = {
    Host: 'desk.test',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    Authorization: `Bearer ${token}`,
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': KEY,
    'Sec-WebSocket-Protocol': 'beckon.v1+json',
    ...changes,
  }
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
  return [`GET ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n')
}

/** What comes until the other side closes. */
async function all(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (data) => {
    text += data.toString('latin1')
  })
  await once(socket, 'close')
  return text
}

/** A connection that has become a WebSocket, spoken to in bytes. */
async function upgraded(desk: LiveDesk, token: string): Promise<Socket> {
  const socket = desk.raw()
  socket.write(handshake(token))
  const [first] = (await once(socket, 'data')) as [Buffer]
  assert.match(first.toString('latin1'), /^HTTP\/1\.1 101 /)
  return socket
}

test('a handshake that is wrong is refused with a problem, and its connection closed', async (t) => {
  const desk = await openLiveDesk(t)
  const ada = await desk.person()
  const refused: [string, number, string][] = [
    [handshake(ada.token, { 'Sec-WebSocket-Protocol': undefined }), 400, 'bad_handshake'],
    [handshake(ada.token, { 'Sec-WebSocket-Protocol': 'beckon.v2+json' }), 400, 'bad_handshake'],
    [handshake(ada.token, { 'Sec-WebSocket-Key': 'short' }), 400, 'bad_handshake'],
    [handshake(ada.token, { 'Sec-WebSocket-Key': undefined }), 400, 'bad_handshake'],
    [handshake(ada.token, { 'Sec-WebSocket-Version': '8' }), 426, 'upgrade_required'],
    [handshake(ada.token, { Origin: 'https://evil.example.com' }), 403, 'origin_not_allowed'],
    [handshake(ada.token, { Authorization: undefined }), 401, 'unauthenticated'],
    [handshake('nobody'), 401, 'invalid_token'],
    [handshake(ada.token, {}, '/v1/ws?topics=ticket:999'), 404, 'not_found'],
    [handshake(ada.token, {}, '/v1/ws?bogus=1'), 400, 'unknown_parameter'],
  ]

  for (const [bytes, status, code] of refused) {
    const socket = desk.raw()
    socket.write(bytes)
    const text = await all(socket)
    const [head = '', body = ''] = text.split('\r\n\r\n')
    assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} `), `${bytes}\n${text}`)
    for (const header of [
      /^connection: close$/im,
      /^request-id: req_/im,
      /^x-content-type-options: nosniff$/im,
      /^content-type: application\/problem\+json/im,
    ])
      assert.match(head, header, text)
    assert.equal(JSON.parse(body).code, code)
  }
  assert.equal(desk.app.hub.count().connections, 0)
})

test('what is no handshake, or of another path, is answered as any request', async (t) => {
  const desk = await openLiveDesk(t)
  const ada = await desk.person()
  const ask = async (bytes: string): Promise<string> => {
    const socket = desk.raw()
    socket.write(bytes)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    socket.destroy()
    return answer.toString('latin1')
  }

  assert.match(await ask(handshake(ada.token, {}, '/v1/me')), /^HTTP\/1\.1 200 [\s\S]*"object":"user"/)
  assert.match(await ask(handshake(ada.token, {}, '/v1/nothing')), /^HTTP\/1\.1 404 [\s\S]*route_not_found/)
  assert.match(await ask(handshake(ada.token, { Upgrade: 'h2c' }, '/v1/me')), /^HTTP\/1\.1 200 /)
  // Node has no socket to hand over for a request with a body.
  assert.match(await ask(`${handshake(ada.token, { 'Content-Length': '5' })}hello`), /^HTTP\/1\.1 426 /)
  const plain = await ask(handshake(ada.token, { Upgrade: undefined }))
  assert.match(plain, /^HTTP\/1\.1 426 [\s\S]*upgrade_required/)
  assert.match(plain, /^upgrade: websocket\r$/im)
})

test('frames that are none close the connection alone, and the server goes on', async (t) => {
  const desk = await openLiveDesk(t)
  const ada = await desk.person()
  const closes: [string, Buffer, number][] = [
    ['not masked', Buffer.from([0x81, 0x02, 0x7b, 0x7d]), 1002],
    ['no UTF-8', Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28]), 1007],
    ['reserved bits', Buffer.from([0xf1, 0x80, 0, 0, 0, 0]), 1002],
    ['of a terabyte', Buffer.from([0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 1009],
    ['binary', Buffer.from([0x82, 0x82, 0, 0, 0, 0, 0x7b, 0x7d]), 4400],
  ]

  for (const [what, bytes, code] of closes) {
    const socket = await upgraded(desk, ada.token)
    socket.write(bytes)
    const text = await all(socket)
    const at = text.lastIndexOf('\x88')
    assert.equal(text.charCodeAt(at + 2) * 256 + text.charCodeAt(at + 3), code, what)
  }
  // Cut off in the middle of a frame, of a handshake, and of the answer to it.
  const half = await upgraded(desk, ada.token)
  half.write(Buffer.from([0x81, 0xfe, 0xff, 0xff, 0, 0, 0, 0, 0x7b]))
  half.resetAndDestroy()
  const early = desk.raw()
  early.write(handshake(ada.token).slice(0, 60))
  early.resetAndDestroy()
  for (let count = 0; count < 20; count++) {
    const socket = desk.raw()
    socket.write(handshake(ada.token), () => socket.resetAndDestroy())
    await once(socket, 'close')
  }
  assert.equal((await ada.get('/v1/me')).status, 200)
})

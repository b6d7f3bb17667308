import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { parseJson } from '../src/platform/http/json.ts'
import { assertDiscreet, assertRefused, assertUnharmed, cpuMs, openTarget, send } from './attacks/assault.ts'
import { type Json, openDesk } from './desk.ts'

// A request that keeps the server busy for long keeps everybody else waiting. In processor time, and measured by how long this machine
// reads the dearest body of that size that there is; the shortest of some tries, since the collector of garbage runs when it likes.
const BUSY = 6
const TRIES = 5

test('a body that cannot be read is refused, and nothing happens', async (t) => {
  const target = await openTarget(await openDesk(t))
  const { admin } = target

  await assertUnharmed(target, async () => {
    for (const [body, code] of [
      ['{', 'malformed_json'],
      ['{"subject":"a","body":"b",}', 'malformed_json'],
      ["{'subject':'a'}", 'malformed_json'],
      ['undefined', 'malformed_json'],
      ['{"subject":"a"} {"body":"b"}', 'malformed_json'],
      ['\ufeff{"subject":"a","body":"b"}', 'malformed_json'],
      ['{"subject":"a\nb","body":"c"}', 'malformed_json'],
      ['{"subject":"a","subject":"b","body":"c"}', 'duplicate_key'],
      ['{"subject":"a","body":"b","\\u0073ubject":"c"}', 'duplicate_key'],
      ['['.repeat(100_000), 'too_deep'],
      [`${'['.repeat(33)}${']'.repeat(33)}`, 'too_deep'],
      [`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`, 'too_deep'],
      ['{"subject":"a","body":"b","__proto__":{"role":"admin"}}', 'forbidden_key'],
      ['{"subject":"a","body":"b","constructor":{"prototype":{"role":"admin"}}}', 'forbidden_key'],
      ['{"subject":"a","body":"b","metadata":{"__proto__":"x"}}', 'forbidden_key'],
    ] as const) {
      const reply = await admin.post('/v1/tickets', body)
      assertRefused(reply, 400, 'malformed_body', body)
      assert.equal(reply.body.errors[0].code, code, body.slice(0, 100))
      assert.ok(reply.text.length < 4000, body.slice(0, 100))
    }
  })
})

test('a body that is no text in UTF-8, or no JSON by its type, is refused', async (t) => {
  const target = await openTarget(await openDesk(t))
  const { desk, ada } = target
  const payload = JSON.stringify({ subject: 'a', body: 'b' })
  const post = (headers: Record<string, string>, bytes: string | Buffer) =>
    send(desk, {
      method: 'POST',
      url: '/v1/tickets',
      headers: { authorization: `Bearer ${ada.token}`, ...headers },
      payload: bytes,
    })

  await assertUnharmed(target, async () => {
    for (const bytes of [
      Buffer.from('{"subject":"caf\xe9","body":"b"}', 'latin1'),
      Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]),
      Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]), // a surrogate written as if it were a character
      Buffer.from(`\ufeff${payload}`, 'utf16le'),
      Buffer.from([0xff, 0xfe, 0x00]),
      gzipSync(payload),
    ])
      assertRefused(await post({ 'content-type': 'application/json' }, bytes), 400, 'malformed_body')

    for (const type of [
      ...['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'],
      ...['application/jsonx', 'json', '', ';', 'application/json, text/plain', 'text/json', 'application/problem+json'],
    ])
      assertRefused(await post({ 'content-type': type }, payload), 415, 'unsupported_media_type', type)
    assertRefused(await post({}, payload), 415, 'unsupported_media_type', 'no type')
    for (const coding of ['gzip', 'br', 'deflate', 'identity, gzip', 'x']) {
      const reply = await post({ 'content-type': 'application/json', 'content-encoding': coding }, gzipSync(payload))
      assertRefused(reply, 415, 'unsupported_media_type', coding)
      assert.equal(reply.headers['accept-encoding'], 'identity')
    }
    const large = JSON.stringify({ subject: 'a', body: 'b'.repeat(8_400_000) })
    assertRefused(await post({ 'content-type': 'application/json' }, large), 413, 'payload_too_large')
    assertRefused(await post({ 'content-type': 'application/json' }, ''), 422, 'validation_failed', 'no body')
  })

  const types = ['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/merge-patch+json']
  for (const type of types) assert.equal((await post({ 'content-type': type }, payload)).status, 201, type)
})

test('values of a wrong kind are refused with their place', async (t) => {
  const target = await openTarget(await openDesk(t))
  const { admin, ada, ticket, message } = target
  const path = `/v1/tickets/${ticket.id}`
  const fine = { subject: 'a', body: 'b' }

  await assertUnharmed(target, async () => {
    const cases: [body: Json, pointer: string][] = [
      ...[null, [], 'text', 1, true].map((body): [Json, string] => [body, '']),
      ...[null, [], ['a'], {}, 1, true, '', '   ', '\u00a0\u3000', 'x'.repeat(301), 'a\r\nBcc: eve@example.com', 'a\tb'].map(
        (subject): [Json, string] => [{ ...fine, subject }, '/subject'],
      ),
      ...[null, [], { toString: 'x' }, 0, false, '', ' \n ', 'x'.repeat(1_048_577)].map((body): [Json, string] => [
        { ...fine, body },
        '/body',
      ]),
      ...['Low', 'urgent ', 1, ['low'], null, 'constructor', 'toString'].map((priority): [Json, string] => [
        { ...fine, priority },
        '/priority',
      ]),
      ...['que_', 'x', 1, [], `que_${'0'.repeat(25)}`, `que_${'u'.repeat(26)}`].map((queue_id): [Json, string] => [
        { ...fine, queue_id },
        '/queue_id',
      ]),
      [{ ...fine, tags: 'vip' }, '/tags'],
      [{ ...fine, tags: ['a', 1] }, '/tags/1'],
      [{ ...fine, tags: ['a,b'] }, '/tags/0'],
      [{ ...fine, tags: [' a'] }, '/tags/0'],
      [{ ...fine, tags: ['a\nb'] }, '/tags/0'],
      [{ ...fine, tags: ['a', '..'] }, '/tags/1'],
      [{ ...fine, tags: ['x'.repeat(51)] }, '/tags/0'],
      [{ ...fine, tags: Array.from({ length: 51 }, (_, i) => `t${i}`) }, '/tags'],
      [{ ...fine, tags: { 0: 'a', length: 1 } }, '/tags'],
      [{ ...fine, cc: [{}] }, '/cc/0'],
      [{ ...fine, cc: ['nobody'] }, '/cc/0'],
      [{ ...fine, cc: ['usr_ü'] }, '/cc/0'],
      [{ ...fine, cc: ['a@b@c'] }, '/cc/0'],
      [{ ...fine, requester: 'ada@example.com' }, '/requester'],
      [{ ...fine, requester: { email: ['a@b.example'] } }, '/requester/email'],
      [{ ...fine, requester: { email: 'a@b.example\r\nBcc: x@y.example' } }, '/requester/email'],
      [{ ...fine, requester: { email: 'a b@c.example' } }, '/requester/email'],
      [{ ...fine, requester: { email: `${'a'.repeat(250)}@b.example` } }, '/requester/email'],
      [{ ...fine, requester: { email: 'a@b.example', name: 'Eve\r\nBcc: x@y.example' } }, '/requester/name'],
      [{ ...fine, requester: { email: 'a@b.example', role: 'admin' } }, '/requester/role'],
      [{ ...fine, external_id: ' x' }, '/external_id'],
      [{ ...fine, external_id: 7 }, '/external_id'],
      [{ ...fine, external_id: 'x'.repeat(201) }, '/external_id'],
      [{ ...fine, metadata: [] }, '/metadata'],
      [{ ...fine, metadata: { a: 1 } }, '/metadata/a'],
      [{ ...fine, metadata: { a: { b: 'c' } } }, '/metadata/a'],
      [{ ...fine, metadata: { a: 'x'.repeat(501) } }, '/metadata/a'],
      [{ ...fine, metadata: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, 'v'])) }, '/metadata'],
      [{ ...fine, id: 'tkt_1' }, '/id'],
      [{ ...fine, role: 'admin' }, '/role'],
      [{ ...fine, constructor: 'x' }, '/constructor'],
      [{ ...fine, hasOwnProperty: 1 }, '/hasOwnProperty'],
    ]
    for (const [body, pointer] of cases) {
      const reply = await admin.post('/v1/tickets', JSON.stringify(body))
      assertRefused(reply, 422, 'validation_failed', JSON.stringify(body))
      assert.ok(
        reply.body.errors.some((error: Json) => error.pointer === pointer),
        `${JSON.stringify(body).slice(0, 200)}: ${reply.text.slice(0, 300)}`,
      )
    }
    for (const [raw, code] of [
      ['{"subject":"a\\u0000b","body":"c"}', 'bad_text'],
      ['{"subject":"a","body":"\\ud800"}', 'bad_text'],
      ['{"subject":"a","body":"b","\\udfff":1}', 'bad_text'],
      ['{"subject":"a","body":"b","priority":1e400}', 'bad_number'],
      ['{"subject":"a","body":"b","priority":9007199254740993}', 'bad_number'],
    ] as const) {
      const reply = await admin.post('/v1/tickets', raw)
      assertRefused(reply, 422, 'validation_failed', raw)
      assert.equal(reply.body.errors[0].code, code)
    }
    for (const changes of [{ status: 'gone' }, { assignee_id: 'me' }, { number: 7 }, { version: 1 }, { subject: null }, []]) {
      const reply = await admin.patch(path, JSON.stringify(changes))
      assert.ok([409, 422].includes(reply.status), `${JSON.stringify(changes)}: ${reply.text}`)
    }
    for (const body of [{ body: 'x', visibility: 'internal' }, { body: 'x', visibility: ['public'] }, { body: ['x'] }, {}])
      assertRefused(await ada.post(`${path}/messages`, body), 422, 'validation_failed', JSON.stringify(body))
    assertRefused(await admin.post(`${path}/claim`, { assignee_id: ada.id }), 422, 'validation_failed', 'takes no body')
    assertRefused(await admin.post(`${path}/tags`), 422, 'validation_failed', 'needs a body')
    assertRefused(await admin.patch(`${path}/messages/${message.id}`, ''), 422, 'validation_failed', 'needs a body')
    for (const [setting, values] of Object.entries({
      message_edit_seconds: ['1', 1.5, -1, 1e15, 2_592_001, null, true, [1]],
      registration: ['OPEN', '', 1],
      default_queue_id: ['', 'que_missing', 'x y', 1],
    }))
      for (const value of values) {
        const reply = await admin.patch('/v1/settings', { [setting]: value })
        assertRefused(reply, 422, 'validation_failed', `${setting} ${value}`)
      }
  })
})

test('a wrong path, query or method is refused', async (t) => {
  const target = await openTarget(await openDesk(t))
  const { desk, admin, ada, ticket } = target

  await assertUnharmed(target, async () => {
    for (const path of [
      ...[
        '/',
        '/v1',
        '/v1/',
        '/v2/tickets',
        '/v1/ticket',
        '/v1/tickets/',
        '/v1//tickets',
        '//v1/tickets',
        '/v1/tickets//messages',
      ],
      ...['/v1/TICKETS', '/v1/tickets;a=b', '/v1/tickets%2F1001', '/v1/__proto__', '/v1/constructor', '/etc/passwd'],
      ...[
        '/docs/..%2f..%2fpackage.json',
        '/docs/%2e%2e/%2e%2e/package.json',
        '/docs/assets/../../package.json',
        '/.env',
        '/v1/me/x',
      ],
    ]) {
      assertRefused(await admin.get(path), 404, 'route_not_found', path)
      if (!path.startsWith('/docs')) assertRefused(await desk.anyone.post(path, {}), 404, 'route_not_found', path)
    }
    for (const name of [
      ...[
        'tkt_1',
        '0',
        '-1',
        '1e3',
        '1.5',
        '01',
        '1'.repeat(16),
        'ext:',
        `ext:${'x'.repeat(201)}`,
        'me',
        '__proto__',
        '%00',
        'ext:%00',
      ],
      ...['ext:%0a', `tkt_${'U'.repeat(26)}`, '%20', 'null', 'undefined', '1001%20', '*', "1'--", '%7B%7D'],
    ])
      assertRefused(await admin.get(`/v1/tickets/${name}`), 400, 'invalid_parameter', name)
    for (const name of ['%', '%zz', '%ff', 'ext:%ff', 'ext:%ed%a0%80', '%c0%ae'])
      assertRefused(await admin.get(`/v1/tickets/${name}`), 400, 'bad_request', name)
    assertRefused(await admin.get(`/v1/tickets/${'x'.repeat(4000)}`), 414, 'uri_too_long')
    for (const name of ['9'.repeat(15), 'ext:a/b', 'ext:..', 'ext:ü', `ext:${'💥'.repeat(200)}`, 'ext:%25', 'ext:a?b#c'])
      assertRefused(await admin.get(`/v1/tickets/${encodeURIComponent(name)}`), 404, 'not_found', name)

    for (const [query, code] of [
      ...['limit=0', 'limit=101', 'limit=-1', 'limit=1.5', 'limit=1e1', 'limit=0x10', 'limit=', 'limit=%31%20', 'limit=NaN'].map(
        (q) => [q],
      ),
      ...[
        'limit=9007199254740993',
        'limit=true',
        'limit=10&limit=20',
        'status=open&status=new',
        'q=',
        `q=${'x'.repeat(501)}`,
      ].map((q) => [q]),
      ...[
        'priority=loud',
        'priority=low,,high',
        'status_category=',
        'sort=subject',
        'sort=--number',
        'sort=created_at,number',
      ].map((q) => [q]),
      ...[
        'assignee_id=you',
        'queue_id=general',
        'requester_id=none',
        'include=everything',
        'tag=',
        'q=foo:bar',
        'q=priority:loud',
      ].map((q) => [q]),
      ...[
        'created_at[gte]=yesterday',
        'created_at[gte]=2026-13-01T00:00:00Z',
        'created_at[gte]=2026-01-01',
        'updated_at[lt]=0',
      ].map((q) => [q]),
      ...[
        'created_at[gte]=2026-01-01T00:00:00',
        'created_at[gte]=2026-01-01T25:00:00Z',
        'updated_at[lt]=2026-01-01T00:00:00+99:00',
      ].map((q) => [q]),
      ...['cursor=', 'cursor=x', 'cursor=AAAA.AAAAAAAAAAAAAAAAAAAAAA', `cursor=${'A'.repeat(2001)}`, 'cursor=%00'].map((q) => [
        q,
      ]),
      ...['q=%00', 'q=%ff', 'q=%zz', 'q=%', 'q=%ed%a0%80', 'status=%c0%ae', 'tag=%E0%A4%A', `status=${'a,'.repeat(60)}a`].map(
        (q) => [q],
      ),
      ...[
        'limits=5',
        '__proto__=1',
        'constructor=1',
        'toString=1',
        'hasOwnProperty=1',
        'limit[]=5',
        'created_at=2026-01-01T00:00:00Z',
      ].map((q) => [q, 'u']),
      ...[
        'LIMIT=5',
        '%6cimit%00=5',
        'created_at[after]=2026-01-01T00:00:00Z',
        '=5',
        '[]',
        '__proto__[role]=admin',
        '%F0%9F%92%A5=1',
      ].map((q) => [q, 'u']),
    ]) {
      const reply = await admin.get(`/v1/tickets?${query}`)
      assertRefused(reply, 400, code === 'u' ? 'unknown_parameter' : 'invalid_parameter', query)
    }
    assert.match((await admin.get('/v1/tickets?asignee_id=me')).body.detail, /Did you mean assignee_id\?/)
    for (const query of [
      'after=-1',
      'after=x',
      'after=1e3',
      'type=*',
      'type=ticket',
      'type=ticket.created.x',
      'type=é.é',
      'include=body',
    ])
      assertRefused(await admin.get(`/v1/events?${query}`), 400, 'invalid_parameter', query)
    for (const path of [
      '/v1/users?role=boss',
      '/v1/users?active=yes',
      '/v1/users?active=1',
      '/v1/users/a%20b',
      '/v1/queues?key=A',
    ])
      assertRefused(await admin.get(path), 400, 'invalid_parameter', path)
    for (const path of [`/v1/tickets/${ticket.id}`, '/v1/me', '/v1/settings', '/v1/users/usr_1'])
      assertRefused(await admin.get(`${path}?verbose=1`), 400, 'unknown_parameter', path)

    for (const [method, path, allow] of [
      ['POST', '/v1/me', 'GET, HEAD, PATCH'],
      ['PUT', '/v1/tickets', 'GET, HEAD, POST'],
      ['GET', '/v1/auth/login', 'POST'],
      ['DELETE', '/v1/settings', 'GET, HEAD, PATCH'],
      ['PATCH', `/v1/tickets/${ticket.id}/close`, 'POST'],
      ['OPTIONS', '/v1/tickets', 'GET, HEAD, POST'],
      ['POST', '/livez', 'GET, HEAD'],
      ['DELETE', '/docs', 'GET, HEAD'],
    ] as const) {
      const reply = await send(desk, { method, url: path })
      assertRefused(reply, 405, 'method_not_allowed', `${method} ${path}`)
      assert.deepEqual(String(reply.headers.allow).split(', ').sort().join(', '), allow)
    }
    const head = await send(desk, { method: 'HEAD', url: '/v1/me', headers: { authorization: `Bearer ${ada.token}` } })
    assert.deepEqual([head.status, head.text], [200, ''])
  })
})

test('a time that is in no calendar is refused', async (t) => {
  const { admin } = await openTarget(await openDesk(t))

  for (const time of ['2026-02-30T00:00:00Z', '2026-04-31T00:00:00Z', '2026-01-01T24:00:01Z'])
    assertRefused(await admin.get(`/v1/tickets?created_at[gte]=${time}`), 400, 'invalid_parameter', time)
  const expires_at = '9999-12-31T23:59:59-23:59'
  assertRefused(await admin.post('/v1/api-keys', { name: 'k', expires_at }), 422, 'validation_failed', expires_at)
})

test('what stands in the query or the path and is merely odd finds nothing', async (t) => {
  const target = await openTarget(await openDesk(t))
  const { admin, ada } = target

  await assertUnharmed(target, async () => {
    for (const query of [
      ...['tag=%27%20or%201%3D1', 'tag=%F0%9F%92%A5'],
      ...[
        'q=%22%28%2A%2B-%7E%40%3E%3C',
        'q=%2Bfoo%20-bar',
        'q=a%00b'.replace('%00', ''),
        'q=NEAR(a%20b)',
        'q=*',
        'q=%25%25',
        'q=::',
        'q=%E2%80%AE',
      ],
      ...[`q=${'tag:a%20'.repeat(80)}`],
      ...['created_at[gte]=9999-12-31T23:59:59Z', 'created_at[lt]=0000-01-01T00:00:00Z', `q=${'%F0%9F%92%A5'.repeat(400)}`],
      `q=${'%E4%B8%AD'.repeat(500)}`,
    ])
      for (const caller of [admin, ada]) {
        const reply = await caller.get(`/v1/tickets?include=total&${query}`)
        assert.equal(reply.status, 200, `${query}: ${reply.text}`)
        assert.deepEqual([reply.body.data.length, reply.body.total], [0, 0], query)
      }
    for (const query of [
      'status=nope',
      'status=%C3%BC',
      'q=status:%C3%BC',
      'q=queue_id:%C3%BC',
      'q=assignee_id:you',
      'q=-tag:x',
      'q=created%3E2026',
      `status=${'a,'.repeat(49)}a`,
    ])
      for (const caller of [admin, ada]) {
        const reply = await caller.get(`/v1/tickets?${query}`)
        assert.deepEqual([reply.status, reply.body.code], [400, 'invalid_parameter'], query)
      }
    for (const query of ['email=%F0%9F%92%A5', 'external_id=%C3%BC', 'organization_id=none,x', `email=${'x'.repeat(320)}`])
      assert.equal((await admin.get(`/v1/users?${query}`)).status, 200, query)
    assert.equal((await admin.get('/v1/events?type=constructor.prototype')).status, 200)
    assert.equal((await admin.get('/v1/events?after=999999999999999')).status, 410)
  })
})

test('odd text comes back as it was sent', async (t) => {
  const { admin, ticket } = await openTarget(await openDesk(t))
  const odd = '\u202eevil\u202c \u200f💥👩‍👩‍👧 \ufdfa\ufffe İı ß ﬁ e\u0301'

  const { body: made } = await admin.post('/v1/tickets', {
    subject: odd,
    body: odd,
    tags: ['💥'.repeat(50), 'İ'.repeat(50), '\ufb2c'.repeat(50), 'a/b?c#d%e', '...', '__proto__', "' or 1=1"],
    external_id: 'ORD/77 %2F?#\\..ü💥',
    metadata: { constructor: 'x', toString: 'y', 'a/b~c': '\u2028' },
    requester: { email: 'ünï@exämple.example', name: odd },
  })
  assert.equal(made.subject, odd)
  assert.equal(made.tags.length, 7)
  assert.deepEqual(made.metadata, { constructor: 'x', toString: 'y', 'a/b~c': '\u2028' })
  const path = `/v1/tickets/${encodeURIComponent(`ext:${made.external_id}`)}`
  assert.equal((await admin.get(path)).body.id, made.id)
  for (const tag of made.tags) {
    const found = await admin.get(`/v1/tickets?tag=${encodeURIComponent(tag)}`)
    assert.equal(found.body.data?.[0]?.id, made.id, `${tag}: ${found.text}`)
    const { status, body, text } = await admin.delete(`${path}/tags/${encodeURIComponent(tag)}`)
    assert.equal(status, 200, text)
    assert.ok(!body.tags.includes(tag), tag)
  }
  const wide = '💥'.repeat(300)
  assert.equal((await admin.patch(`/v1/tickets/${ticket.id}`, { subject: wide })).body.subject, wide)
  const long = { ...made, external_id: 'ü'.repeat(200) }
  assert.equal((await admin.patch(path, { external_id: long.external_id })).status, 200)
  assert.equal((await admin.get(`/v1/tickets/${encodeURIComponent(`ext:${long.external_id}`)}`)).body.id, made.id)
  const client_id = '"\\/💥'.repeat(50)
  const first = await admin.post(`/v1/tickets/${ticket.id}/messages`, { body: 'x', client_id })
  assert.equal((await admin.post(`/v1/tickets/${ticket.id}/messages`, { body: 'x', client_id })).body.id, first.body.id)
})

test('a cursor opens nothing but the list that it was given for', async (t) => {
  const target = await openTarget(await openDesk(t))
  const { admin, ada, ticket } = target
  for (const n of [1, 2, 3]) await ada.post('/v1/tickets', { subject: `n${n}`, body: 'x' })
  const { next_cursor: cursor } = (await admin.get('/v1/tickets?limit=2')).body
  const other = (await ada.get('/v1/tickets?limit=2')).body.next_cursor

  await assertUnharmed(target, async () => {
    for (const path of [
      '/v1/tickets?sort=number',
      '/v1/tickets?status=new',
      '/v1/tickets?q=x',
      `/v1/tickets/${ticket.id}/messages?`,
    ])
      assertRefused(await admin.get(`${path}&cursor=${cursor}`.replace('?&', '?')), 400, 'cursor_mismatch', path)
    for (const path of ['/v1/users', '/v1/queues', '/v1/me/sessions', '/v1/api-keys'])
      assertRefused(await admin.get(`${path}?cursor=${cursor}`), 400, 'cursor_mismatch', path)
    const text = String(cursor)
    const flipped = Array.from(text, (letter, i) =>
      i % 20 === 3 ? text.slice(0, i) + (letter === 'A' ? 'B' : 'A') + text.slice(i + 1) : '',
    )
    const sealed = Buffer.from('["x",1,"y"]').toString('base64url')
    for (const forged of [
      ...[
        text.slice(4),
        text.slice(0, -4),
        `${text}AAAA`,
        `AAAA${text}`,
        `${text}.${text}`,
        text.toUpperCase(),
        sealed,
        'A'.repeat(200),
      ],
      ...flipped.filter((one) => one !== ''),
    ])
      assertRefused(await admin.get(`/v1/tickets?cursor=${forged}`), 400, 'invalid_parameter', forged)
  })
  const { body } = await admin.get(`/v1/tickets?limit=2&cursor=${cursor}`)
  assert.equal(body.data.length, 2)
  // Somebody else's place is a place, and shows him no more than he sees anyway.
  const stranger = await target.desk.person()
  assert.deepEqual((await stranger.get(`/v1/tickets?limit=2&cursor=${other}`)).body.data, [])
})

test('a credential that is not ours opens nothing', async (t) => {
  const target = await openTarget(await openDesk(t))
  const { desk, admin, ada } = target
  const [head = '', claims = '', signature = ''] = admin.token.split('.')
  const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, unknown>
  const payload = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>
  const pack = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const { keys } = (await desk.anyone.get('/.well-known/jwks.json')).body
  const hs256 = (secret: string, alg = 'HS256') => {
    const text = `${pack({ ...header, alg })}.${claims}`
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
  }
  const foreign = generateKeyPairSync('ed25519')
  const jwk = foreign.publicKey.export({ format: 'jwk' })
  const signedBy = (more: Record<string, unknown>, body: unknown = payload) => {
    const text = `${pack({ ...header, ...more })}.${pack(body)}`
    return `${text}.${sign(null, Buffer.from(text), foreign.privateKey).toString('base64url')}`
  }
  const kids: unknown[] = [
    ...[
      '',
      'x',
      '../../../dev/null',
      "' or 1=1 --",
      '/etc/passwd',
      'kid_ü',
      '\u0000',
      '__proto__',
      'constructor',
      'x'.repeat(5000),
    ],
    ...['kid_01k9zz3c5pe6nrzv8d1a2b3c4d', header.kid],
  ]
  const forged = [
    ...['none', 'None', 'NONE', '', 'HS256', 'RS256', 'ES256', 'Ed25519x'].map((alg) => `${pack({ ...header, alg })}.${claims}.`),
    ...['none', 'HS256', 'ES256'].map((alg) => `${pack({ ...header, alg })}.${claims}.${signature}`),
    ...[JSON.stringify(keys[0]), keys[0].x, Buffer.from(keys[0].x, 'base64url').toString('latin1'), ''].map((secret) =>
      hs256(secret),
    ),
    ...kids.map((kid) => signedBy({ kid })),
    ...[
      { jwk },
      { jku: 'http://127.0.0.1:9/jwks' },
      { x5u: 'http://127.0.0.1:9/' },
      { crit: ['exp'] },
      { b64: false, crit: ['b64'] },
    ].map((more) => signedBy(more)),
    ...[{ typ: 'JWT' }, { typ: undefined }, { alg: undefined }, { zip: 'DEF' }].map((more) => signedBy(more)),
    `${head}.${pack({ ...payload, sub: ada.id })}.${signature}`,
    `${head}.${pack({ ...payload, exp: 9_999_999_999 })}.${signature}`,
    `${pack({ ...header, kid: undefined })}.${claims}.${signature}`,
    ...[
      `${head}.${claims}`,
      `${head}..${signature}`,
      `..`,
      `.${claims}.`,
      `${admin.token}.x`,
      `${admin.token}x`,
      `x${admin.token}`,
      '.'.repeat(5000),
    ],
    ...[
      `${pack([])}.${claims}.${signature}`,
      `${pack('x')}.${pack(1)}.x`,
      `${pack(null)}.${pack(null)}.`,
      '!!!.???.***',
      'e30.e30.e30',
    ],
    ...[
      'beckon_sk_',
      `beckon_sk_${'x'.repeat(43)}`,
      'beckon_pk_x',
      `beckon_sk_${'x'.repeat(9000)}`,
      admin.refresh_token,
      admin.session_id,
      admin.id,
    ],
    ...['null', 'undefined', 'true', '0', '__proto__', "'or'1'='1", 'x'.repeat(12_000)],
  ]

  await assertUnharmed(target, async () => {
    for (const token of forged) {
      const reply = await desk.bearer(token).get('/v1/me')
      assertRefused(reply, 401, 'invalid_token', token)
      assert.match(String(reply.headers['www-authenticate']), /^Bearer error="invalid_token"/)
    }
    for (const authorization of [
      ...[
        '',
        'Bearer',
        'Bearer ',
        `Bearer ${admin.token} x`,
        `Bearer  \t`,
        `Basic ${admin.token}`,
        admin.token,
        `Token ${admin.token}`,
      ],
      ...[
        `Bearer ${admin.token},Bearer ${admin.token}`.replace(',', ', '),
        `Bearer=${admin.token}`,
        `Bearer é`,
        `Bearer: ${admin.token}`,
      ],
    ])
      assertRefused(await send(desk, { url: '/v1/me', headers: { authorization } }), 401, 'unauthenticated', authorization)
    assertRefused(await send(desk, { url: '/v1/me', headers: { cookie: `access_token=${admin.token}` } }), 401, 'unauthenticated')
    assertRefused(await send(desk, { url: '/v1/me', query: { access_token: admin.token } }), 401, 'unauthenticated')
  })
  assert.equal((await send(desk, { url: '/v1/me', headers: { authorization: `bearer   ${admin.token}` } })).status, 200)

  desk.clock.advance(601_000)
  assertRefused(await admin.get('/v1/me'), 401, 'invalid_token', 'expired')
  const refreshed = await desk.anyone.post('/v1/auth/refresh', { refresh_token: ada.refresh_token })
  assert.equal(refreshed.status, 200)
  await desk.bearer(refreshed.body.access_token).get('/v1/me')
  await desk.anyone.post('/v1/auth/refresh', { refresh_token: refreshed.body.refresh_token })
  desk.clock.advance(11_000)
  assertRefused(
    await desk.anyone.post('/v1/auth/refresh', { refresh_token: ada.refresh_token }),
    401,
    'invalid_refresh_token',
    'reused',
  )
  assertRefused(await desk.bearer(refreshed.body.access_token).get('/v1/me'), 401, 'invalid_token', 'its family')
  for (const refresh_token of [
    'x',
    `${ada.refresh_token}x`,
    ada.refresh_token.replace('.1.', '.999999999999999.'),
    'beckon_rt_..',
    '💥',
  ])
    assertRefused(await desk.anyone.post('/v1/auth/refresh', { refresh_token }), 401, 'invalid_refresh_token', refresh_token)
})

test('a token whose key id is no text opens nothing', async (t) => {
  const { desk, admin } = await openTarget(await openDesk(t))
  const [, claims, signature] = admin.token.split('.')

  for (const kid of [
    0,
    1,
    true,
    null,
    [],
    {},
    ['kid'],
    { length: 30 },
    Array.from({ length: 30 }, () => 'k'),
    { toString: 'x' },
  ]) {
    const head = Buffer.from(JSON.stringify({ alg: 'EdDSA', typ: 'at+jwt', kid })).toString('base64url')
    assertRefused(await desk.bearer(`${head}.${claims}.${signature}`).get('/v1/me'), 401, 'invalid_token', JSON.stringify(kid))
  }
})

test('headers of rubbish are refused or ignored', async (t) => {
  const target = await openTarget(await openDesk(t))
  const { desk, admin, ada, agent, ticket } = target
  const path = `/v1/tickets/${ticket.id}`

  await assertUnharmed(target, async () => {
    for (const key of ['', ' '.repeat(0), 'x'.repeat(256), 'é', 'a\tb', '💥'.slice(0, 1) && 'ü'.repeat(10)])
      assertRefused(
        await ada.post('/v1/tickets', { subject: 'a', body: 'b' }, { 'idempotency-key': key }),
        400,
        'invalid_parameter',
        `key ${key}`,
      )
    for (const tag of ['x', '"', '"a', 'a"', 'W/x', '"a" "b"', "'a'", '*, "a"', 'w/"a"', '"é"', ','])
      for (const [name, status] of [
        ['if-match', 400],
        ['if-none-match', 400],
      ] as const) {
        const reply =
          name === 'if-match' ? await ada.patch(path, { subject: 'x' }, { [name]: tag }) : await ada.get(path, { [name]: tag })
        assertRefused(reply, status, 'invalid_parameter', `${name} ${tag}`)
      }
    for (const tag of ['"p0"', 'W/"p1"', '"i1"', `"${'x'.repeat(5000)}"`, '"", "y"', '""']) {
      const reply = await ada.patch(path, { subject: 'x' }, { 'if-match': tag })
      assertRefused(reply, 412, 'version_conflict', tag)
      assert.equal(reply.body.current_version, 1)
    }
    for (const tag of ['*', 'W/"p1"', '"x", "p1"']) assert.equal((await ada.get(path, { 'if-none-match': tag })).status, 304, tag)
    assertRefused(await ada.get('/v1/nope', { 'if-none-match': '*' }), 404, 'route_not_found')

    for (const headers of [
      { traceparent: 'x' },
      { traceparent: `00-${'0'.repeat(32)}-${'0'.repeat(16)}-00'"\\` },
      { traceparent: 'é'.repeat(100), tracestate: '\u0001'.slice(1) },
      { range: 'bytes=0-1' },
      { range: 'bytes=999999999999-' },
      { 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE' },
      { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'javascript', forwarded: 'for=evil;host=evil.example' },
      { 'x-original-url': '/v1/users', 'x-rewrite-url': '/v1/users' },
      { host: 'evil.example' },
      { host: 'evil.example\'"><script>' },
      { accept: 'image/png', 'accept-language': '*;q=x', 'accept-encoding': 'gzip;q=x, *;q=99' },
      { te: 'trailers', upgrade: 'h2c', connection: 'x' },
      { 'user-agent': '<script>'.repeat(500) },
    ] as Record<string, string>[]) {
      const reply = await ada.get('/v1/tickets?limit=1', headers)
      assert.equal(reply.status, 200, JSON.stringify(headers))
      assert.equal(reply.body.data[0].id, ticket.id)
      assert.doesNotMatch(JSON.stringify(reply.headers) + reply.text, /evil|<script/, JSON.stringify(headers))
      assert.equal(reply.headers['access-control-allow-origin'], undefined)
    }
    const many = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`x-${i}`, '1']))
    assertRefused(await send(desk, { url: '/v1/me', headers: many }), 431, 'headers_too_large')
    const absent = await ada.get('/v1/nope', { host: 'evil.example' })
    assert.doesNotMatch(absent.text + JSON.stringify(absent.headers), /evil/)
  })

  // A key is its principal's own; another body under it is refused; a replay shows no more than its reader may see.
  const key = { 'idempotency-key': 'same key' }
  const hers = await ada.post('/v1/tickets', { subject: 'a', body: 'b' }, key)
  const theirs = await agent.post('/v1/tickets', { subject: 'a', body: 'b' }, key)
  assert.deepEqual([hers.status, theirs.status], [201, 201])
  assert.notEqual(hers.body.id, theirs.body.id)
  assertRefused(await ada.post('/v1/tickets', { subject: 'a', body: 'c' }, key), 422, 'idempotency_key_reused')
  assertRefused(await ada.post(`/v1/tickets/${ticket.id}/close`, {}, key), 422, 'idempotency_key_reused')
  assert.equal((await ada.post('/v1/tickets', { subject: 'a', body: 'b' }, key)).headers['idempotent-replayed'], 'true')
  assertRefused(await desk.anyone.post('/v1/tickets', { subject: 'a', body: 'b' }, key), 401, 'unauthenticated')

  // One winner, and no half of a loser.
  const second = await desk.person({ role: 'agent' })
  const claims = await Promise.all([agent, second, admin].map((caller) => caller.post(`${path}/claim`)))
  assert.deepEqual(claims.map(({ status }) => status).sort(), [200, 409, 409])
  for (const reply of claims.filter(({ status }) => status === 409)) assertRefused(reply, 409, 'already_assigned')
  const seen = { 'if-match': String((await ada.get(path)).headers.etag) }
  const edits = await Promise.all(['x', 'y'].map((subject) => ada.patch(path, { subject }, seen)))
  assert.deepEqual(edits.map(({ status }) => status).sort(), [200, 412])
})

test('nobody else is counted for a made-up forwarding address, and no other origin may read', async (t) => {
  const desk = await openDesk(t, { env: { BECKON_RATE_LIMIT_PER_MINUTE: '3', BECKON_CORS_ORIGINS: 'https://app.example' } })
  const ask = (n: number, origin = 'https://evil.example') =>
    desk.anyone.get('/v1/me', {
      'x-forwarded-for': `10.0.0.${n}`,
      'x-real-ip': `10.0.0.${n}`,
      forwarded: `for=10.0.0.${n}`,
      origin,
    })

  for (const n of [1, 2, 3]) assertRefused(await ask(n), 401, 'unauthenticated')
  const reply = await ask(4)
  assertRefused(reply, 429, 'rate_limited')
  assert.ok(Number(reply.headers['retry-after']) > 0)
  assert.equal(reply.headers['access-control-allow-origin'], undefined)
  assert.equal((await ask(5, 'https://app.example')).headers['access-control-allow-origin'], 'https://app.example')

  for (const origin of [
    'https://evil.example',
    'null',
    'https://app.example.evil.example',
    'http://app.example',
    'https://APP.example',
  ]) {
    const headers = { origin, 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'authorization' }
    const preflight = await send(desk, { method: 'OPTIONS', url: '/v1/tickets', headers })
    assert.equal(preflight.headers['access-control-allow-origin'], undefined, origin)
    assert.match(String(preflight.headers['request-id']), /^req_/)
  }
  const headers = { origin: 'https://app.example', 'access-control-request-method': 'PATCH' }
  const preflight = await send(desk, { method: 'OPTIONS', url: '/v1/tickets/1', headers })
  assert.equal(preflight.status, 204)
  assert.equal(preflight.headers['access-control-allow-origin'], 'https://app.example')
  assert.equal(preflight.headers['access-control-allow-credentials'], undefined)
  assert.match(String(preflight.headers['request-id']), /^req_/)
  assert.equal(preflight.headers['x-content-type-options'], 'nosniff')
})

test('no body keeps the server busy', async (t) => {
  const { desk, admin, ticket } = await openTarget(await openDesk(t))
  const mega = 1_000_000
  const register = (name: unknown) =>
    desk.anyone.post('/v1/auth/register', { email: 'a@b.example', password: 'x'.repeat(20), name })
  const attacks: Record<string, () => Promise<{ status: number; text: string }>> = {
    'a name and a line break': () => register(`${'a'.repeat(mega)}\n`),
    'blanks and a line break': () => register(`${' '.repeat(mega)}\n`),
    'letters and blanks': () => register(`${'a '.repeat(mega / 2)}\n`),
    'a subject and a line break': () => admin.post('/v1/tickets', { subject: `${'a'.repeat(mega)}\n`, body: 'x' }),
    'an external id': () => admin.post('/v1/tickets', { subject: 'a', body: 'x', external_id: `${'a'.repeat(mega)} ` }),
    'a client id': () => admin.post(`/v1/tickets/${ticket.id}/messages`, { body: 'x', client_id: `${'a '.repeat(mega / 2)}` }),
    'an address': () => desk.anyone.post('/v1/auth/password/forgot', { email: `${'a@'.repeat(mega / 2)}b` }),
    'an address of many parts': () => desk.anyone.post('/v1/auth/password/forgot', { email: `a@${'a-'.repeat(120)}` }),
    'a password': () => desk.anyone.post('/v1/auth/login', { email: 'a@b.example', password: 'x'.repeat(mega) }),
    'many wrong tags': () => admin.post(`/v1/tickets/${ticket.id}/tags`, `{"tags":[${'1,'.repeat(mega / 2 - 50)}1]}`),
    'many equal scopes': () => admin.post('/v1/api-keys', `{"name":"x","scopes":[${'"x",'.repeat(mega / 4 - 50)}"x"]}`),
    'many teams': () =>
      admin.post(
        '/v1/queues',
        `{"key":"x","name":"x","team_ids":[${Array.from({ length: 110_000 }, (_, i) => `"t${i}"`).join()}]}`,
      ),
    'many unknown keys': () => admin.post('/v1/tickets', `{${Array.from({ length: 100_000 }, (_, i) => `"k${i}":0`).join()}}`),
    'much metadata': () =>
      admin.post(
        '/v1/tickets',
        `{"subject":"a","body":"b","metadata":{${Array.from({ length: 90_000 }, (_, i) => `"k${i}":0`).join()}}}`,
      ),
    'one huge key': () => admin.post('/v1/tickets', `{"${'k'.repeat(mega)}":1}`),
    'a huge number': () => admin.post('/v1/tickets', `{"subject":${'9'.repeat(mega)}}`),
    'a late fault': () => admin.post('/v1/tickets', `{"a":[${'"b\\u0000",'.repeat(mega / 10)}"c"]}`),
    'many braces': () => admin.post('/v1/tickets', '[{}'.repeat(mega / 3)),
    escapes: () => admin.post('/v1/tickets', `{"a":"${'\\"'.repeat(mega / 2 - 50)}","a":1}`),
  }
  for (const attack of Object.values(attacks)) await attack() // so that nothing is measured for the first time
  const manyNames = `{${Array.from({ length: 100_000 }, (_, i) => `"k${i}":0`).join()}}`
  let readingMs = Number.POSITIVE_INFINITY
  for (let i = 0; i < TRIES; i++) readingMs = Math.min(readingMs, await cpuMs(() => parseJson(manyNames)))

  for (const [name, attack] of Object.entries(attacks)) {
    let reply = { status: 0, text: '' }
    let ms = Number.POSITIVE_INFINITY
    for (let i = 0; i < TRIES && ms >= BUSY * readingMs; i++) {
      const took = await cpuMs(async () => {
        reply = await attack()
      })
      ms = Math.min(ms, took)
    }
    assert.ok(reply.status >= 400 && reply.status < 500, `${name}: ${reply.status}`)
    assert.ok(ms < BUSY * readingMs, `${name} takes ${Math.round(ms)} ms, and reading ${Math.round(readingMs)} ms`)
    assert.ok(reply.text.length < 20_000, `${name} is answered with ${reply.text.length} characters`)
    assertDiscreet(reply.text)
  }
})

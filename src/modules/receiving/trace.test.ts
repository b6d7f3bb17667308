import assert from 'node:assert/strict'
import { test } from 'node:test'
import { traceField } from './trace.ts'

const handover = {
  helo: 'mx.example.org',
  address: '192.0.2.7',
  by: 'desk.example.com',
  protocol: 'ESMTPS',
  id: 'abc.1',
  recipient: 'support@example.com',
  at: new Date(Date.UTC(2026, 10, 22, 9)),
}

test('a mail tells who handed it over', () => {
  assert.equal(
    traceField(handover),
    'Received: from mx.example.org ([192.0.2.7])\r\n by desk.example.com (Beckon) with ESMTPS id abc.1\r\n for <support@example.com>;\r\n Sun, 22 Nov 2026 09:00:00 +0000\r\n',
  )
  assert.match(
    traceField({ ...handover, address: '2001:db8::7', recipient: null }),
    /^Received: from mx\.example\.org \(\[IPv6:2001:db8::7\]\)/,
  )
})

test('nothing that a client says begins a line of its own', () => {
  const nasty = 'evil\r\nSubject: hello (x) <y>; z\u0000é'

  const field = traceField({ ...handover, helo: nasty, recipient: nasty })

  assert.deepEqual(
    field.split('\r\n').map((line) => line.slice(0, 9)),
    ['Received:', ' by desk.', ' for <evi', ' Sun, 22 ', ''],
  )
  assert.match(field, /^Received: from evilSubject:helloxyz \(\[192\.0\.2\.7\]\)\r\n/)
  assert.match(traceField({ ...handover, helo: '\r\n' }), /^Received: from unknown /)
})

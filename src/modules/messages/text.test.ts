import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'
import { BODY_MAX } from './text.ts'

const MEBIBYTE = 1024 * 1024

test('a message of a mebibyte of characters is taken, kept to the letter, and found by its first words', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const { body: ticket } = await ada.post('/v1/tickets', { subject: 'Long', body: 'Short' })
  const path = `/v1/tickets/${ticket.id}/messages`
  await desk.announcements()
  const bodies = [
    `zebra ${'\u{1f5a8}'.repeat(BODY_MAX - 6)}`,
    `**zebra** ${'"<&>\n'.repeat(BODY_MAX)}`.slice(0, BODY_MAX),
    `${'zebra\u0001\n\n'.repeat(BODY_MAX)}`.slice(0, BODY_MAX),
  ]

  for (const [i, body] of bodies.entries()) {
    const posted = await ada.post(path, { body }, { 'idempotency-key': `long ${i}` })
    const again = await ada.post(path, { body }, { 'idempotency-key': `long ${i}` })
    const read = await ada.get(`${path}/${posted.body.id}`)

    assert.equal(posted.status, 201)
    assert.equal(read.body.body, body)
    assert.equal(again.headers['idempotent-replayed'], 'true')
    assert.equal(again.text, posted.text)
  }
  await desk.announced(bodies.map(() => 'message.created'))
  assert.equal((await ada.get('/v1/tickets?q=zebra')).body.data.length, 1)

  const tooLong = await ada.post(path, { body: 'x'.repeat(BODY_MAX + 1) })
  assert.equal(tooLong.status, 422)
  assert.deepEqual([tooLong.body.code, tooLong.body.errors[0].code], ['validation_failed', 'too_long'])
  const tooLarge = await ada.post(path, { body: 'x'.repeat(9 * MEBIBYTE) })
  assert.deepEqual([tooLarge.status, tooLarge.body.code], [413, 'payload_too_large'])
  const elsewhere = await ada.patch('/v1/me', { name: 'x'.repeat(MEBIBYTE) })
  assert.deepEqual([elsewhere.status, elsewhere.body.code], [413, 'payload_too_large'])
})

test('a page of a conversation ends before it gets too long, and the next one goes on', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const admin = await desk.person({ role: 'admin' })
  const { body: ticket } = await ada.post('/v1/tickets', { subject: 'Long', body: 'Message 0' })
  const path = `/v1/tickets/${ticket.id}/messages`
  for (let i = 1; i <= 8; i++)
    await ada.post(path, { body: i % 2 === 0 ? `Message ${i}` : `Message ${i} ${'x'.repeat(900_000)}` })

  const seen: string[] = []
  const lengths: number[] = []
  for (let next: string | null = `${path}?limit=100`; next !== null; ) {
    const { body } = await ada.get(next)
    for (const message of body.data) seen.push(message.body.slice(0, 9))
    lengths.push(body.data.length)
    next = body.next_cursor === null ? null : `${path}?limit=100&cursor=${encodeURIComponent(body.next_cursor)}`
    assert.equal(body.has_more, next !== null)
  }
  const newest = await ada.get(`/v1/tickets/${ticket.id}?include=messages`)
  const events: string[] = []
  for (let after = 0, has_more = true; has_more; ) {
    const { body } = await admin.get(`/v1/tickets/${ticket.id}/events?include=object&type=message.created&after=${after}`)
    for (const { object } of body.data) events.push(object.body.slice(0, 9))
    after = body.next_after
    has_more = body.has_more
  }

  const all = Array.from({ length: 9 }, (_, i) => `Message ${i}`)
  assert.deepEqual(seen, all)
  assert.deepEqual(lengths, [5, 4])
  assert.deepEqual(
    newest.body.messages.map(({ body }: { body: string }) => body.slice(0, 9)),
    all.slice(4),
  )
  assert.deepEqual(events, all)
})

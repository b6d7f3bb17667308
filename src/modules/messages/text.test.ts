import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'
import { createRenderer, type Renderer } from '../../platform/markdown/renderer.ts'
import { createThreads } from '../../platform/threads.ts'
import { BODY_MAX, toText } from './text.ts'

const MEBIBYTE = 1024 * 1024

/** A renderer that says which of its work was done in threads. */
function watched(t: { after(end: () => unknown): void }): Renderer & { inThreads: unknown[]; failures: string[] } {
  const inThreads: unknown[] = []
  const failures: string[] = []
  const threads = createThreads<never, string[]>({
    entry: new URL('../../platform/markdown/thread.ts', import.meta.url),
    ...{ size: 1, taskMs: 20_000, waitMs: 60_000, queueMax: 10, memoryMb: 512 },
    onFailure: (failure) => failures.push(failure),
  })
  const renderer = createRenderer({
    onFailure: (failure) => failures.push(failure),
    threads: {
      ...threads,
      run: (task) => {
        inThreads.push(task)
        return threads.run(task as never)
      },
    },
  })
  t.after(() => renderer.close())
  return { ...renderer, inThreads, failures }
}

test('what people usually write is rendered at once', async (t) => {
  const renderer = watched(t)

  const text = await toText(renderer, 'Hello *there*,\n\n1. see https://kb.example/49\n2. wait\n\n> did you?\n')

  assert.match(text.body_html, /^<p dir="auto">Hello <em>there<\/em>,<\/p>\n<ol>\n<li dir="auto">see <a href="https:\/\/kb/)
  assert.equal(renderer.inThreads.length, 0)
})

test('a mebibyte of anything is rendered in a thread, and nobody waits for it', async (t) => {
  const renderer = watched(t)
  const pieces = [
    'Hello **you**, see https://a.example\n\n',
    '[',
    '> ',
    '*a ',
    '`a` ',
    '<',
    '![a](https://b.example/c) ',
    '&',
    '_a_',
    '|-|\n',
  ]

  for (const piece of pieces) {
    const body = piece.repeat(MEBIBYTE / piece.length)
    let turns = 0
    const interval = setInterval(() => turns++, 1)

    const text = await toText(renderer, body)
    clearInterval(interval)

    assert.equal(text.body, body)
    assert.ok(text.body_html.length >= body.trim().length / 2, `${piece} is lost`)
    assert.ok(turns > 0, `nothing else ran while ${piece} was rendered`)
  }
  assert.equal(renderer.inThreads.length, pieces.length)
})

test('ten thousand nested quotes are shown as they were written', async (t) => {
  const renderer = watched(t)

  const { body_html } = await toText(renderer, `${'> '.repeat(10_000)}help`)

  assert.equal(renderer.inThreads.length, 1)
  assert.equal(body_html, `<p dir="auto">${'&gt; '.repeat(10_000)}help</p>\n`)
})

test('what takes too long, or finds no room, is shown as plain text, and nothing is lost', async (t) => {
  const failures: string[] = []
  const onFailure = (failure: string): void => void failures.push(failure)
  const entry = new URL(
    'data:text/javascript,import { parentPort } from "node:worker_threads"; parentPort.on("message", () => {}); parentPort.postMessage("ready")',
  )
  const threads = createThreads<never, string[]>({
    ...{ entry, size: 1, taskMs: 50, waitMs: 20_000, queueMax: 1, memoryMb: 64, onFailure },
  })
  const renderer = createRenderer({ onFailure, threads: threads as never })
  t.after(() => renderer.close())
  const body = `**<b>\u202e${'x *y*\n'.repeat(2000)}`

  const [text, other] = await Promise.all([toText(renderer, body), toText(renderer, body)])

  for (const { body: kept, body_html } of [text, other]) {
    assert.equal(kept, body)
    assert.ok(body_html.startsWith('<p dir="auto">**&lt;b&gt;x *y*<br />\nx *y*<br />'))
  }
  assert.deepEqual(failures, ['busy', 'too_slow'])
})

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

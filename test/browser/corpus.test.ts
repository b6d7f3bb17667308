import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Images } from '../../src/platform/markdown/images.ts'
import { openDesk } from '../desk.ts'
import { assertAllowed } from './allowed.ts'
import { corpus } from './corpus.ts'
import { ATTACHMENT_LINKS, PUBLIC_URL, postCorpus, readLists } from './posted.ts'

const sources: Record<Images, (source: string) => boolean> = {
  none: () => false,
  attachments: (source) => source.startsWith(ATTACHMENT_LINKS),
  all: (source) => source.startsWith('https://'),
}

test('a hundred nasty bodies are kept to the letter, and shown as nothing but text, links and the images that were asked for', async (t) => {
  const desk = await openDesk(t, { env: { BECKON_PUBLIC_URL: PUBLIC_URL } })

  const { path, posted } = await postCorpus(desk)

  assert.ok(corpus.length >= 100)
  const shown: Record<Images, number> = { none: 0, attachments: 0, all: 0 }
  for (const { name, body, kept, html } of posted) {
    assert.equal(kept, body)
    for (const images of ['none', 'attachments', 'all'] as const) {
      assertAllowed(html[images], { of: `${name} with ${images}`, isSource: sources[images] })
      shown[images] += html[images].match(/<img /g)?.length ?? 0
    }
  }
  assert.ok(shown.none === 0 && shown.attachments > 0 && shown.all > shown.attachments)

  const newest = posted.slice(-100).reverse()
  for (const images of ['none', 'attachments', 'all'] as const) {
    const expected = newest.map(({ html }) => html[images])
    for (const htmls of await readLists(desk, path, images)) assert.deepEqual(htmls, expected)
  }
})

test('who has a message is sent it again where its images have links that end', async (t) => {
  const desk = await openDesk(t, { env: { BECKON_PUBLIC_URL: PUBLIC_URL } })
  const ada = await desk.person()
  const { body: ticket } = await ada.post('/v1/tickets', { subject: 'A cat', body: '![a cat](https://a.example/cat.png)' })
  const path = `/v1/tickets/${ticket.id}`
  const [{ id }] = (await ada.get(`${path}/messages`)).body.data

  for (const [place, mark] of [
    [`${path}/messages/${id}?`, '<img '],
    [`${path}?include=messages&`, '<img '],
  ] as const) {
    const plain = await ada.get(`${place}images=none`)
    const shown = await ada.get(`${place}images=all`)
    const tag = { 'if-none-match': plain.headers.etag ?? '' }

    assert.equal(shown.headers.etag, plain.headers.etag)
    assert.ok(shown.text.includes(mark) && !plain.text.includes(mark))
    assert.equal((await ada.get(`${place}images=none`, tag)).status, 304)
    assert.equal((await ada.get(`${place}images=all`, tag)).status, 200)
  }
  const unknown = await ada.get(`${path}/messages/${id}?images=some`)
  assert.deepEqual([unknown.status, unknown.body.code], [400, 'invalid_parameter'])
})

test('a body with a NUL is refused, for no database can keep it', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()

  const refused = await ada.post('/v1/tickets', { subject: 'Zero', body: '<scr\u0000ipt>hit()</scr\u0000ipt>' })

  assert.deepEqual([refused.status, refused.body.code], [422, 'validation_failed'])
  await desk.announced([])
})

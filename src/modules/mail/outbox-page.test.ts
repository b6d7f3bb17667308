import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type OutboxMail, outboxPagePolicy, renderOutboxPage } from './outbox-page.ts'

const mail: OutboxMail = {
  id: 'mail_1',
  to: 'ada@example.com',
  subject: 'Confirm your address',
  text: 'Open http://127.0.0.1:3000/verify?token=abc-_1.',
  html: null,
  headers: {},
  created_at: '2026-11-22T09:00:00.000Z',
}

test('a mail can neither break out of the page nor bring a script into it', () => {
  const nasty = `"><script>alert('1')</script><img src=x onerror=alert(2)>&quot;`

  const pageOf = (text: string) =>
    renderOutboxPage([{ id: text, to: text, subject: text, text, html: text, headers: { [text]: text }, created_at: text }])
  const page = pageOf(nasty)

  const marks = (html: string) => html.match(/[<>"']/g)?.length
  assert.equal(marks(page), marks(pageOf('harmless')))
  assert.doesNotMatch(page, /<script|<img|&quot;/)
  assert.match(page, /&#60;script&#62;alert\(&#39;1&#39;\)/)
  assert.match(outboxPagePolicy, /^default-src 'none';/)
  assert.doesNotMatch(outboxPagePolicy, /script-src|https?:/)
})

test('the HTML version stands in a frame that may open links but not run scripts', () => {
  const page = renderOutboxPage([{ ...mail, html: '<p title="x">Hi &amp; <a href="http://a.test/?a=1&b=2">go</a></p>' }])

  assert.match(page, /sandbox="allow-popups allow-popups-to-escape-sandbox"/)
  assert.match(
    page,
    /srcdoc="&#60;!doctype html&#62;&#60;base target=&#34;_blank&#34;&#62;&#60;p title=&#34;x&#34;&#62;Hi &#38;amp; /,
  )
  assert.equal(page.match(/<iframe/g)?.length, 1)
})

test('a link in the text can be clicked, and the full stop after it is not part of it', () => {
  const page = renderOutboxPage([mail])

  assert.match(page, /<a href="http:\/\/127\.0\.0\.1:3000\/verify\?token=abc-_1" target="_blank" rel="noopener noreferrer">/)
  assert.match(page, /<\/a>\.<\/pre>/)
})

const texts = [
  ['javascript:alert(1)', 0],
  ['data:text/html,<b>', 0],
  ['ftp://a.test/', 0],
  ['http://', 0],
  ['http://[', 0],
  ['HTTPS://A.test/x', 1],
  ['(see https://a.test/b) and https://a.test/w_(x)', 2],
  ['https://a.test/?a=1&b=2', 1],
  ['https://a.test/"onmouseover="alert(1)', 1],
] as const

for (const [text, links] of texts) {
  test(`the text ${text} gives ${links} links`, () => {
    const page = renderOutboxPage([{ ...mail, text }])

    const body = page.slice(page.indexOf('<pre'), page.indexOf('</pre>'))
    assert.equal(body.match(/<a /g)?.length ?? 0, links)
    for (const [, href] of body.matchAll(/<a href="([^"]*)"/g)) assert.match(href ?? '', /^https?:\/\//i)
    assert.doesNotMatch(body, /onmouseover="|&b=2/)
  })
}

test('the newest mail comes first and is open', () => {
  const older = { ...mail, id: 'mail_0', subject: 'Older', created_at: '2026-11-21T09:00:00.000Z' }
  const twin = { ...mail, id: 'mail_2', subject: 'Twin' }
  const mails = [older, mail, twin]

  const page = renderOutboxPage(mails)

  assert.deepEqual(
    [...page.matchAll(/class="mail" id="(\w+)"( open)?/g)].map(([, id, open]) => [id, open !== undefined]),
    [
      ['mail_2', true],
      ['mail_1', false],
      ['mail_0', false],
    ],
  )
  assert.deepEqual(mails, [older, mail, twin])
})

test('an empty outbox says how mails get there, and that it is for development', () => {
  const page = renderOutboxPage([])

  assert.match(page, /No mail yet/)
  assert.match(page, /POST \/v1\/auth\/register/)
  assert.match(page, /only in development/)
})

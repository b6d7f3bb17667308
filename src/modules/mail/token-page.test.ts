import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { renderTokenPage, type TokenPage, tokenPagePolicy } from './token-page.ts'

const verify: TokenPage = {
  title: 'Confirm your address',
  intro: 'Press the button to confirm that this mailbox is yours.',
  action: '/v1/auth/verify',
  token: 'abc',
  fields: [],
  submitLabel: 'Confirm',
}

const nasty = `"><script>alert('1')</script><img src=x onerror=alert(2)>&quot;`

test('a token from an address cannot break out of the page', () => {
  const page = renderTokenPage({ ...verify, token: nasty })

  assert.match(page, /name="token" value="&#34;&#62;&#60;script&#62;alert\(&#39;1&#39;\)[^"<>]*&#38;quot;" autocomplete="off"/)
  assert.equal(page.match(/<script/g)?.length, 1)
})

test('no text of the page can break out of its place', () => {
  const pageOf = (text: string) =>
    renderTokenPage({
      title: text,
      intro: text,
      action: `/v1/${text}`,
      token: text,
      fields: [{ name: text, label: text, type: 'text', hint: text }],
      submitLabel: text,
      doneText: text,
    })

  const marks = (page: string) => page.match(/[<>"']/g)?.length
  assert.equal(marks(pageOf(nasty)), marks(pageOf('harmless')))
  assert.doesNotMatch(pageOf(nasty), /<img|&quot;/)
})

test('the policy lets in exactly the style and the script of every page', () => {
  const pages = [renderTokenPage(verify), renderTokenPage({ ...verify, token: nasty, title: nasty })]

  for (const page of pages) {
    for (const element of ['script', 'style']) {
      const source = page.slice(page.indexOf(`<${element}>`) + element.length + 2, page.indexOf(`</${element}>`))
      const hash = createHash('sha256').update(source).digest('base64')
      assert.ok(tokenPagePolicy.includes(`${element}-src 'sha256-${hash}'`))
    }
  }
  assert.doesNotMatch(tokenPagePolicy, /unsafe|https?:|\*/)
})

test('opening the page sends nothing by itself', () => {
  const page = renderTokenPage(verify)

  assert.doesNotMatch(page, /<form[^>]* action=|method=|http-equiv|\.submit\(|requestSubmit|\.click\(/)
  assert.match(page, /data-action="\/v1\/auth\/verify"/)
})

test('a password is asked for only where the page has one, or when the server demands it', () => {
  const without = renderTokenPage(verify)
  const withOne = renderTokenPage({
    ...verify,
    fields: [{ name: 'password', label: 'New password', type: 'password', autocomplete: 'new-password' }],
  })

  assert.match(without, /<div class="field" hidden>[\s\S]*name="password"[^>]* required disabled>/)
  assert.doesNotMatch(withOne, /<div class="field" hidden>| disabled>/)
  assert.equal(withOne.match(/name="password"/g)?.length, 1)
})

for (const action of [
  'https://evil.test/v1',
  '//evil.test/v1',
  '/\\evil.test',
  '/\t/evil.test',
  'javascript:alert(1)',
  'v1/auth',
  '',
]) {
  test(`a token is never sent to ${JSON.stringify(action)}`, () => {
    assert.throws(() => renderTokenPage({ ...verify, action }), TypeError)
  })
}

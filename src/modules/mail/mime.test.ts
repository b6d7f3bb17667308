import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { dkimVerify } from 'mailauth/lib/dkim/verify.js'
import { createSecrets } from '../../platform/secrets.ts'
import type { Letter } from './letter.ts'
import { toMime, toWireAddress } from './mime.ts'
import { ownMark, readOwnMark } from './own-mark.ts'

const letter: Letter = {
  from: { name: 'Support', address: 'help@desk.example' },
  reply_to: null,
  to: { name: 'Ada', address: 'ada@example.com' },
  subject: 'Fire',
  text: 'It burns.',
  html: null,
  ...{ in_reply_to: null, references: [], auto_submitted: 'no', list_unsubscribe: null, language: 'en' },
}
const how = { header_id: '<m1@desk.example>', date: Date.UTC(2026, 10, 22), mark: 'mark', key: undefined }

/** The names of all headers of a mail. */
function headersOf(raw: Buffer): string[] {
  const head = raw.toString('utf8').split('\r\n\r\n', 1)[0] ?? ''
  return head
    .split(/\r\n(?![ \t])/)
    .map((line) => line.slice(0, line.indexOf(':')).toLowerCase())
    .sort()
}

test('whatever names, subjects and references hold, the headers are the same', async () => {
  const plain = headersOf(await toMime({ ...letter, in_reply_to: null }, how))
  const nasty = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom('a\r\nBcc: eve@evil.example', '"\r\n\r\nbody', 'x\u2028Bcc: y', '<a@b>, <c@d>', '=?utf-8?q?=0D=0ABcc:=20x?='),
  )
  await fc.assert(
    fc.asyncProperty(nasty, nasty, nasty, async (name, subject, reference) => {
      const raw = await toMime(
        {
          ...letter,
          from: { name, address: 'help@desk.example' },
          to: { name, address: 'ada@example.com' },
          subject: `About ${subject}`,
          references: [reference],
        },
        how,
      )
      assert.deepEqual(
        headersOf(raw).filter((header) => header !== 'references'),
        plain,
      )
    }),
    { numRuns: Number(process.env.MIME_RUNS ?? 60) },
  )
})

test('a mail is signed by the key of its domain, the headers of unsubscribing included', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = {
    domain: 'desk.example',
    selector: 'beckon1',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
  const record = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`
  const list_unsubscribe = { url: 'https://desk.example/unsubscribe?token=abc', mailto: null }

  const raw = await toMime({ ...letter, list_unsubscribe }, { ...how, key })
  const { results } = await dkimVerify(raw, { resolver: async () => [[record]] })

  assert.deepEqual(
    results.map(({ status, signingDomain, selector }) => [status.result, signingDomain, selector]),
    [['pass', 'desk.example', 'beckon1']],
  )
  assert.match(raw.toString('utf8'), /h=[^;]*list-unsubscribe:\s*list-unsubscribe-post/i)
})

test('a file goes along, and a picture is shown within the HTML', async () => {
  const attachments = [
    { name: 'a\r\nb.png', content_type: 'image/png', content: Buffer.from('png'), cid: 'pic1' },
    { name: 'größe.txt', content_type: 'text/plain', content: Buffer.from('text') },
  ]

  const raw = (await toMime({ ...letter, html: '<img src="cid:pic1">', attachments }, how)).toString('utf8')

  assert.match(raw, /Content-Id: <pic1>/i)
  assert.match(raw, /filename\*?=/)
  assert.doesNotMatch(raw, /^b\.png/m)
})

test('the mark of our own mail is known, and no other', () => {
  const [secrets, others] = [createSecrets('x'.repeat(32)), createSecrets('y'.repeat(32))]
  const mark = ownMark(secrets, '<m1@desk.example>')

  assert.equal(readOwnMark(secrets, mark), '<m1@desk.example>')
  assert.equal(readOwnMark(secrets, mark.replaceAll(' ', '\r\n  ')), '<m1@desk.example>')
  assert.equal(readOwnMark(others, mark), undefined)
  assert.equal(readOwnMark(secrets, mark.replace('m1', 'm2')), undefined)
  for (const bad of ['', '1', '1 x <m1@desk.example>', `${mark} more`]) assert.equal(readOwnMark(secrets, bad), undefined)
})

test('an address is written as servers take it, and one that is none is refused', () => {
  assert.equal(toWireAddress('ada@Bücher.example'), 'ada@xn--bcher-kva.example')
  for (const bad of ['ada', 'ada@', '@example.com', 'ada@exa mple', 'a@b\r\nRCPT TO:<c@d>', 'a>@b.example', 'ada@a,b'])
    assert.throws(() => toWireAddress(bad), { name: 'BadAddress' })
})

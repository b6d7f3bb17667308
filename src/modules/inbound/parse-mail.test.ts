import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { corpus } from '../../../test/mails/corpus.ts'
import { limits, parseMail } from './parse-mail.ts'
import type { ParsedMail } from './parsed-mail.ts'

const numRuns = Number(process.env.FC_RUNS ?? 100)

async function read(mail: string | Buffer): Promise<ParsedMail> {
  const parsed = await parseMail(new Uint8Array(typeof mail === 'string' ? Buffer.from(mail) : mail))
  assert.ok(!('refused' in parsed), JSON.stringify(parsed))
  return parsed
}

const spaced = (text: string): string => text.replace(/\s+/g, ' ').trim()

test('of each mail of the corpus is read what somebody wrote, and nothing of what nobody may be shown', async () => {
  // Bombs take seconds; they are thrown in test/mails.
  for (const { name, raw, expect } of corpus.filter((sample) => !sample.name.startsWith('bomb') && !sample.expect.poison)) {
    const mail = await read(raw)
    if (expect.subject !== undefined) assert.equal(mail.subject, expect.subject, name)
    if (expect.reply !== undefined) assert.equal(spaced(mail.reply), spaced(expect.reply), name)
    if (expect.from !== undefined) assert.equal(mail.from[0]?.address, expect.from, name)
    if (expect.files)
      assert.deepEqual(
        mail.files.map((file) => file.name),
        expect.files,
        name,
      )
    for (const passage of expect.keeps ?? []) assert.ok(spaced(mail.text).includes(spaced(passage)), `${name} keeps ${passage}`)
    for (const passage of expect.never ?? [])
      assert.ok(![mail.text, mail.html, mail.reply_html].some((text) => text?.includes(passage)), `${name} shows ${passage}`)
  }
})

const piece = fc.constantFrom(
  ...[
    'From: a@b\r\n',
    'From: =?utf-8?B?w6k=?= <x@y>\r\n',
    'Subject: ',
    '=?x-no?Q?=FF?=',
    '\r\n',
    '\r\n\r\n',
    '\n',
    '\r',
    '\0',
    '--b\r\n',
    '--b--\r\n',
  ],
  ...[
    'Content-Type: multipart/mixed; boundary=b\r\n',
    'Content-Type: text/html; charset=utf-7\r\n',
    'Content-Type: message/rfc822\r\n',
  ],
  ...[
    'Content-Type: multipart/report; boundary="b"\r\n',
    'Content-Type: message/delivery-status\r\n',
    'Content-Transfer-Encoding: base64\r\n',
  ],
  ...[
    'Content-Transfer-Encoding: quoted-printable\r\n',
    "Content-Disposition: attachment; filename*0*=utf-8''%ff\r\n",
    'Date: x\r\n',
  ],
  ...[
    '<div>',
    '<blockquote type=cite>',
    '<img src="https://x/y">',
    '<p style="a:url(x)">',
    '</div>',
    '> q\n',
    'On x wrote:\n',
    '=3D=',
    'QUJD',
  ],
)
const junk = fc
  .array(fc.oneof(piece, fc.string({ maxLength: 8, unit: 'binary' })), { maxLength: 40 })
  .map((pieces) => pieces.join(''))

test('whatever comes is read or refused, within limits, as texts that can be kept', async () => {
  await fc.assert(
    fc.asyncProperty(junk, async (text) => {
      const parsed = await parseMail(new Uint8Array(Buffer.from(text, 'latin1')))
      if ('refused' in parsed) return
      const texts = [parsed.text, parsed.reply, parsed.subject, parsed.html ?? '', ...parsed.from.map(({ name }) => name)]
      for (const one of texts) {
        assert.ok(one.isWellFormed())
        assert.ok(!one.includes('\0'))
      }
      assert.ok(parsed.files.length <= limits.files)
      // In a tag: as a text somebody may write of them, as in `Content-Disposition:`.
      assert.doesNotMatch(parsed.html ?? '', /<(?:script|form)|<[^>]*(?:javascript:|url\(|\son\w+=|position:)/i)
      assert.doesNotMatch(parsed.html ?? '', /<img[^>]+src="(?!cid:)/)
    }),
    { numRuns },
  )
})

test('a mail that is more than anybody reads is refused for good', async () => {
  const deep = Array.from({ length: 60 }, (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`).join('')
  const header = `X-Long: ${'a'.repeat(limits.headerBytes + 1)}\r\n\r\n`

  assert.deepEqual(await parseMail(new Uint8Array(Buffer.from(deep))), { refused: 'too_deep' })
  assert.deepEqual(await parseMail(new Uint8Array(Buffer.from(header))), { refused: 'header_too_large' })
})

test('images of the mail stay, those from elsewhere load nothing, and a text that lies about its letters is read', async () => {
  const html =
    'Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p style="color:red;background:url(https://x/)">Hi<img src="cid:one"><img src="https://x.example/logo.png" alt="Logo"><img src="https://x.example/pixel" width=1></p>\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <one>\r\n\r\nx\r\n--b--\r\n'
  const mail = await read(html)
  const lie = await read(Buffer.from('Content-Type: text/plain; charset=utf-8\r\n\r\nGr\xfc\xdfe', 'latin1'))
  const other = await read('Content-Type: text/plain; charset=iso-8859-1\r\n\r\nGrüße')

  assert.equal(
    mail.html,
    '<p style="color:red">Hi<img src="cid:one" /><span data-image="https://x.example/logo.png">Logo</span></p>',
  )
  assert.deepEqual([mail.files[0]?.content_id, mail.files[0]?.inline], ['one', true])
  assert.deepEqual([lie.text, other.text], ['Grüße', 'Grüße'])
})

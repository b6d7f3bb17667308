// MIME: parts that are missing, nested, doubled or unusual, files of all kinds, HTML that wants more than to be read, and bombs.
import {
  base64,
  both,
  DESK,
  fieldsOf,
  filePart,
  htmlPart,
  mailOf,
  multipart,
  part,
  plain,
  type Sample,
  textPart,
} from './sample.ts'

const text = 'The printer burns.'
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const pdf = Buffer.from('%PDF-1.4\n%%EOF\n')

const names: [string, Record<string, string>, string | undefined][] = [
  ['in a parameter', { 'Content-Disposition': 'attachment; filename="invoice.pdf"' }, 'invoice.pdf'],
  ['in RFC 2231', { 'Content-Disposition': "attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe.pdf" }, 'Größe.pdf'],
  [
    'in RFC 2231, in pieces',
    { 'Content-Disposition': "attachment; filename*0*=utf-8''Gr%C3%B6; filename*1*=%C3%9Fe.pdf" },
    'Größe.pdf',
  ],
  ['in an encoded word', { 'Content-Disposition': 'attachment; filename="=?utf-8?Q?Gr=C3=B6=C3=9Fe.pdf?="' }, 'Größe.pdf'],
  ['in the type alone', { 'Content-Type': 'application/pdf; name=bill.pdf' }, undefined],
  ['nowhere', { 'Content-Disposition': 'attachment' }, undefined],
  ['that climbs', { 'Content-Disposition': 'attachment; filename="../../../etc/passwd"' }, undefined],
  ['that climbs on Windows', { 'Content-Disposition': 'attachment; filename="..\\..\\boot.ini"' }, undefined],
  ['with control characters', { 'Content-Disposition': 'attachment; filename="a\x01\x02b.pdf"' }, undefined],
  ['with two ends', { 'Content-Disposition': 'attachment; filename="invoice.pdf.exe"' }, undefined],
  ['with bidi controls', { 'Content-Disposition': "attachment; filename*=utf-8''invoice%E2%80%AEfdp.exe" }, undefined],
  ['of 5,000 characters', { 'Content-Disposition': `attachment; filename="${'n'.repeat(5000)}.pdf"` }, undefined],
  ['of dots', { 'Content-Disposition': 'attachment; filename=".."' }, undefined],
  ['with a NUL', { 'Content-Disposition': "attachment; filename*=utf-8''a%00b.pdf" }, undefined],
]

const files: Sample[] = [
  ...names.map(
    ([name, fields, expected]): Sample => ({
      name: `a file's name ${name}`,
      raw: multipart(`name ${name}`, [textPart(text), filePart('application/pdf', pdf, fields)]),
      expect: { keeps: [text], ...(expected === undefined ? {} : { files: [expected] }) },
    }),
  ),
  {
    name: 'two files of one name',
    raw: multipart('same name', [
      textPart(text),
      ...[1, 2].map(() => filePart('image/png', png, { 'Content-Disposition': 'attachment; filename="a.png"' })),
    ]),
    expect: { keeps: [text] },
  },
  {
    name: 'an empty file',
    raw: multipart('empty file', [
      textPart(text),
      filePart('application/pdf', Buffer.alloc(0), { 'Content-Disposition': 'attachment; filename="empty.pdf"' }),
    ]),
    expect: { keeps: [text] },
  },
  {
    name: 'winmail.dat',
    raw: multipart('winmail', [
      textPart(text),
      filePart('application/ms-tnef; name="winmail.dat"', Buffer.from([0x78, 0x9f, 0x3e, 0x22, 1, 0, 0, 0]), {
        'Content-Disposition': 'attachment; filename="winmail.dat"',
      }),
    ]),
    expect: { keeps: [text], files: ['winmail.dat'] },
  },
  {
    name: 'nothing but winmail.dat',
    raw: mailOf(
      fieldsOf('only winmail', {
        'Content-Type': 'application/ms-tnef; name="winmail.dat"',
        'Content-Transfer-Encoding': 'base64',
      }),
      base64(Buffer.from([0x78, 0x9f, 0x3e, 0x22])),
    ),
    expect: {},
  },
  {
    name: 'an invitation',
    raw: multipart(
      'invitation',
      [
        textPart(text),
        part(
          { 'Content-Type': 'text/calendar; method=REQUEST; charset=utf-8' },
          'BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Repair\nEND:VEVENT\nEND:VCALENDAR\n',
        ),
      ],
      { type: 'alternative' },
    ),
    expect: { keeps: [text] },
  },
  {
    name: 'nothing but an invitation',
    raw: mailOf(
      fieldsOf('only invitation', { 'Content-Type': 'text/calendar; method=REPLY; charset=utf-8' }),
      'BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR\n',
    ),
    expect: {},
  },
  {
    name: 'a business card',
    raw: multipart('vcard', [
      textPart(text),
      part(
        { 'Content-Type': 'text/vcard', 'Content-Disposition': 'attachment; filename="mia.vcf"' },
        'BEGIN:VCARD\nFN:Mia\nEND:VCARD\n',
      ),
    ]),
    expect: { keeps: [text], files: ['mia.vcf'] },
  },
  {
    name: 'OpenPGP, signed',
    raw: multipart(
      'pgp signed',
      [
        textPart(text),
        part(
          { 'Content-Type': 'application/pgp-signature; name="signature.asc"' },
          '-----BEGIN PGP SIGNATURE-----\nabc\n-----END PGP SIGNATURE-----\n',
        ),
      ],
      { type: 'signed; micalg=pgp-sha256; protocol="application/pgp-signature"' },
    ),
    expect: { keeps: [text] },
  },
  {
    name: 'OpenPGP, encrypted',
    raw: multipart(
      'pgp encrypted',
      [
        part({ 'Content-Type': 'application/pgp-encrypted' }, 'Version: 1\n'),
        part(
          { 'Content-Type': 'application/octet-stream; name="encrypted.asc"' },
          '-----BEGIN PGP MESSAGE-----\nabc\n-----END PGP MESSAGE-----\n',
        ),
      ],
      { type: 'encrypted; protocol="application/pgp-encrypted"' },
    ),
    expect: {},
  },
  {
    name: 'S/MIME, opaque',
    raw: mailOf(
      fieldsOf('smime', {
        'Content-Type': 'application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"',
        'Content-Transfer-Encoding': 'base64',
      }),
      base64(Buffer.from([0x30, 0x80])),
    ),
    expect: {},
  },
  {
    name: 'a picture and nothing else',
    raw: mailOf(
      fieldsOf('picture', { 'Content-Type': 'image/png; name="screen.png"', 'Content-Transfer-Encoding': 'base64' }),
      base64(png),
    ),
    expect: {},
  },
  {
    name: 'a picture within the HTML',
    raw: multipart(
      'inline',
      [
        htmlPart('<p>See <img src="cid:pic1" alt="screen"></p>'),
        filePart('image/png; name="screen.png"', png, {
          'Content-ID': '<pic1>',
          'Content-Disposition': 'inline; filename="screen.png"',
        }),
      ],
      { type: 'related' },
    ),
    expect: { keeps: ['See'] },
  },
  {
    name: 'a picture that its HTML does not show',
    raw: multipart(
      'stray',
      [
        htmlPart('<p>No picture.</p>'),
        filePart('image/png; name="screen.png"', png, {
          'Content-ID': '<pic2>',
          'Content-Disposition': 'inline; filename="screen.png"',
        }),
      ],
      { type: 'related' },
    ),
    expect: { files: ['screen.png'] },
  },
  {
    name: 'Apple Mail: text, picture, text',
    raw: multipart('apple', [
      textPart('Before.'),
      filePart('image/png; name="screen.png"', png, { 'Content-Disposition': 'inline; filename="screen.png"' }),
      textPart('After.'),
    ]),
    expect: { keeps: ['Before.', 'After.'] },
  },
  {
    name: 'a forwarded mail as a file',
    raw: multipart('forwarded', [
      textPart(text),
      part(
        { 'Content-Type': 'message/rfc822', 'Content-Disposition': 'attachment; filename="older.eml"' },
        plain('older', 'An older mail.'),
      ),
    ]),
    expect: { keeps: [text] },
  },
  {
    name: 'a forwarded mail and nothing else',
    raw: mailOf(fieldsOf('only forwarded', { 'Content-Type': 'message/rfc822' }), plain('inner', 'The inner mail.')),
    expect: {},
  },
  {
    name: 'a part of a mail (message/partial)',
    raw: mailOf(fieldsOf('partial', { 'Content-Type': 'message/partial; id="a@b"; number=1; total=2' }), text),
    expect: {},
  },
  {
    name: 'a pointer to a mail (message/external-body)',
    raw: mailOf(
      fieldsOf('external', { 'Content-Type': 'message/external-body; access-type=URL; URL="http://169.254.169.254/"' }),
      'Content-Type: text/plain\n\n',
    ),
    expect: {},
  },
]

const structures: Sample[] = [
  {
    name: 'no end of the parts',
    raw: mailOf(
      fieldsOf('no end', { 'Content-Type': 'multipart/mixed; boundary=b' }),
      `--b\nContent-Type: text/plain\n\n${text}`,
    ),
    expect: { keeps: [text] },
  },
  {
    name: 'no boundary named',
    raw: mailOf(
      fieldsOf('no boundary', { 'Content-Type': 'multipart/mixed' }),
      `--b\nContent-Type: text/plain\n\n${text}\n--b--`,
    ),
    expect: {},
  },
  {
    name: 'an empty boundary',
    raw: mailOf(fieldsOf('empty boundary', { 'Content-Type': 'multipart/mixed; boundary=""' }), `--\n\n${text}\n----`),
    expect: {},
  },
  {
    name: 'a boundary that never comes',
    raw: mailOf(fieldsOf('never', { 'Content-Type': 'multipart/mixed; boundary=never' }), text),
    expect: {},
  },
  {
    name: 'no parts',
    raw: mailOf(fieldsOf('no parts', { 'Content-Type': 'multipart/mixed; boundary=b' }), '--b--\n'),
    expect: {},
  },
  {
    name: 'a preamble and an epilogue',
    raw: mailOf(
      fieldsOf('around', { 'Content-Type': 'multipart/mixed; boundary=b' }),
      `Before.\n--b\n\n${text}\n--b--\nAfterwards.`,
    ),
    expect: { keeps: [text] },
  },
  {
    name: 'a boundary of 1,000 characters',
    raw: mailOf(
      fieldsOf('long boundary', { 'Content-Type': `multipart/mixed; boundary=${'b'.repeat(1000)}` }),
      `--${'b'.repeat(1000)}\n\n${text}\n--${'b'.repeat(1000)}--`,
    ),
    expect: {},
  },
  {
    name: 'the same boundary within itself',
    raw: mailOf(
      fieldsOf('same boundary', { 'Content-Type': 'multipart/mixed; boundary=b' }),
      `--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\n${text}\n--b--\n--b--`,
    ),
    expect: {},
  },
  {
    name: 'boundaries that begin alike',
    raw: mailOf(
      fieldsOf('alike', { 'Content-Type': 'multipart/mixed; boundary=b' }),
      `--b\nContent-Type: multipart/alternative; boundary=bb\n\n--bb\n\n${text}\n--bb--\n--b--`,
    ),
    expect: { keeps: [text] },
  },
  {
    name: 'HTML alone',
    raw: mailOf(fieldsOf('html', { 'Content-Type': 'text/html; charset=utf-8' }), `<html><body><p>${text}</p></body></html>`),
    expect: { keeps: [text] },
  },
  {
    name: 'HTML that is no HTML',
    raw: mailOf(fieldsOf('no html', { 'Content-Type': 'text/html; charset=utf-8' }), 'a < b and c > d & e'),
    expect: {},
  },
  {
    name: 'two texts and two HTMLs',
    raw: multipart('four', [textPart('One.'), htmlPart('<p>Two.</p>'), textPart('Three.'), htmlPart('<p>Four.</p>')]),
    expect: {},
  },
  {
    name: 'alternatives the other way round',
    raw: multipart('reversed', [htmlPart(`<p>${text}</p>`), textPart(text)], { type: 'alternative' }),
    expect: { keeps: [text] },
  },
  {
    name: 'alternatives that say different things',
    raw: both('different', 'One thing.', '<p>Quite another thing.</p>'),
    expect: {},
  },
  {
    name: 'a text that is a file',
    raw: multipart('text file', [
      textPart(text),
      part({ 'Content-Type': 'text/plain; name="log.txt"', 'Content-Disposition': 'attachment; filename="log.txt"' }, 'a log'),
    ]),
    expect: { keeps: [text], files: ['log.txt'] },
  },
  {
    name: 'AMP',
    raw: multipart(
      'amp',
      [
        textPart(text),
        part({ 'Content-Type': 'text/x-amp-html' }, '<!doctype html><html ⚡4email><script></script></html>'),
        htmlPart(`<p>${text}</p>`),
      ],
      { type: 'alternative' },
    ),
    expect: { keeps: [text], never: ['<script'] },
  },
  {
    name: 'rich text',
    raw: mailOf(fieldsOf('enriched', { 'Content-Type': 'text/enriched' }), '<bold>The printer</bold> burns.'),
    expect: {},
  },
]

const hostile: [string, string, string[]][] = [
  ['a script', '<script>alert(1)</script><p>Hi</p>', ['<script', 'alert(1)']],
  ['handlers', '<img src="cid:x" onerror="alert(1)"><p onclick="x()">Hi</p>', ['onerror', 'onclick']],
  ['a javascript link', '<a href="javascript:alert(1)">Hi</a>', ['javascript:']],
  ['a javascript link in disguise', '<a href="java&#10;script:alert(1)">Hi</a>', ['script:alert']],
  ['a data link', '<a href="data:text/html,<script>alert(1)</script>">Hi</a>', ['data:text/html']],
  [
    'a picture from elsewhere',
    '<p>Hi</p><img src="https://tracker.example/p.gif" width=1 height=1>',
    ['src="https://tracker.example'],
  ],
  [
    'a background from elsewhere',
    '<table background="https://tracker.example/b.png"><tr><td>Hi</td></tr></table>',
    ['background="https'],
  ],
  ['CSS that loads', '<p style="background:url(https://tracker.example/b.png)">Hi</p>', ['url(']],
  ['CSS that imports', '<style>@import "https://tracker.example/x.css"; p{color:red}</style><p>Hi</p>', ['@import', '<style']],
  ['CSS in disguise', '<p style="background:\\75 rl(https://tracker.example/x)">Hi</p>', ['tracker.example/x)']],
  [
    'CSS that lies over the page',
    '<div style="position:fixed;top:0;left:0;width:100%;height:100%;z-index:9999">Hi</div>',
    ['position:fixed', 'z-index'],
  ],
  ['a frame', '<iframe src="https://evil.example"></iframe><p>Hi</p>', ['<iframe']],
  ['an object', '<object data="https://evil.example/x.swf"></object><embed src="x"><p>Hi</p>', ['<object', '<embed']],
  [
    'a form',
    '<form action="https://evil.example"><input name=password><button>Sign in</button></form><p>Hi</p>',
    ['<form', '<input', '<button'],
  ],
  ['a refresh', '<meta http-equiv=refresh content="0;url=https://evil.example"><p>Hi</p>', ['<meta', 'http-equiv']],
  ['a base', '<base href="https://evil.example/"><a href="x">Hi</a>', ['<base']],
  ['SVG', '<svg onload="alert(1)"><script>alert(1)</script></svg><p>Hi</p>', ['<svg', 'onload']],
  ['MathML', '<math><mi xlink:href="javascript:alert(1)">x</mi></math><p>Hi</p>', ['javascript:']],
  ['mutation XSS', '<noscript><p title="</noscript><img src=x onerror=alert(1)>">Hi</noscript>', ['onerror=alert']],
  ['conditional comments', '<!--[if mso]><script>alert(1)</script><![endif]--><p>Hi</p>', ['<script', '[if mso]']],
  ['a link element', '<link rel=stylesheet href="https://tracker.example/x.css"><p>Hi</p>', ['<link', 'tracker.example']],
  [
    'a video',
    '<video poster="https://tracker.example/p.png" src="https://tracker.example/v"></video><p>Hi</p>',
    ['<video', 'tracker.example'],
  ],
  ['srcset', '<img srcset="https://tracker.example/p.png 1x" alt=""><p>Hi</p>', ['srcset']],
  ['a preview that is hidden', '<div style="display:none;max-height:0">hidden words</div><p>Hi</p>', []],
]

const bombs: [string, () => Buffer][] = [
  [
    'parts in parts, 2,000 deep',
    () =>
      mailOf(
        fieldsOf('deep', { 'Content-Type': 'multipart/mixed; boundary=b0' }),
        Array.from({ length: 2000 }, (_, i) => `--b${i}\nContent-Type: multipart/mixed; boundary=b${i + 1}\n\n`).join(''),
      ),
  ],
  [
    '20,000 parts',
    () =>
      mailOf(
        fieldsOf('many parts', { 'Content-Type': 'multipart/mixed; boundary=b' }),
        `${'--b\nContent-Type: text/plain\n\nx\n'.repeat(20_000)}--b--`,
      ),
  ],
  [
    'mails in mails, 500 deep',
    () => {
      let raw = plain('innermost', text)
      for (let i = 0; i < 500; i++)
        raw = mailOf(
          [
            ['From', 'mia@customer.example'],
            ['To', DESK],
            ['Subject', `level ${i}`],
            ['Content-Type', 'message/rfc822'],
          ],
          raw,
        )
      return raw
    },
  ],
  [
    'HTML, 50,000 deep',
    () =>
      mailOf(
        fieldsOf('deep html', { 'Content-Type': 'text/html; charset=utf-8' }),
        `${'<div>'.repeat(50_000)}x${'</div>'.repeat(50_000)}`,
      ),
  ],
  [
    'HTML of tables, 5,000 deep',
    () => mailOf(fieldsOf('deep tables', { 'Content-Type': 'text/html; charset=utf-8' }), '<table><tr><td>'.repeat(5000)),
  ],
  [
    'HTML of 200,000 elements',
    () => mailOf(fieldsOf('wide html', { 'Content-Type': 'text/html; charset=utf-8' }), '<b>x</b>'.repeat(200_000)),
  ],
  [
    'a tag that never ends',
    () => mailOf(fieldsOf('open tag', { 'Content-Type': 'text/html; charset=utf-8' }), `<a ${'a="b" '.repeat(200_000)}`),
  ],
  [
    'a million entities',
    () => mailOf(fieldsOf('entities', { 'Content-Type': 'text/html; charset=utf-8' }), '&amp;'.repeat(1_000_000)),
  ],
  ['a million quote marks', () => plain('quotes', `${'>'.repeat(1_000_000)} x`)],
  ['200,000 quoted lines', () => plain('quoted lines', '> quoted\n'.repeat(200_000))],
  [
    'a hundred thousand headers of a quote',
    () => plain('on wrote', 'On Mon, 1 Jan 2026 at 10:00, A <a@b.example> wrote:\n'.repeat(50_000)),
  ],
  ['blanks without end', () => plain('blanks', `x${' '.repeat(2_000_000)}x`)],
  ['dashes without end', () => plain('dashes', `${'-'.repeat(500_000)}\n${'_'.repeat(500_000)}`)],
  [
    'a file of 10 MiB',
    () =>
      multipart('10 MiB', [
        textPart(text),
        filePart('application/octet-stream', Buffer.alloc(10 * 1024 * 1024, 7), {
          'Content-Disposition': 'attachment; filename="big.bin"',
        }),
      ]),
  ],
  [
    '5,000 small files',
    () =>
      multipart('5000 files', [
        textPart(text),
        ...Array.from({ length: 5000 }, (_, i) =>
          filePart('text/plain', Buffer.from('x'), { 'Content-Disposition': `attachment; filename="f${i}.txt"` }),
        ),
      ]),
  ],
  ['an encoded word without end', () => plain('encoded', text, { Subject: '=?utf-8?Q?a?= '.repeat(20_000) })],
  [
    'CSS without end',
    () =>
      mailOf(fieldsOf('css', { 'Content-Type': 'text/html; charset=utf-8' }), `<p style="${'color:red;'.repeat(200_000)}">x</p>`),
  ],
  [
    'comments without end',
    () => mailOf(fieldsOf('comments', { 'Content-Type': 'text/html; charset=utf-8' }), '<!--'.repeat(300_000)),
  ],
]

export const parts: Sample[] = [
  ...files,
  ...structures,
  ...hostile.map(
    ([name, html, never]): Sample => ({ name: `HTML with ${name}`, raw: both(`html ${name}`, 'Hi', html), expect: { never } }),
  ),
  ...bombs.map(([name, make]): Sample => ({ name: `bomb: ${name}`, raw: make(), expect: {} })),
]

// Header fields: encoded, broken, missing, doubled and endless.
import { fieldsOf, mailOf, plain, type Sample } from './sample.ts'

const text = 'The printer burns.'

const subjects: [string, string, string | undefined][] = [
  ['Q in utf-8', '=?utf-8?Q?Gr=C3=B6=C3=9Fe?=', 'Größe'],
  ['B in utf-8', '=?UTF-8?B?5omT5Y2w5py6552A54Gr5LqG?=', '打印机着火了'],
  ['two words that belong together', '=?utf-8?Q?Gr=C3=B6?= =?utf-8?Q?=C3=9Fe?=', 'Größe'],
  ['a character cut in two', '=?utf-8?B?5omT5Y0=?= =?utf-8?B?sOacug==?=', undefined],
  ['iso-2022-jp', '=?ISO-2022-JP?B?GyRCJVclaiVzJT8hPCROOD4bKEI=?=', undefined],
  ['koi8-r', '=?koi8-r?B?8NLJztTF0iDHz9LJ1A==?=', 'Принтер горит'],
  ['an unknown character set', '=?x-none?Q?abc?=', undefined],
  ['a broken encoded word', '=?utf-8?Q?never ends', undefined],
  ['raw bytes', Buffer.from('Größe').toString('latin1'), undefined],
  ['raw latin-1', 'Gr\xf6\xdfe', undefined],
  ['a subject of 100,000 characters', 'x'.repeat(100_000), undefined],
  ['a line break in an encoded word', '=?utf-8?Q?one=0D=0ABcc:_victim@x.example?=', undefined],
  ['a NUL in an encoded word', '=?utf-8?B?YQBi?=', undefined],
  ['folded', 'one\r\n two\r\n\tthree', undefined],
  ['language tags (RFC 2231)', '=?utf-8*en?Q?hello?=', undefined],
  ['bidi controls', '=?utf-8?B?4oCuZXhlLnBkZg==?=', undefined],
  ['nothing', '', undefined],
  ['a ticket number that is not his', '[#1] Printer', undefined],
  ['many prefixes', `${'Re: AW: Fwd: '.repeat(500)}Printer`, undefined],
  ['emoji', '=?utf-8?B?8J+UpSBwcmludGVy?=', '🔥 printer'],
]

const senders: [string, string | null][] = [
  ['no From', null],
  ['an empty From', ''],
  ['a From without an address', 'Mia Muster'],
  ['a From with a group', 'undisclosed: ;'],
  ['two addresses', 'mia@customer.example, boss@customer.example'],
  ['a name that is an address', '"agent@desk.example" <mia@customer.example>'],
  ['a name with quotes and commas', '"Muster, \\"Mia\\"" <mia@customer.example>'],
  ['an encoded name', '=?utf-8?Q?M=C3=ADa?= <mia@customer.example>'],
  ['a name with a line break in it', '=?utf-8?Q?Mia=0D=0ABcc:_v@x.example?= <mia@customer.example>'],
  ['comments', 'mia (the boss) @ (at) customer.example (really)'],
  ['an address of 400 characters', `${'m'.repeat(390)}@customer.example`],
  ['an internationalised address', Buffer.from('Zoë <zoë@kunde.example>').toString('latin1')],
  ['a punycode domain', 'mia@xn--mnchen-3ya.example'],
  ['an address in brackets twice', '<<mia@customer.example>>'],
  ['a source route', '<@a.example,@b.example:mia@customer.example>'],
  ['a quoted local part', '"mia muster"@customer.example'],
  ['an address literal', 'mia@[127.0.0.1]'],
  ['ten thousand addresses', Array.from({ length: 10_000 }, (_, i) => `p${i}@customer.example`).join(', ')],
  ['nested comments', `${'('.repeat(5000)}x${')'.repeat(5000)} mia@customer.example`],
  ['a name in full-width and zero-width letters', '=?utf-8?B?77yh4oCLZ2VudA==?= <mia@customer.example>'],
]

export const headers: Sample[] = [
  ...subjects.map(
    ([name, subject, expected]): Sample => ({
      name: `subject: ${name}`,
      raw: plain(`subject ${name}`, text, { Subject: subject }),
      expect: { keeps: [text], ...(expected === undefined ? {} : { subject: expected }) },
    }),
  ),
  ...senders.map(
    ([name, from]): Sample => ({ name: `sender: ${name}`, raw: plain(`sender ${name}`, text, { From: from }), expect: {} }),
  ),
  ...[
    ['no Message-ID', { 'Message-ID': null }],
    ['an empty Message-ID', { 'Message-ID': '' }],
    ['a Message-ID without brackets', { 'Message-ID': 'abc@customer.example' }],
    ['a Message-ID with blanks', { 'Message-ID': '<a b c@customer.example>' }],
    ['a Message-ID of 5,000 characters', { 'Message-ID': `<${'i'.repeat(5000)}@customer.example>` }],
    ['no Date', { Date: null }],
    ['a Date that is none', { Date: 'yesterday, about noon' }],
    ['a Date in the year 9999', { Date: 'Fri, 31 Dec 9999 23:59:59 +0000' }],
    ['a Date before the epoch', { Date: 'Thu, 01 Jan 1931 00:00:00 +0000' }],
    ['no Subject', { Subject: null }],
    ['no To', { To: null }],
    ['no MIME-Version', { 'MIME-Version': null }],
    ['5,000 references', { References: Array.from({ length: 5000 }, (_, i) => `<r${i}@elsewhere.example>`).join(' ') }],
    ['references without brackets', { References: 'a@b c@d', 'In-Reply-To': 'Your message of Monday' }],
    [
      'references forged from a ticket',
      {
        References:
          '<t01jd0000000000000000000000.u01jd0000000000000000000000.m01jd0000000000000000000000.1-aaaaaaaaaaaaaaaaaaaaaaaaaa@desk.example>',
      },
    ],
    ['a Content-Type that is none', { 'Content-Type': 'rubbish' }],
    ['an empty Content-Type', { 'Content-Type': '' }],
    [
      'a Content-Type with 1,000 parameters',
      { 'Content-Type': `text/plain; ${Array.from({ length: 1000 }, (_, i) => `p${i}=v`).join('; ')}` },
    ],
  ].map(
    ([name, changes]): Sample => ({
      name: String(name),
      raw: plain(String(name), text, changes as Record<string, string | null>),
      expect: {},
    }),
  ),
  {
    name: 'every field twice',
    raw: mailOf([...fieldsOf('twice'), ...fieldsOf('twice again', { From: 'Eve <eve@evil.example>' })], text),
    expect: {},
  },
  { name: 'two From fields', raw: mailOf([...fieldsOf('two from'), ['From', 'Agent <agent@desk.example>']], text), expect: {} },
  {
    name: 'a header field of a megabyte',
    raw: plain('megabyte', text, { 'X-Long': 'y'.repeat(1_000_000) }),
    expect: { keeps: [text] },
  },
  {
    name: 'a folded field of a megabyte',
    raw: plain('folded megabyte', text, { 'X-Long': 'y\r\n '.repeat(250_000) }),
    expect: {},
  },
  {
    name: '20,000 header fields',
    raw: mailOf([...fieldsOf('20k'), ...Array.from({ length: 20_000 }, (_, i) => [`X-${i}`, 'v'] as const)], text),
    expect: {},
  },
  { name: 'no header at all', raw: Buffer.from(`\r\n${text}\r\n`), expect: {} },
  { name: 'nothing but a header', raw: mailOf(fieldsOf('headless').slice(0, 5)).subarray(0, -2), expect: {} },
  {
    name: 'no blank line before the text',
    raw: Buffer.from(`From: mia@customer.example\r\nSubject: x\r\nThis is no header\r\n${text}`),
    expect: {},
  },
  {
    name: 'an mbox line first',
    raw: Buffer.concat([Buffer.from('From mia@customer.example Sun Nov 22 10:00:00 2026\r\n'), plain('mbox', text)]),
    expect: {},
  },
  {
    name: 'blanks before the colon',
    raw: mailOf(
      fieldsOf('blanks').map(([n, v]) => [`${n} `, v] as const),
      text,
    ),
    expect: {},
  },
  { name: 'nothing', raw: Buffer.alloc(0), expect: {} },
  { name: 'one byte', raw: Buffer.from('x'), expect: {} },
  {
    name: 'random bytes',
    raw: Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919 + (i >> 3) * 31) & 255)),
    expect: {},
  },
]

// Character sets and transfer encodings, as they are and as they are lied about.
import { sentences } from './charsets.ts'
import { base64, fieldsOf, mailOf, plain, quotedPrintable, type Sample } from './sample.ts'

const said = 'Größe: 5 µm — ça va? 打印机着火了'

export const texts: Sample[] = [
  ...sentences.map(({ charset, text, hex }, i): Sample => {
    const bytes = Buffer.from(hex, 'hex')
    const encoded = i % 2 === 0 ? base64(bytes) : quotedPrintable(bytes)
    const fields = fieldsOf(`in ${charset}`, {
      'Content-Type': `text/plain; charset=${i % 3 === 0 ? `"${charset.toUpperCase()}"` : charset}`,
      'Content-Transfer-Encoding': i % 2 === 0 ? 'base64' : 'quoted-printable',
    })
    return { name: `text in ${charset}`, raw: mailOf(fields, encoded), expect: { class: 'person', keeps: [text] } }
  }),
  ...sentences
    .filter(({ charset }) => !/utf-16|2022/.test(charset))
    .slice(0, 12)
    .map(({ charset, text, hex }): Sample => {
      const fields = fieldsOf(`8bit ${charset}`, {
        'Content-Type': `text/plain; charset=${charset}`,
        'Content-Transfer-Encoding': '8bit',
      })
      return { name: `8bit ${charset}`, raw: mailOf(fields, Buffer.from(hex, 'hex')), expect: { keeps: [text] } }
    }),
  lie('utf-8 that says us-ascii', 'us-ascii', Buffer.from(said)),
  lie('utf-8 that says nothing', null, Buffer.from('plain and simple')),
  lie('latin-1 that says utf-8', 'utf-8', Buffer.from('Grüße', 'latin1')),
  lie('windows-1252 that says iso-8859-1', 'iso-8859-1', Buffer.from([0x93, 0x61, 0x94, 0x80])),
  lie('a character set that is none', 'x-unknown', Buffer.from('still readable')),
  lie('a character set of 5,000 letters', 'x'.repeat(5000), Buffer.from('still readable')),
  lie('a character set with quotes in it', '"utf-8\\"; evil="', Buffer.from('still readable')),
  lie('utf-7', 'utf-7', Buffer.from('Hi +AOQ- there')),
  lie('bytes of no character set', 'utf-8', Buffer.from(Array.from({ length: 256 }, (_, i) => i))),
  lie('NUL between words', 'utf-8', Buffer.from('one\0two three')),
  lie('half a character at the end', 'utf-8', Buffer.from([0x61, 0xe6, 0x89])),
  lie('a lone surrogate in utf-8', 'utf-8', Buffer.from([0x61, 0xed, 0xa0, 0x80, 0x62])),
  lie('a byte order mark', 'utf-8', Buffer.from('\ufeffBOM and text')),
  transfer('base64 with a tail cut off', 'base64', base64(Buffer.from(said)).slice(0, -3)),
  transfer('base64 with rubbish between', 'base64', `!!${base64(Buffer.from(said))}**\n=\n`),
  transfer('base64 that is not', 'base64', 'This is not base64 at all, but words.'),
  transfer('quoted-printable with wrong escapes', 'quoted-printable', 'a=ZZb=3Dc=\n=\nd=E4=F6'),
  transfer('quoted-printable with lower-case digits', 'quoted-printable', 'Gr=c3=b6=c3=9fe'),
  transfer('an encoding that is none', 'x-rot13', 'Uryyb'),
  transfer('uuencode in the text', '7bit', 'begin 644 a.txt\n#86)C\n`\nend\n'),
  transfer('two encodings', 'base64, quoted-printable', base64(Buffer.from('hello'))),
  {
    name: 'format=flowed',
    raw: plain('flowed', 'This line goes \non here.\n>  quoted \n> more', {
      'Content-Type': 'text/plain; charset=utf-8; format=flowed; delsp=no',
    }),
    expect: { keeps: ['This line goes'] },
  },
  {
    name: 'format=flowed with delsp',
    raw: plain('flowed delsp', '打印机 \n着火了', { 'Content-Type': 'text/plain; charset=utf-8; format=flowed; delsp=yes' }),
    expect: { keeps: ['着火了'] },
  },
  { name: 'no text at all', raw: plain('empty', ''), expect: { class: 'person' } },
  { name: 'only blanks', raw: plain('blank', ' \n\t\n  \n'), expect: {} },
  { name: 'right to left', raw: plain('rtl', 'الطابعة تحترق\nשלום'), expect: { keeps: ['الطابعة تحترق'] } },
  { name: 'bidi controls in the text', raw: plain('bidi', 'pay \u202e001\u202c now'), expect: {} },
  { name: 'emoji and joiners', raw: plain('emoji', '👩🏽‍💻 is on 🔥'), expect: { keeps: ['👩🏽‍💻'] } },
  { name: 'a text of one megabyte', raw: plain('long', 'It burns. '.repeat(100_000)), expect: { keeps: ['It burns.'] } },
  { name: 'a line of two megabytes', raw: plain('one line', 'x'.repeat(2_000_000)), expect: {} },
  {
    name: 'only carriage returns',
    raw: Buffer.from(plain('cr', 'one\ntwo').toString('latin1').replaceAll('\r\n', '\r'), 'latin1'),
    expect: {},
  },
  {
    name: 'only line feeds',
    raw: Buffer.from(plain('lf', 'one\ntwo').toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
    expect: { keeps: ['one'] },
  },
]

function lie(name: string, charset: string | null, bytes: Buffer): Sample {
  const type = charset === null ? null : `text/plain; charset=${charset}`
  return { name, raw: mailOf(fieldsOf(name, { 'Content-Type': type, 'Content-Transfer-Encoding': '8bit' }), bytes), expect: {} }
}

function transfer(name: string, encoding: string, body: string): Sample {
  const fields = fieldsOf(name, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Transfer-Encoding': encoding })
  return { name, raw: mailOf(fields, body), expect: {} }
}

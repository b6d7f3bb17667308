import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { newId } from '../../platform/ids.ts'
import { MENTIONS_MAX, mentionsIn } from './mentions.ts'

const usr = 'usr_01kb2m8h5zf3v9w4q7n1x6c0td'
const tkt = 'tkt_01kb2m8h5zf3v9w4q7n1x6c0td'
const tom = 'tom@example.com'

/** A text, and whom and what it mentions. */
const cases: [text: string, ...mentioned: string[]][] = [
  ['nothing'],
  [`@${tom}`, tom],
  [`Ask @${tom}.`, tom],
  [`Ask @${tom}, please`, tom],
  [`(@${tom})`, tom],
  [`"@${tom}"`, tom],
  [`**@${tom}** _@ann@example.com_`, tom, 'ann@example.com'],
  ['@Tom@Example.COM', tom],
  ['@tom.o-brien+desk@mail.example.co.uk!', 'tom.o-brien+desk@mail.example.co.uk'],
  ['@jörg@büro.example', 'jörg@büro.example'],
  [`@${usr}`, usr],
  [`@${usr}: look`, usr],
  [`> @${tom} said so`, tom],
  [`- @${tom}\n\n    and @ann@example.com goes on`, tom, 'ann@example.com'],
  [`Text\n    @${tom} goes on`, tom],
  [`@${tom} @${tom} @TOM@example.com`, tom],
  [`\`open\n\n@${tom} \`closed`, tom],
  // Not whole words.
  [`mail${tom}`],
  [tom],
  [`x@${tom}`],
  [`@${tom}@example.com`],
  [`@${tom}_x`],
  [`@${usr}x`],
  ['@usr_short'],
  ['@tom'],
  [`\\@${tom}`],
  // Code.
  [`\`@${tom}\``],
  [`\`\` a \` @${tom} \`\``],
  ['```\n@tom@example.com\n```'],
  ['~~~ text\n@tom@example.com\n```\n@tom@example.com'],
  ['> ```\n> @tom@example.com\n> ```'],
  [`Code:\n\n    @${tom}\n`],
  ['1. Run\n\n     ```\n     @tom@example.com\n     ```'],
  ['Look:\n\n    ```\n    x\n\n@tom@example.com', tom],
  ['```\n@ann@example.com\n```\n@tom@example.com', tom],
  [`\`x\` @${tom} \`y\``, tom],
  [`\`\`\` a \`\`\` @${tom}`, tom],
  // Links.
  [`[ask @${tom}](https://example.com)`],
  [`[x](https://example.com/@${tom})`],
  [`[ask @${tom}][ref]`],
  [`https://example.com/@${tom}`],
  [`https://example.com/?q=(@${tom})`],
  [`<mailto:@${tom}>`],
  [`mailto:@${tom}`],
  [`[ ] @${tom}`, tom],
  // Tickets.
  ['#1042', '1042'],
  ['See #1042, #7 and #1042.', '1042', '7'],
  ['(#1042)', '1042'],
  ['**#1042**', '1042'],
  [tkt, tkt],
  [`See ${tkt}.`, tkt],
  ['#999999999999999', '999999999999999'],
  ['#1234567890123456'],
  ['#0 #01 #x # 1042'],
  ['#1042x #10_a'],
  ['#10.5 #10,5'],
  ['&#1042;'],
  ['x#1042 /#1042 a/#1042'],
  ['`#1042`'],
  ['```\n#1042\n```'],
  [`https://example.com/tickets#1042`],
  [`https://example.com/${tkt}`],
  [`[#1042](https://example.com)`],
  [`x${tkt}`],
  [`${tkt}x`],
  ['\\#1042'],
]

for (const [text, ...mentioned] of cases)
  test(`${JSON.stringify(text)} mentions ${mentioned.join(', ') || 'nobody'}`, () => {
    const { people, tickets } = mentionsIn(text)

    assert.deepEqual([...people, ...tickets], mentioned)
  })

test('what comes after twenty mentions is text', () => {
  const all = Array.from({ length: 30 }, (_, i) => `agent${i}@example.com`)

  const { people, tickets } = mentionsIn(`${all.map((one) => `@${one}`).join(' ')} ${all.map((_, i) => `#${i + 1}`).join(' ')}`)

  assert.deepEqual(people, all.slice(0, MENTIONS_MAX))
  assert.equal(tickets.length, MENTIONS_MAX)
})

// Text in which no mention can begin by itself, and that opens no code and no link.
const words = fc.array(fc.constantFrom('printer', 'smoke', 'Ünïcode', '1', '.', ',', '!', '\n'), { maxLength: 6 })
const person = fc.oneof(
  fc.constantFrom('tom@example.com', 'ann.b+c@mail.example.org', 'jörg@büro.example'),
  fc.constant(null).map(() => newId('usr')),
)

test('whom a text mentions is found among any words, in their order, and not when it is code or a link', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(words, person), { minLength: 1, maxLength: 8 }), words, (parts, end) => {
      const write = (mention: (name: string) => string): string =>
        `${parts.map(([before, name]) => `${before.join(' ')} ${mention(name)} `).join('')} ${end.join(' ')}`
      const expected = [...new Set(parts.map(([, name]) => name))]

      assert.deepEqual(mentionsIn(write((name) => `@${name}`)), { people: expected, tickets: [] })
      for (const hidden of [
        (name: string) => `\`@${name}\``,
        (name: string) => `[@${name}](https://example.com)`,
        (name: string) => `https://example.com/(@${name})`,
        (name: string) => `\n\`\`\`\n@${name}\n\`\`\`\n`,
        (name: string) => `\\@${name}`,
        (name: string) => `x@${name}`,
      ])
        assert.deepEqual(mentionsIn(write(hidden)).people, [], write(hidden))
    }),
  )
})

test('any text at all is looked through, and nothing is mentioned that it does not hold', () => {
  const piece = fc.constantFrom(
    '@',
    '#',
    '`',
    '```',
    '~~~',
    '[',
    ']',
    '(',
    ')',
    '<',
    '>',
    '\n',
    '    ',
    '\\',
    'https://',
    'tkt_',
    'a.b',
    '42',
    '_',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 60 }), (pieces) => {
      const text = pieces.join('')

      const { people, tickets } = mentionsIn(text)

      for (const name of people) assert.ok(text.normalize('NFC').toLowerCase().includes(`@${name}`), name)
      for (const name of tickets) assert.ok(text.includes(name), name)
    }),
    { numRuns: 500 },
  )
})

test('the longest and nastiest bodies are looked through in a moment', () => {
  const size = 65_536
  const nasty = [
    '@',
    '`',
    '[',
    '[](',
    '<',
    '_',
    '@a',
    '@a@',
    '#1',
    'https://',
    '> ',
    '``\\`',
    '@a@b.',
    '(',
    '\n ',
    '~~~\n',
    '[a](b(c)',
    'tkt_',
  ]
  for (const one of nasty) {
    const text = `@ # ${one.repeat(Math.ceil(size / one.length))}`.slice(0, size)
    const started = performance.now()
    mentionsIn(text)
    const ms = performance.now() - started
    assert.ok(ms < 500, `${JSON.stringify(one)} took ${Math.round(ms)} ms`)
  }
})

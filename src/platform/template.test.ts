import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { renderMarkdown } from './markdown/markdown.ts'
import { escapeMarkdown, type Part, parseTemplate, placeholdersIn, printTemplate, renderTemplate, toLine } from './template.ts'

function partsOf(source: string): Part[] {
  const read = parseTemplate(source)
  assert.ok('parts' in read, JSON.stringify(read))
  return read.parts
}

function render(source: string, values: Record<string, string> = {}): string {
  return renderTemplate(partsOf(source), (name) => values[name]).body
}

const runs = Number(process.env.PROPERTY_RUNS ?? 2000)
const name = fc.constantFrom('requester.first_name', 'ticket.number', 'agent.name', 'ticket.fields.amount')
/** Letters that mean something somewhere: to Markdown, to HTML, to those who look for links, or to templates. */
const nasty = fc
  .array(
    fc.constantFrom(
      ...'\\`*_{}[]()<>#+-=.!|~:/@&;\'"1 \n\tab'.split(''),
      ...[
        'http://',
        'www.',
        'evil.com',
        'ada@evil.com',
        'mailto:',
        '{{',
        '}}',
        '{{agent.name}}',
        '&lt;',
        '&#60;',
        '<b>',
        '![x](',
        '](',
        '\u202e',
        '日',
        '.name',
      ],
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(''))

test('placeholders are found, with their fallbacks; a backslash takes braces as they are', () => {
  assert.deepEqual(partsOf('Hello {{requester.first_name|there}}, {{ ticket.number }}.'), [
    { text: 'Hello ' },
    { placeholder: 'requester.first_name', fallback: 'there' },
    { text: ', ' },
    { placeholder: 'ticket.number', fallback: null },
    { text: '.' },
  ])
  assert.deepEqual(partsOf('Type \\{{name}}, {a}, }} and \\\\'), [{ text: 'Type \\{{name}}, {a}, }} and \\\\' }])
  assert.deepEqual(partsOf('\\\\{{agent.name}}'), [{ text: '\\\\' }, { placeholder: 'agent.name', fallback: null }])
  assert.equal(renderMarkdown(render('Type \\{{name}}.')), '<p dir="auto">Type {{name}}.</p>\n')
})

test('what is no template is refused, and says why', () => {
  const wrong: [string, string][] = [
    ['Hello {{requester.name', 'unclosed'],
    ['Hello {{requester.name}', 'unclosed'],
    ['{{a{{requester.name}}}}', 'nested'],
    ['{{{requester.name}}}', 'nested'],
    ['{{}}', 'invalid_placeholder'],
    ['{{requester}}', 'invalid_placeholder'],
    ['{{#if requester.name}}', 'invalid_placeholder'],
    ['{{requester.name.toString()}}', 'invalid_placeholder'],
    ['{{__proto__.x}}', 'invalid_placeholder'],
    ['{{requester.name|}}', 'invalid_fallback'],
    ['{{requester.name| \n }}', 'invalid_fallback'],
    [`{{requester.name|${'x'.repeat(201)}}}`, 'invalid_fallback'],
    ['{{agent.name}}'.repeat(51), 'too_many'],
  ]

  for (const [source, code] of wrong) {
    const read = parseTemplate(source)
    assert.equal('fault' in read && read.fault.code, code, source)
  }
})

test('a value is put in; a fallback where there is none; a mark where there is neither', () => {
  const parts = partsOf('{{requester.first_name|there}}, {{requester.last_name}}, {{agent.name}}')

  const full = renderTemplate(
    parts,
    (of) => ({ 'requester.first_name': 'Ada', 'requester.last_name': 'Byron', 'agent.name': 'Bob' })[of],
  )
  const empty = renderTemplate(parts, (of) => (of === 'agent.name' ? ' \n ' : undefined))

  assert.deepEqual(full, { body: 'Ada, Byron, Bob', missing: [] })
  assert.deepEqual(empty.missing, ['requester.last_name', 'agent.name'])
  assert.equal(renderMarkdown(empty.body), '<p dir="auto">there, [requester.last_name], [agent.name]</p>\n')
})

test('a value of which nobody sees anything is none, and no fallback either', () => {
  for (const blank of [' ', '\u00a0', '\u200b', '\u2060\ufeff', '\u3164', '\u00ad \u200d', '\u2800', '\u{e0020}']) {
    const { body, missing } = renderTemplate(partsOf('Hello {{requester.first_name}},'), () => blank)

    assert.deepEqual([body, missing], ['Hello \\[requester\\.first\\_name\\],', ['requester.first_name']])
    assert.equal(render('Hello {{requester.first_name|there}},', { 'requester.first_name': blank }), 'Hello there,')
    assert.ok('fault' in parseTemplate(`Hello {{requester.first_name|${blank}}},`))
  }
})

test('ordinary names, numbers and sentences stay as they are', () => {
  for (const text of [
    "Dr. Ada O'Brien-Smith",
    'Printer/Scanner on the 3rd floor',
    'Smith & Sons',
    'A (very) long day',
    '2026-11-22',
    'Some 40.',
  ])
    assert.equal(escapeMarkdown(text), text)
})

test('what some reader of Markdown takes for markup or a link is taken apart', () => {
  const cases: [string, string][] = [
    ['www.evil.com', 'www\\.evil\\.com'],
    ['ada@evil.com', 'ada\\@evil\\.com'],
    ['http://x', 'http:\\/\\/x'],
    ['*a* _b_ `c`', '\\*a\\* \\_b\\_ \\`c\\`'],
    ['<b>&lt;', '\\<b>\\&lt;'],
    ['{{agent.name}}', '\\{\\{agent\\.name\\}\\}'],
    ['see #1042, C# and #one', 'see \\#1042, C# and #one'],
    ['1. one', '1\\. one'],
    ['- one', '\\- one'],
  ]

  for (const [value, escaped] of cases) assert.equal(escapeMarkdown(value), escaped)
})

test('whatever a value is, it is shown letter by letter, wherever it is put, and is no markup, link or placeholder', () => {
  const places: [string, string, (shown: string) => string][] = [
    ['', '', (shown) => shown],
    ['Hello ', ' and more', (shown) => `Hello ${shown} and more`],
    ['(', ')', (shown) => `(${shown})`],
    ['1', '', (shown) => `1${shown}`],
    ['x]', '', (shown) => `x]${shown}`],
  ]
  fc.assert(
    fc.property(nasty, fc.constantFrom(...places), (value, [before, after, around]) => {
      const line = toLine(value)
      fc.pre(line !== '')

      const body = render(`${before}{{requester.first_name}}${after}`, { 'requester.first_name': value })

      const shown = around(line).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
      const html = renderMarkdown(body).replaceAll('&quot;', '"')
      assert.equal(html, `<p dir="auto">${shown}</p>\n`, body)
      const again = partsOf(body)
      assert.deepEqual(placeholdersIn(again), [])
    }),
    { numRuns: runs },
  )
})

test('a value on a line of its own makes no heading, list, rule, table or quotation of what is around it', () => {
  fc.assert(
    fc.property(nasty, (value) => {
      const line = toLine(value)
      fc.pre(line !== '')

      const html = renderMarkdown(render('Above | it\n{{requester.first_name}}\nBelow', { 'requester.first_name': value }))

      assert.match(html, /^<p dir="auto">Above \| it<br \/>\n[^\n]*<br \/>\nBelow<\/p>\n$/, value)
      assert.equal(/<(?!\/?p>|p dir="auto">|br \/>)/.test(html), false, html)
    }),
    { numRuns: runs },
  )
})

test('what was printed is read as it was, and no text leaves a placeholder behind', () => {
  const text = nasty.filter((source) => source !== '' && 'parts' in parseTemplate(source))
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          nasty,
          text,
          name.map((one) => `{{${one}}}`),
          name.map((one) => `{{ ${one} | b }}`),
        ),
        { maxLength: 6 },
      ),
      (pieces) => {
        const read = parseTemplate(pieces.join(''))
        fc.pre('parts' in read)

        const printed = printTemplate(read.parts)

        assert.deepEqual(partsOf(printed), read.parts)
        const { body, missing } = renderTemplate(read.parts, () => '{{agent.name}}')
        assert.deepEqual([placeholdersIn(partsOf(body)), missing], [[], []])
        assert.deepEqual(placeholdersIn(partsOf(renderTemplate(read.parts, () => undefined).body)), [])
      },
    ),
    { numRuns: runs },
  )
})

test('an unknown name is never taken for a placeholder that there is', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), (inner) => {
      const read = parseTemplate(`{{${inner}}}`)
      if ('fault' in read) return
      for (const one of placeholdersIn(read.parts)) assert.match(one, /^[a-z0-9_.]+$/)
    }),
    { numRuns: runs },
  )
})

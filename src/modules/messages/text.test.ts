import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BODY_MAX, renderMarkdown, renderText } from './text.ts'

const TAG =
  /<(?:\/?(?:p|strong|em|s|code|pre|blockquote|ul|ol|li|h[1-6]|table|thead|tbody|tr|th|td)|\/a|ol start="\d+"|[bh]r \/|a href="(?:https?:\/\/|mailto:)[^"<>]*" rel="nofollow noopener noreferrer")>/g
const ENTITY = /&(?:amp|lt|gt|quot|#\d+|#x[0-9a-f]+);/gi

/** Only the tags that we allow, each in exactly the form in which we write it; everything else is text. */
function assertSafe(html: string, body: string): void {
  const text = html.replaceAll(TAG, '').replaceAll(ENTITY, '')
  assert.doesNotMatch(text, /[<>&]/, `${JSON.stringify(body.slice(0, 300))} becomes ${html.slice(0, 500)}`)
}

/** What a reader sees: the words, and where lines end. */
function visible(html: string): string[] {
  return html
    .replaceAll(/<br \/>|<\/p>/g, '\n')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .split('\n')
    .map((line) => line.trim().replaceAll(/ +/g, ' '))
    .filter((line) => line !== '')
}

const links = (html: string): string[] => Array.from(html.matchAll(/href="([^"]*)"/g), ([, href = '']) => href)

test('plain text looks the same whether it is read as Markdown or not', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ' ',
      '  ',
      '    ',
      '\n',
      '\n\n',
      '\n \n',
      '. ',
      '.',
      ', ',
      ': ',
      ':',
      '-',
      '--',
      ' - ',
      '1. ',
      '2) ',
      '(',
      ')',
      '"',
      "'",
      '!',
      '?',
    ),
    fc.constantFrom(
      'Hello',
      'printer',
      'example.com',
      'a.de',
      'пример.рф',
      'www.',
      'e.g.',
      '3.14',
      '12:30',
      'http',
      'Ümläut',
      '中文',
      'x',
      '%',
      '5 €',
      '$',
    ),
    fc.stringMatching(/^[a-z0-9 ]{1,8}$/),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const body = pieces.join('')
      const { body_html } = renderText(body)
      const full = renderMarkdown(body)
      assertSafe(body_html, body)
      assert.deepEqual(visible(body_html), visible(full), JSON.stringify(body))
      assert.deepEqual(links(body_html), links(full), JSON.stringify(body))
    }),
    { numRuns: 3000 },
  )
})

test('no text becomes anything but text, and the few tags that Markdown needs', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '<script>',
      '</script>',
      '<img src=x onerror=alert(1)>',
      '<svg/onload=alert(1)>',
      '<a href="javascript:alert(1)">',
      '<!--',
      '-->',
      '<![CDATA[',
    ),
    fc.constantFrom(
      '[a](javascript:alert(1))',
      '[a](JaVaScRiPt&colon;alert(1))',
      '[a](data:text/html,<script>)',
      '[a](vbscript:x)',
      '![a](http://x.example/y.png)',
    ),
    fc.constantFrom(
      '[a](http://a.example "t" onclick=x)',
      '<http://a.example>',
      '<javascript:alert(1)>',
      '[a]: javascript:alert(1)\n',
      '[a]',
      'http://a.example/?"onmouseover=x',
      '\u0001',
    ),
    fc.constantFrom(
      '*',
      '**',
      '_',
      '`',
      '```',
      '~~',
      '> ',
      '- ',
      '1. ',
      '# ',
      '|',
      '|-|-|\n',
      '\n',
      '\n\n',
      '    ',
      '\\',
      '&lt;',
      '&#x3c;',
      '&',
      '"',
      "'",
      '<',
      '>',
      '[',
      ']',
      '(',
      ')',
      '!',
    ),
    fc.constantFrom(
      '[a](java\nscript:x)',
      '[a](\u0001javascript:x)',
      '[a](//evil.example)',
      '[a](/relative)',
      'mailto:a@b.example',
      'a@b.example',
      'file:///etc/passwd',
      'tel:1',
    ),
    fc.string({ maxLength: 5, unit: 'binary' }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      const body = pieces.join('')
      assertSafe(renderText(body).body_html, body)
    }),
    { numRuns: 3000 },
  )
})

test('a body with more marks than anybody writes is shown as it stands', () => {
  const body = '<b>*x*</b> "&" [a](http://a.example)\n'.repeat(1200)

  const { body_html } = renderText(body)

  assertSafe(body_html, body)
  assert.deepEqual(visible(body_html), body.trim().split('\n'))
  assert.deepEqual(links(body_html), [])
})

test('no body keeps everybody waiting while it is rendered', () => {
  const pieces = [
    ...[
      '[',
      ']',
      '(',
      '*',
      '_',
      '`',
      '~',
      '<',
      '>',
      '> ',
      '&',
      '|',
      '#',
      '\\',
      '\n',
      ' ',
      '\t',
      '!',
      '"',
      "'",
      '-',
      '=',
      '+',
      '1',
      'a',
      ':',
      '/',
      '@',
      '.',
    ],
    ...[
      '**',
      '*a',
      '_a_',
      '*a_ ',
      '***',
      '`a``',
      '![',
      '](',
      '[a](',
      '[a][',
      '[a]: b\n',
      '[](',
      '[[a](b)',
      '<a ',
      '<!--',
      '<?',
      '</',
      '<http://a',
      '&#',
      '&amp;',
    ],
    ...[
      '> > > ',
      '> x\n',
      '- ',
      '- [',
      '1. ',
      '    a\n',
      '```\n',
      '# a\n',
      'a\n=\n',
      '|-|\n',
      'a|b\n-|-\n',
      '|a|',
      'x\n',
      ')\n\n',
      '\\\n',
      ' \n',
      '\t- ',
      '~~a',
    ],
    ...[
      'http://',
      'http://a.b ',
      'http://a.b/(',
      'www.',
      'a.b ',
      'a@b.',
      'a@b.co ',
      'mailto:',
      '//',
      'xn--a.',
      'é.',
      '💥',
      '\u0300',
      '\u200b',
      'a/',
      ':a',
    ],
  ]
  const bodies = pieces.flatMap((piece) => {
    const many = (length: number) => piece.repeat(Math.floor(length / piece.length))
    const marks = piece.match(/[\n*_`~<>|&[\]!\\#]/g)?.length ?? 0
    // As long as a body may be, and as long as it may be to be rendered at all.
    return marks === 0
      ? [many(BODY_MAX), `a${many(3900)}b`]
      : [many(BODY_MAX), many(Math.min(BODY_MAX, (8000 / marks) * piece.length))]
  })
  bodies.push(
    `${'>'.repeat(10_000)} x`,
    '[a](http://b.example) '.repeat(2600),
    `${'a'.repeat(3000)} `.repeat(20),
    `${' '.repeat(65_000)}*`,
  )
  for (const body of bodies.slice(0, 60)) renderText(body.slice(0, 4000))

  for (const body of bodies) {
    const before = process.cpuUsage()
    const { body_html } = renderText(body)
    const { user } = process.cpuUsage(before)

    assertSafe(body_html, body)
    assert.ok(user < 600_000, `${JSON.stringify(body.slice(0, 40))}… takes ${user / 1000} ms`)
  }
})

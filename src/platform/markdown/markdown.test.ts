import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { assertAllowed } from '../../../test/browser/allowed.ts'
import { ATTACHMENT_ID, corpus } from '../../../test/browser/corpus.ts'
import { attachmentsIn, type Images, showImages } from './images.ts'
import { renderMarkdown } from './markdown.ts'
import { isPlain, plainHtml } from './plain.ts'
import { isLight } from './renderer.ts'
import { doTask } from './task.ts'

const render = (body: string): string => doTask({ body })[0] ?? ''
const links = new Map([[ATTACHMENT_ID, 'https://desk.example/files/1?a=1&b=2']])
const shown = (html: string, images: Images): string => showImages({ images, texts: [{ html, links }] })[0] ?? ''
const text = (html: string): string => html.replaceAll(/<[^>]*>/g, '').trim()
const link = (href: string, words: string, dir = ''): string =>
  `<a href="${href}"${dir} rel="nofollow noopener noreferrer">${words}</a>`

test('a link whose text is another address says where it leads', () => {
  const cases: [body: string, seen: string][] = [
    ['[https://bank.example](https://evil.example/x)', 'https://bank.example (evil.example)'],
    ['[bank.com](https://evil.example)', 'bank.com (evil.example)'],
    ['[Pay at **bank.com** now](https://evil.example)', 'Pay at bank.com now (evil.example)'],
    ['[ｂａｎｋ.com](https://evil.example)', 'ｂａｎｋ.com (evil.example)'],
    ['[bank\u3002com](https://evil.example)', 'bank\u3002com (evil.example)'],
    ['[help@bank.com](mailto:help@evil.example?subject=x)', 'help@bank.com (help@evil.example)'],
    ['<https://bank.com@evil.example/>', 'https://bank.com@evil.example/ (evil.example)'],
    ['<https://b\u0430nk.com>', 'https://b\u0430nk.com (xn--bnk-6cd.com)'],
    ['[bank.com](https://bank.com:8443/)', 'bank.com (bank.com:8443)'],
    ['![https://bank.example](https://evil.example/a.png)', 'https://bank.example (evil.example)'],
  ]
  for (const [body, seen] of cases) assert.equal(text(render(body)), seen)
})

test('a link that is what it says stays as it was written', () => {
  const cases: [body: string, seen: string][] = [
    ['[our page](https://a.example/x)', 'our page'],
    ['[bank.com](https://www.bank.com/login)', 'bank.com'],
    ['https://a.example/%E2%80%AEx?a=b#c', 'https://a.example/%E2%80%AEx?a=b#c'],
    ['[Ada](mailto:ada@a.example)', 'Ada'],
    ['[ada@a.example](mailto:ada@a.example)', 'ada@a.example'],
  ]
  for (const [body, seen] of cases) assert.equal(text(render(body)), seen)
})

test('a link keeps its address as browsers understand it', () => {
  assert.equal(render('[a](https://a.example)'), `<p dir="auto">${link('https://a.example', 'a')}</p>\n`)
  assert.match(render('[a](HTTPS://A.Example/%41 "t")'), /href="https:\/\/a\.example\/%41"/)
  assert.match(render('[a](https://b\u0430nk.com)'), /href="https:\/\/xn--bnk-6cd\.com\/"/)
  assert.match(render('[a](mailto:x@y.example?subject=a%20b)'), /href="mailto:x@y\.example\?subject=a%20b"/)
  for (const body of ['[a](https:evil.example)', '[a](https://)', '[a](https://%00/)', '[a](//x.example)', '[a](tel:1)'])
    assert.doesNotMatch(render(body), /<a /, body)
})

test('what reorders text is not in it, and each block reads from its own side', () => {
  const html = render('a\u202eb\u2066c\u2069 &#x202d;d\n\n- \u05d0\n\n| \u202ex |\n|---|\n| y |\n\n# h\n\n> q\n')

  assert.doesNotMatch(html, /[\u202a-\u202e\u2066-\u2069]/)
  assert.match(html, /<p dir="auto">abc d<\/p>/)
  for (const tag of ['p', 'li', 'th', 'td', 'h1']) assert.match(html, new RegExp(`<${tag} dir="auto">`))
  assert.equal(plainHtml('a\u202eb'), '<p dir="auto">ab</p>\n')
})

test('an image is a link until somebody asks for it', () => {
  const html = render('![a *cat* "x"](https://a.example/cat.png?a=1&b=2)')
  const mark = '<span data-image="https://a.example/cat.png?a=1&amp;b=2">a cat "x"</span>'
  assert.equal(html, `<p dir="auto">${link('https://a.example/cat.png?a=1&amp;b=2', mark)}</p>\n`)

  assert.equal(shown(html, 'none'), html)
  assert.equal(shown(html, 'attachments'), html)
  const image =
    '<img src="https://a.example/cat.png?a=1&amp;b=2" alt="a cat &quot;x&quot;" loading="lazy" referrerpolicy="no-referrer" />'
  assert.equal(shown(html, 'all'), `<p dir="auto">${link('https://a.example/cat.png?a=1&amp;b=2', image)}</p>\n`)
})

test('an image of an attachment is its words until somebody asks for it, and has a link', () => {
  const html = render(`![a cat](attachment:${ATTACHMENT_ID}) ![b](attachment:att_01kaxss0000000000000000001)`)
  const other = '<span data-attachment="att_01kaxss0000000000000000001">b</span>'
  assert.equal(html, `<p dir="auto"><span data-attachment="${ATTACHMENT_ID}">a cat</span> ${other}</p>\n`)
  assert.deepEqual(attachmentsIn(html), [ATTACHMENT_ID, 'att_01kaxss0000000000000000001'])

  for (const images of ['attachments', 'all'] as const) {
    const image = '<img src="https://desk.example/files/1?a=1&amp;b=2" alt="a cat" loading="lazy" referrerpolicy="no-referrer" />'
    assert.equal(shown(html, images), `<p dir="auto">${image} ${other}</p>\n`)
  }
})

test('an image that is not https, or of no attachment, is never shown', () => {
  for (const source of ['http://a.example/x.png', 'data:image/png;base64,AAAA', '//a.example/x', 'x.png', 'attachment:x'])
    assert.doesNotMatch(shown(render(`![a](${source})`), 'all'), /<img/, source)
})

test('an image inside a link is shown inside it', () => {
  const html = shown(render('[![a](https://a.example/b.png)](https://b.example/c)'), 'all')

  assert.match(html, /<a href="https:\/\/b\.example\/c" [^>]*><img src="https:\/\/a\.example\/b\.png" [^>]*><\/a>/)
  assert.equal(html.match(/<a /g)?.length, 1)
})

test('every nasty body becomes nothing but what may stand in a message', () => {
  for (const { name, body } of corpus) {
    const html = render(body)
    assertAllowed(html, { of: name })
    for (const images of ['attachments', 'all'] as const) {
      const isSource = (source: string): boolean =>
        source === links.get(ATTACHMENT_ID) || (images === 'all' && source.startsWith('https://'))
      assertAllowed(shown(html, images), { of: name, isSource })
    }
  }
})

test('what was kept is made safe again before images are shown in it', () => {
  const kept = `<p onclick="hit()">a</p><script>hit()</script><img src="https://evil.example/a.png" onerror="hit()" /><span data-attachment="${ATTACHMENT_ID}">b</span>`
  const image = '<img src="https://desk.example/files/1?a=1&amp;b=2" alt="b" loading="lazy" referrerpolicy="no-referrer" />'

  assert.equal(shown(kept, 'attachments'), `<p dir="auto">a</p>${image}`)
})

const piece = fc.oneof(
  fc.constantFrom(...corpus.map(({ body }) => body.slice(0, 200))),
  fc.constantFrom(
    ...'*_`~<>|&[]()!\\#@:"\'\n \t-=+.1'.split(''),
    '```',
    '> ',
    '- ',
    '1. ',
    '    ',
    '\n\n',
    '](',
    '![',
    'https://',
  ),
  fc.constantFrom('bank.com', 'javascript:', 'data:', `attachment:${ATTACHMENT_ID}`, '&lt;', '&#x3c;', '</span>', '$&', '\u202e'),
  fc.string({ maxLength: 5, unit: 'binary' }),
)
const nastyBody = fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join('').toWellFormed())

test('whatever is written becomes nothing but what may stand in a message', () => {
  fc.assert(
    fc.property(nastyBody, (body) => {
      const html = render(body)
      assertAllowed(html, { of: body })
      const isSource = (source: string): boolean => source.startsWith('https://')
      assertAllowed(shown(html, 'all'), { of: body, isSource })
      assertAllowed(plainHtml(body), { of: body })
    }),
    { numRuns: 1500, examples: [['![]()'], ['[a]()'], ['[*a*](<>) [![]()](https://a.example)']] },
  )
})

test('a link that leads nowhere is its words', () => {
  assert.equal(render('[a *b*]() ![]() ![c]() [bank.com]()'), '<p dir="auto">a <em>b</em>  c bank.com</p>\n')
})

test('a text that was made safe stays the same when it is made safe again', () => {
  fc.assert(
    fc.property(nastyBody, (body) => {
      const html = shown(render(body), 'all')
      assert.equal(shown(`${html}<span data-x></span>`, 'all').replace('<span></span>', ''), html)
    }),
    { numRuns: 500 },
  )
})

test('no word is lost, however deep it lies', () => {
  const depth = fc.integer({ min: 0, max: 130 })
  const line = fc.tuple(depth, fc.constantFrom('>', '> ', '- ', '  ', '1. ', '> - ')).map(([n, mark]) => mark.repeat(n))
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), (lines) => {
      const html = render(lines.map((marks, i) => `${marks}word${i}`).join('\n'))
      for (const [i] of lines.entries()) assert.match(html, new RegExp(`word${i}\\b`), lines.join('\n'))
    }),
    { numRuns: 300 },
  )
})

test('what is plain is the same read as Markdown', () => {
  const word = fc.oneof(
    fc.constantFrom(
      ' ',
      '  ',
      '\n',
      '\n\n',
      '\n \n',
      '. ',
      '.',
      ', ',
      ': ',
      '-',
      '--',
      ' - ',
      '(',
      ')',
      '"',
      "'",
      '!',
      '?',
      '3.14',
    ),
    fc.constantFrom('Hello', 'e.g.', '12:30', 'http', 'www.', 'Ümläut', '中文', '%', '5 €', '\u05d0\u05d1'),
    fc.stringMatching(/^[a-z0-9 ]{1,8}$/),
  )
  const seen = (html: string): string[] =>
    text(html.replaceAll(/<br \/>|<\/p>/g, '\n'))
      .split('\n')
      .map((line) => line.trim().replaceAll(/ +/g, ' '))
      .filter((line) => line !== '')
  let count = 0
  fc.assert(
    fc.property(fc.array(word, { maxLength: 20 }), (words) => {
      const body = words.join('')
      if (!isPlain(body)) return
      count++
      assert.deepEqual(seen(plainHtml(body)), seen(renderMarkdown(body)), JSON.stringify(body))
    }),
    { numRuns: 2000 },
  )
  assert.ok(count > 300)
})

test('a body is rendered at once only where that is quick', () => {
  assert.ok(isLight('Hello *there*, see https://a.example/x\n\n> quoted\n> again\n'.repeat(20)))
  assert.ok(!isLight('x'.repeat(10_000)))
  assert.ok(!isLight('> '.repeat(1000)))
})

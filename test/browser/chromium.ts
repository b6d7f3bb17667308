// The corpus in headless Chromium: each body is said to the real app, and what the app makes of it stands in a page.
//   npm run test:browser      (CHROMIUM=/usr/bin/chromium)
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { imageChoices } from '../../src/platform/markdown/images.ts'
import { openDesk } from '../desk.ts'
import { PUBLIC_URL, postCorpus } from './posted.ts'
import { openVisitor } from './visits.ts'

const executable = process.env.CHROMIUM ?? '/usr/bin/chromium'
if (!existsSync(executable)) throw new Error(`There is no ${executable}: apt-get install chromium, or set CHROMIUM.`)

const guilty: [what: string, html: string, sign: RegExp][] = [
  ['a script', '<script>hit()</script>', /hit\(\)/],
  ['a handler', '<img src=x onerror=hit()>', /hit\(\)/],
  ['a handler that waits for the mouse', '<p onmouseover=hit()>x</p>', /hit\(\)/],
  ['a dialog', '<svg onload=alert(1)>', /a dialog: 1/],
  ['a frame', '<iframe srcdoc="<script>parent.hit()</script>"></iframe>', /a frame.*hit\(\)|hit\(\).*a frame/],
  ['an image', '<img src="https://evil.example/a.png">', /evil\.example:443/],
  ['a style sheet', '<link rel=stylesheet href=http://evil.example/x.css>', /evil\.example/],
  ['a refresh', '<meta http-equiv=refresh content="0;url=http://evil.example/">', /"moves":\["chrome-error/],
  ['a link to a script', '<a href="javascript:hit()">x</a>', /to javascript:/],
  [
    'what only a second parser sees',
    '<noscript><p title="</noscript><img src=x onerror=hit()>"></noscript>',
    /IMG|hit\(\)|title/,
  ],
]

test('no body makes a browser run a script, ask somebody for something, or go somewhere', { timeout: 500_000 }, async (t) => {
  const desk = await openDesk(t, { env: { BECKON_PUBLIC_URL: PUBLIC_URL } })
  const { posted } = await postCorpus(desk)
  const visitor = await openVisitor(executable)
  t.after(() => visitor.close())

  // What is not safe must be seen, or seeing nothing means nothing.
  for (const [what, html, sign] of guilty) assert.match(JSON.stringify(await visitor.visit(html)), sign, `${what} is not seen`)

  const figures = []
  for (const images of imageChoices) {
    const asked = new Set<string>()
    let shown = 0
    for (const { name, html } of posted) {
      const visit = await visitor.visit(html[images])
      const sources = Array.from(
        html[images].matchAll(/<img src="https:\/\/([^/"]+)/g),
        ([, host = '']) => `${host.split('@').at(-1)}:443`,
      )
      assert.deepEqual(
        { ...visit, hosts: visit.hosts.filter((host) => !sources.includes(host)) },
        { scripts: [], hosts: [], moves: [], wrong: [] },
        `${name} with images=${images}: ${html[images].slice(0, 1000)}`,
      )
      for (const host of visit.hosts) asked.add(host)
      shown += sources.length
    }
    figures.push(
      `images=${images}: ${posted.length} pages, ${shown} images shown, asked for: ${[...asked].join(' ') || 'nothing'}`,
    )
  }
  t.diagnostic(`Chromium ${visitor.version}; ${guilty.length} guilty pages were all seen`)
  for (const figure of figures) t.diagnostic(`${figure}; 0 scripts, 0 other requests, 0 moves, 0 foreign elements`)
})

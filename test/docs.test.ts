import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { allEvents } from '../src/platform/events.ts'
import { readSentences, renderEventsDocs } from '../tools/render-events.ts'
import { renderProblemsDocs } from '../tools/render-problems.ts'

const committed = (name: string) => readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8')

test('docs/events.md says what the modules announce (else: npm run docs:make)', () => {
  assert.equal(committed('events.md'), renderEventsDocs())
})

test('every kind of event has a sentence that says what happened', () => {
  const sentences = readSentences()

  const silent = allEvents().filter(({ type }) => !sentences.get(type))
  assert.deepEqual(
    silent.map(({ type }) => type),
    [],
  )
})

test('docs/problems.md says what can go wrong (else: npm run docs:make)', () => {
  assert.equal(committed('problems.md'), renderProblemsDocs())
})

test('what README, ARCHITECTURE and CONTRIBUTING point to is there', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
  for (const page of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md']) {
    const text = readFileSync(page, 'utf8')
    for (const [, script = ''] of text.matchAll(/npm run ([a-z:]+)/g)) assert.ok(scripts[script], `${page}: npm run ${script}`)
    for (const [, link = ''] of text.matchAll(/\]\((?!http|#)([^)#]+)\)/g)) assert.ok(existsSync(link), `${page}: ${link}`)
  }
})

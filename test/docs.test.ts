import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
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

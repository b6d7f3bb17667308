import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allProblems } from '../src/platform/problems.ts'
import { openDesk } from './desk.ts'

test('every problem of the whole house has a page, and the type of an answer leads there', async (t) => {
  const desk = await openDesk(t)
  const refusal = await desk.anyone.get('/v1/tickets')
  const codes = allProblems().map(({ code }) => code)

  const pages = await Promise.all(codes.map((code) => desk.anyone.get(`/errors/${code}`)))
  const led = await desk.anyone.get(new URL(refusal.body.type).pathname)

  assert.ok(codes.length > 100)
  for (const [i, { status, text }] of pages.entries()) {
    assert.equal(status, 200, String(codes[i]))
    assert.ok(text.includes(`<h1><code>${codes[i]}</code></h1>`))
  }
  assert.match(led.text, /<h1><code>unauthenticated<\/code><\/h1>/)
  assert.equal((await desk.anyone.get('/errors/nothing_like_it')).status, 404)
})

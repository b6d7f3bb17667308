import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isCleanText } from './text.ts'

test('text is clean unless it has a NUL or half a surrogate pair', () => {
  for (const clean of ['', 'plain', 'Zoë 打印机 🖨️', 'tab\tand\nline', '\ufffd']) assert.equal(isCleanText(clean), true, clean)
  for (const bad of ['\u0000', 'a\u0000b', '\ud83d', 'a\udda8', '\udda8\ud83d']) assert.equal(isCleanText(bad), false)
})

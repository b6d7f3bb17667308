import assert from 'node:assert/strict'
import { test } from 'node:test'
test('good', () => {})
test('bad', () => assert.equal(1, 2))
test('skipped', { skip: true }, () => {})
test('never', () => new Promise(() => {}))

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { renderConfigurationDocs } from './config-docs.ts'

test('docs/configuration.md says what the settings are (else run: node tools/docs-configuration.ts)', () => {
  const committed = readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8')

  assert.equal(committed, renderConfigurationDocs())
})

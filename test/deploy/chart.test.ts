import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import { parse } from 'yaml'
import { renderValuesSchema } from '../../tools/render-values-schema.ts'
import { textOf, yamlOf } from './files.ts'

const chart = 'deploy/helm/beckon'
const validate = new Ajv({ allErrors: true, allowUnionTypes: true, strictTypes: false, strictRequired: false }).compile(
  JSON.parse(renderValuesSchema()),
)

/** What is wrong with some values, on top of those of the chart, as Helm puts them together. */
function faultsOf(changes: string): string[] {
  validate(merged(yamlOf(`${chart}/values.yaml`), parse(changes)))
  return (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`)
}

function merged(base: Record<string, unknown>, changes: Record<string, unknown>): Record<string, unknown> {
  const result = { ...base }
  for (const [key, value] of Object.entries(changes ?? {})) {
    const old = result[key]
    result[key] = isMap(old) && isMap(value) ? merged(old, value) : value
  }
  return result
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

test('the schema of the values is made from the list of settings, and is not stale', () => {
  assert.equal(textOf(`${chart}/values.schema.json`), renderValuesSchema(), 'node tools/docs-values-schema.ts makes it anew')
})

test('the values of the chart fit their schema, alone and as they are tried', () => {
  for (const changes of ['{}', textOf(`${chart}/ci/single.yaml`), textOf(`${chart}/ci/scaled.yaml`)])
    assert.deepEqual(faultsOf(changes), [])
})

for (const [what, changes, fault] of [
  ['a setting that there is not', 'settings: { BECKON_COLOUR: red }', '/settings additionalProperties'],
  ['a secret', 'settings: { BECKON_SECRET: abc }', '/settings additionalProperties'],
  ['a setting that the chart says', 'settings: { BECKON_ROLE: api }', '/settings additionalProperties'],
  ['a number out of range', 'settings: { BECKON_DATABASE_POOL_SIZE: 0 }', '/settings/BECKON_DATABASE_POOL_SIZE minimum'],
  ['a word that is no choice', 'settings: { BECKON_LOG_LEVEL: loud }', '/settings/BECKON_LOG_LEVEL enum'],
  ['a key with a slip', 'networkPolicies: {}', ' additionalProperties'],
  ['many nodes without their secret', 'mode: scaled\nsettings: { BECKON_S3_ENDPOINT: "https://s3" }', '/secretName minLength'],
  ['many nodes without a place for files', 'mode: scaled\nsecretName: beckon', '/settings required'],
] as const)
  test(`values with ${what} are refused`, () => {
    assert.ok(faultsOf(changes).includes(fault), `${faultsOf(changes)}`)
  })

test('the chart has the version of Beckon', () => {
  const { version } = JSON.parse(textOf('package.json'))
  const { version: chartVersion, appVersion } = yamlOf<{ version: string; appVersion: string }>(`${chart}/Chart.yaml`)

  assert.deepEqual([chartVersion, appVersion], [version, version])
})

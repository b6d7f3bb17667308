import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settings } from '../../src/config.ts'
import type { Setting } from '../../src/platform/settings.ts'
import { blueprintFiles, type EnvVar, readBlueprint } from './blueprints.ts'
import { filesLike, textOf } from './files.ts'

const list = new Map(Object.values<Setting<unknown>>(settings).map((setting) => [setting.name as string, setting]))
const files = filesLike('render.yaml', 'deploy/render/*.yaml', 'deploy/helm/**/*.{yaml,tpl,txt}', '.github/**/*.yml')

/** The settings that a text names; `…_FILE` is the file of one. */
function variablesIn(text: string): string[] {
  const names = Array.from(text.matchAll(/\bBECKON_[A-Z0-9_]*[A-Z0-9]\b/g), ([name]) => name)
  return [...new Set(names)].map((name) => (list.has(name) ? name : name.replace(/_FILE$/, '')))
}

test('what is deployed names only settings that there are', () => {
  assert.ok(files.length >= 10, `only ${files} were looked at`)
  for (const file of files) {
    const unknown = variablesIn(textOf(file)).filter((name) => !list.has(name))
    assert.deepEqual(unknown, [], `${file} names settings that are not in src/config.ts`)
  }
})

test('the values in Blueprints are taken by the settings, and no secret is one of them', () => {
  for (const { key, value } of blueprintFiles.flatMap((file) => envVarsOf(file))) {
    const setting = list.get(key)
    if (setting === undefined || value === undefined) continue
    assert.ok(!setting.isSecret, `${key} is a secret and stands in a Blueprint`)
    assert.ok('value' in setting.read(String(value)), `${key} does not take ${value}`)
  }
})

test('what Render makes up is long enough for a secret', () => {
  const made = blueprintFiles.flatMap((file) => envVarsOf(file)).filter(({ generateValue }) => generateValue)
  const value = Buffer.alloc(32, 7).toString('base64') // 256 bits in base64, as Render says

  assert.ok(made.some(({ key }) => key === 'BECKON_SECRET'))
  for (const { key } of made) {
    const setting = list.get(key)
    if (setting === undefined) continue
    assert.ok(setting.isSecret, `${key} is no secret`)
    assert.ok('value' in setting.read(value), `${key} does not take what Render makes`)
  }
})

function envVarsOf(file: string): (EnvVar & { key: string })[] {
  const { services, envVarGroups = [] } = readBlueprint(file)
  return [...services, ...envVarGroups].flatMap(({ envVars = [] }) =>
    envVars.flatMap(({ key, ...rest }) => (key === undefined ? [] : [{ ...rest, key }])),
  )
}

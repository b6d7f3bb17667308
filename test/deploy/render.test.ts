import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { isSecret, unknownSettingsIn } from './settings-named.ts'

interface Variable {
  key?: string
  value?: string
  sync?: false
  generateValue?: true
  fromGroup?: string
  fromService?: { type: string; name: string; property?: string; envVarKey?: string }
}

interface Service extends Record<string, unknown> {
  type: 'web' | 'worker' | 'pserv' | 'keyvalue'
  name: string
  plan: string
  runtime?: string
  numInstances?: number
  disk?: { mountPath: string; sizeGB: number }
  envVars?: Variable[]
}

interface Blueprint extends Record<string, unknown> {
  services: Service[]
  envVarGroups?: { name: string; envVars: Variable[] }[]
}

const root = join(import.meta.dirname, '../..')
// What a Blueprint may say (render.com/docs/blueprint-spec), as far as these do.
const ROOT_KEYS = ['services', 'databases', 'envVarGroups', 'projects', 'previews']
const SERVICE_KEYS = {
  all: ['type', 'name', 'plan'],
  built: [
    'runtime',
    'image',
    'autoDeployTrigger',
    'maxShutdownDelaySeconds',
    'disk',
    'envVars',
    'numInstances',
    'preDeployCommand',
  ],
  web: ['healthCheckPath'],
  keyvalue: ['ipAllowList', 'maxmemoryPolicy'],
}

for (const name of ['render.yaml', 'deploy/render/scale.yaml', 'deploy/render/scale-selfhosted.yaml']) {
  const text = readFileSync(join(root, name), 'utf8')
  const blueprint = parse(text) as Blueprint // its shape is what is looked at here
  const { services, envVarGroups = [] } = blueprint

  test(`${name}: says only what a Blueprint may say`, () => {
    assert.deepEqual(unknownSettingsIn(text), [])
    for (const key of Object.keys(blueprint)) assert.ok(ROOT_KEYS.includes(key), key)
    for (const service of services) {
      const isStore = service.type === 'keyvalue'
      const own = isStore ? SERVICE_KEYS.keyvalue : [...SERVICE_KEYS.built, ...(service.type === 'web' ? SERVICE_KEYS.web : [])]
      for (const key of Object.keys(service)) assert.ok([...SERVICE_KEYS.all, ...own].includes(key), `${service.name}: ${key}`)
      if (isStore) assert.deepEqual([service.ipAllowList, service.maxmemoryPolicy], [[], 'noeviction'])
      else assert.ok(service.runtime === 'docker' || service.runtime === 'image')
    }
  })

  test(`${name}: secrets are made or asked for, and what is referred to is there`, () => {
    for (const { name: owner, envVars = [] } of [...services, ...envVarGroups])
      for (const { key = '', value, fromGroup, fromService } of envVars) {
        assert.ok(!(isSecret(key) || /(?<!RANDOM_ROOT_)PASSWORD$/.test(key)) || value === undefined, `${owner}: ${key}`)
        // Blueprints know strings only, and join none.
        if (value !== undefined) assert.equal(typeof value, 'string', `${owner}: ${key}`)
        if (fromGroup !== undefined) assert.ok(envVarGroups.some((group) => group.name === fromGroup))
        const { type, name: target, envVarKey } = fromService ?? {}
        const found = services.find((service) => service.name === target)
        if (fromService) assert.equal(found?.type, type, `${owner}: ${key}`)
        if (envVarKey !== undefined)
          assert.ok(
            found?.envVars?.some((one) => one.key === envVarKey),
            envVarKey,
          )
      }
  })

  test(`${name}: a disk has one instance and no command before the deploy, and SQLite has a disk`, () => {
    for (const { disk, numInstances = 1, preDeployCommand, plan } of services) {
      assert.notEqual(plan, 'free')
      if (disk) assert.deepEqual([numInstances, preDeployCommand], [1, undefined])
    }
    const usesServer = text.includes('BECKON_DATABASE_HOST')
    assert.ok(usesServer || services.every(({ type, disk }) => type === 'keyvalue' || disk?.mountPath === '/data'))
  })
}

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { isSecret, unknownSettingsIn } from './settings-named.ts'

interface Service {
  image: string
  environment?: Record<string, string>
  depends_on?: Record<string, { condition: string }>
  secrets?: string[]
  volumes?: string[]
  ports?: string[]
  read_only?: boolean
  restart?: string
  healthcheck?: unknown
  stop_grace_period?: string
}

interface Compose {
  services: Record<string, Service>
  volumes: Record<string, unknown>
  secrets?: Record<string, { file: string }>
}

const root = join(import.meta.dirname, '../..')

for (const name of ['compose.yaml', 'compose.scale.yaml']) {
  const text = readFileSync(join(root, name), 'utf8')
  const compose = parse(text, { merge: true }) as Compose // its shape is what is looked at here
  const services = Object.entries(compose.services)

  test(`${name}: every setting is one, and no secret stands in it`, () => {
    assert.deepEqual(unknownSettingsIn(text), [])
    for (const [service, { environment = {} }] of services)
      for (const [key, value] of Object.entries(environment))
        if (isSecret(key)) assert.match(String(value), /^(\$\{|redis:\/\/valkey|$)/, `${service}: ${key}`)
  })

  test(`${name}: what a service names is there, and images have versions`, () => {
    for (const [service, { image, depends_on = {}, secrets = [], volumes = [] }] of services) {
      assert.match(image, /^\$\{BECKON_IMAGE|:v?\d/, service)
      for (const [other, { condition }] of Object.entries(depends_on)) {
        const target = compose.services[other]
        assert.ok(target, `${service} waits for ${other}`)
        // The image of Beckon brings its own.
        if (condition === 'service_healthy') assert.ok(target.healthcheck ?? target.image.includes('BECKON_IMAGE'), other)
        else assert.equal(target.restart, 'no', other)
      }
      for (const secret of secrets) assert.ok(compose.secrets?.[secret], `${service}: ${secret}`)
      for (const volume of volumes) {
        const [from = ''] = volume.split(':')
        assert.ok(from.startsWith('.') ? existsSync(join(root, from)) : from in compose.volumes, `${service}: ${volume}`)
      }
    }
  })

  test(`${name}: Beckon runs without rights, and nothing is open to other machines`, () => {
    for (const [service, { image, read_only, ports = [], stop_grace_period }] of services) {
      if (image.includes('BECKON_IMAGE')) assert.deepEqual([service, read_only, stop_grace_period], [service, true, '30s'])
      for (const port of ports) assert.match(port, /^127\.0\.0\.1:/, `${service}: ${port}`)
    }
  })
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import { loadConfig } from '../../src/config.ts'
import { type Blueprint, blueprintFiles, blueprintSchema, type EnvVar, readBlueprint, type Service } from './blueprints.ts'

const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(blueprintSchema)

for (const file of blueprintFiles) {
  test(`${file} is a Blueprint that Render understands`, () => {
    validate(readBlueprint(file))

    assert.deepEqual(validate.errors ?? [], [])
  })

  test(`${file} breaks none of the rules of Render that no schema says`, () => {
    const { services, envVarGroups = [] } = readBlueprint(file)
    const names = services.map(({ name }) => name)

    assert.equal(new Set(names).size, names.length, 'two services have one name')
    assert.equal(new Set(services.map(({ region }) => region)).size, 1, 'a private network has one region')
    for (const service of services) {
      assert.equal(service.runtime === 'image', service.image !== undefined, `${service.name}: an image needs its runtime`)
      if (service.disk) {
        assert.equal(service.numInstances ?? 1, 1, `${service.name}: a disk means one instance`)
        assert.equal(service.maxShutdownDelaySeconds, undefined, `${service.name}: refused together with a disk`)
      }
      for (const { fromGroup, fromService } of service.envVars ?? []) {
        if (fromGroup)
          assert.ok(
            envVarGroups.some(({ name }) => name === fromGroup),
            `no group is called ${fromGroup}`,
          )
        if (fromService) assertIsThere(services, fromService)
      }
    }
  })

  test(`${file}: each process of Beckon starts with what it is given`, () => {
    const blueprint = readBlueprint(file)
    const beckons = blueprint.services.filter(({ name, type }) => type !== 'keyvalue' && name !== 'beckon-mariadb')

    assert.equal(new Set(beckons.map(({ image }) => image?.url)).size, 1, 'they do not run one image')
    for (const service of beckons) {
      const config = loadConfig({ env: environmentOf(blueprint, service) })
      assert.equal(config.host, '0.0.0.0')
      assert.equal(config.publicUrl, 'https://beckon.onrender.com')
      assert.equal(config.database.engine, beckons.length === 1 ? 'sqlite' : 'mysql')
      assert.equal(config.s3 === undefined, beckons.length === 1, 'nodes on many machines share no folder')
      // What they drain and finish fits into what Render waits, also where a disk is.
      const seconds = config.drainSeconds + config.shutdownSeconds
      assert.ok(seconds <= 25 && seconds < (service.maxShutdownDelaySeconds ?? 30), `${service.name} is cut off`)
    }
    const secrets = beckons.map((service) => environmentOf(blueprint, service).BECKON_SECRET)
    assert.equal(new Set(secrets).size, 1, 'the nodes do not have one secret')
  })
}

test('the disk of the one-service Blueprint is where the data is kept', () => {
  const [service] = readBlueprint('render.yaml').services

  const dataDir = service?.envVars?.find(({ key }) => key === 'BECKON_DATA_DIR')?.value
  assert.equal(dataDir, service?.disk?.mountPath)
})

test('a Blueprint with the keys that Render has given up is refused', () => {
  const [service] = readBlueprint('render.yaml').services
  for (const old of [{ env: 'docker' }, { autoDeploy: true }, { plan: 'free' }, { type: 'redis' }]) {
    assert.ok(!validate({ services: [{ ...service, ...old }] }), JSON.stringify(old))
  }
})

function assertIsThere(services: Service[], { type, name, envVarKey }: NonNullable<EnvVar['fromService']>): void {
  const other = services.find((one) => one.name === name && one.type === type)
  assert.ok(other, `there is no ${type} called ${name}`)
  // Render itself gives a web service its address.
  if (envVarKey === undefined || envVarKey === 'RENDER_EXTERNAL_URL') return
  assert.ok(
    other.envVars?.some(({ key }) => key === envVarKey),
    `${name} has no ${envVarKey}`,
  )
}

/** The environment of a service, with something of the right form where Render or a person fills in. */
function environmentOf({ services, envVarGroups = [] }: Blueprint, service: Service): Record<string, string> {
  const env: Record<string, string> =
    service.type === 'web' ? { RENDER_EXTERNAL_URL: answers.RENDER_EXTERNAL_URL, PORT: '10000' } : {}
  for (const { key, value, fromGroup, fromService, ...rest } of service.envVars ?? []) {
    const group = envVarGroups.find(({ name }) => name === fromGroup)
    if (group) Object.assign(env, environmentOf({ services }, { type: 'worker', name: group.name, envVars: group.envVars }))
    if (key === undefined) continue
    if (rest.generateValue) env[key] = Buffer.alloc(32, 7).toString('base64')
    else if (value !== undefined) env[key] = String(value)
    else env[key] = answers[fromService?.envVarKey ?? key] ?? answers[fromService?.property ?? ''] ?? ''
  }
  return env
}

const answers: Record<string, string> & { RENDER_EXTERNAL_URL: string } = {
  RENDER_EXTERNAL_URL: 'https://beckon.onrender.com',
  BECKON_DATABASE_HOST: 'mysql.example.com',
  BECKON_DATABASE_USER: 'beckon',
  BECKON_DATABASE_PASSWORD: 'a password',
  MARIADB_PASSWORD: 'a password',
  BECKON_REDIS_URL: 'redis://red-1234:6379',
  host: 'beckon-mariadb',
  BECKON_S3_ENDPOINT: 'https://s3.example.com',
  BECKON_S3_BUCKET: 'desk',
  BECKON_S3_ACCESS_KEY: 'key',
  BECKON_S3_SECRET_KEY: 'secret',
}

import { yamlOf } from './files.ts'

/** One variable of a service or group, of which exactly one source is set. */
export interface EnvVar {
  key?: string
  value?: string | number
  generateValue?: boolean
  sync?: boolean
  fromGroup?: string
  fromService?: { type: string; name: string; property?: string; envVarKey?: string }
}

/** A service of a Blueprint, as far as it is looked at here. */
export interface Service {
  type: 'web' | 'worker' | 'pserv' | 'keyvalue'
  name: string
  runtime?: string
  image?: { url: string }
  plan?: string
  region?: string
  numInstances?: number
  disk?: { name: string; mountPath: string; sizeGB: number }
  healthCheckPath?: string
  maxShutdownDelaySeconds?: number
  envVars?: EnvVar[]
}

/** A Blueprint of Render. */
export interface Blueprint {
  services: Service[]
  envVarGroups?: { name: string; envVars: EnvVar[] }[]
}

/** The three ways to run Beckon on Render. */
export const blueprintFiles = ['render.yaml', 'deploy/render/scale.yaml', 'deploy/render/scale-selfhosted.yaml']

/** One of them, read. */
export function readBlueprint(file: string): Blueprint {
  return yamlOf<Blueprint>(file)
}

const closed = (properties: Record<string, object>, required: string[]) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
})
const text = { type: 'string', minLength: 1 }
const fromService = {
  ...closed(
    {
      type: { enum: ['web', 'worker', 'pserv', 'keyvalue'] },
      name: text,
      property: { enum: ['host', 'port', 'hostport', 'connectionString'] },
      envVarKey: text,
    },
    ['type', 'name'],
  ),
  oneOf: [{ required: ['property'] }, { required: ['envVarKey'] }],
}
const valued = closed({ key: text, value: { type: ['string', 'number'] } }, ['key', 'value'])
const made = closed({ key: text, generateValue: { const: true } }, ['key', 'generateValue'])
const asked = closed({ key: text, sync: { const: false } }, ['key', 'sync'])
const taken = closed({ key: text, fromService }, ['key', 'fromService'])
const grouped = closed({ fromGroup: text }, ['fromGroup'])

const envVars = { type: 'array', items: { oneOf: [valued, made, asked, taken, grouped] } }
const common = {
  name: { type: 'string', pattern: '^[a-z0-9-]+$' },
  region: { enum: ['oregon', 'ohio', 'virginia', 'frankfurt', 'singapore'] },
}
const plan = { enum: ['starter', 'standard', 'pro'] }
const disk = closed({ name: text, mountPath: { type: 'string', pattern: '^/.' }, sizeGB: { type: 'integer', minimum: 1 } }, [
  'name',
  'mountPath',
  'sizeGB',
])
const running = {
  ...common,
  plan,
  runtime: { enum: ['docker', 'image'] },
  image: closed({ url: text }, ['url']),
  dockerfilePath: text,
  dockerCommand: text,
  autoDeployTrigger: { enum: ['off', 'commit', 'checksPass'] },
  numInstances: { type: 'integer', minimum: 1 },
  maxShutdownDelaySeconds: { type: 'integer', minimum: 1, maximum: 300 },
  envVars,
}
const needed = ['type', 'name', 'runtime', 'plan', 'region', 'envVars']

/**
 * The part of Render's Blueprint specification that is used here, as JSON Schema (draft 7). Stricter than Render's own, which is
 * published at render.com/schema/render.yaml.json without a licence and so is not kept here.
 */
export const blueprintSchema = closed(
  {
    services: {
      type: 'array',
      minItems: 1,
      items: {
        oneOf: [
          closed({ ...running, type: { const: 'web' }, disk, healthCheckPath: { type: 'string', pattern: '^/' } }, [
            ...needed,
            'healthCheckPath',
          ]),
          closed({ ...running, type: { const: 'worker' } }, needed),
          closed({ ...running, type: { const: 'pserv' }, disk }, needed),
          closed(
            {
              ...common,
              type: { const: 'keyvalue' },
              plan,
              ipAllowList: { type: 'array' },
              maxmemoryPolicy: { const: 'noeviction' },
            },
            ['type', 'name', 'plan', 'region', 'ipAllowList', 'maxmemoryPolicy'],
          ),
        ],
      },
    },
    // A group can neither ask for a value nor take one from a service.
    envVarGroups: {
      type: 'array',
      items: closed({ name: text, envVars: { type: 'array', items: { oneOf: [valued, made] } } }, ['name', 'envVars']),
    },
  },
  ['services'],
)

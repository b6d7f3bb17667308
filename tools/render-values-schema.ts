import { settings } from '../src/config.ts'
import type { Setting } from '../src/platform/settings.ts'

const closed = (properties: Record<string, object>) => ({ type: 'object', additionalProperties: false, properties })
const text = { type: 'string' }
const free = { type: 'object' }
const list = { type: 'array' }
const count = { type: 'integer', minimum: 0 }

// The chart says these itself: to each pod what is right for it.
const ofChart = new Set(['BECKON_ROLE', 'BECKON_HOST', 'BECKON_PORT', 'BECKON_DATA_DIR'])

/** `values.schema.json` of the chart (JSON Schema draft 7): what stands in `settings` is made from the list of settings. */
export function renderValuesSchema(): string {
  const needsSecret = { properties: { secretName: { minLength: 1 } }, required: ['secretName'] }
  const needsFiles = {
    anyOf: [
      { properties: { settings: { required: ['BECKON_S3_ENDPOINT'] } } },
      { properties: { persistence: { properties: { existingClaim: { minLength: 1 } } } } },
    ],
  }
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the Beckon chart',
    type: 'object',
    additionalProperties: false,
    properties: { ...own(), global: free },
    required: ['mode', 'image'],
    if: { properties: { mode: { const: 'scaled' } } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { allOf: [needsSecret, needsFiles] },
  }
  return `${JSON.stringify(schema, null, 2)}\n`
}

function own(): Record<string, object> {
  const resources = closed({ requests: free, limits: free })
  const digest = { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' }
  return {
    mode: { enum: ['single', 'scaled'] },
    image: closed({
      repository: text,
      tag: text,
      digest,
      pullPolicy: { enum: ['Always', 'IfNotPresent', 'Never'] },
      pullSecrets: list,
    }),
    settings: settingsSchema(),
    secretName: text,
    persistence: closed({ existingClaim: text, size: text, storageClass: text }),
    api: closed({ replicas: count, resources }),
    worker: closed({ replicas: count, resources }),
    service: closed({
      type: { enum: ['ClusterIP', 'NodePort', 'LoadBalancer'] },
      port: { type: 'integer', minimum: 1, maximum: 65_535 },
      annotations: free,
    }),
    ingress: closed({ enabled: { type: 'boolean' }, className: text, host: text, tlsSecret: text, annotations: free }),
    networkPolicy: closed({ enabled: { type: 'boolean' }, from: list, egress: list }),
    podDisruptionBudget: closed({ maxUnavailable: { type: ['integer', 'string'] } }),
    podAnnotations: free,
    nodeSelector: free,
    tolerations: list,
    affinity: free,
  }
}

/** Every setting but secrets, which have no place in values, and those that the chart says. */
function settingsSchema(): object {
  const open = Object.values<Setting<unknown>>(settings).filter(({ name, isSecret }) => !isSecret && !ofChart.has(name))
  return closed(Object.fromEntries(open.map((setting) => [setting.name, schemaOf(setting)])))
}

/** What the chart takes for a setting: whole numbers and switches also as such, and choices by their words. */
function schemaOf({ kind, about }: Setting<unknown>): object {
  const description = about
  const bounds = /^whole number.*, (-?\d+) to (\d+)$/.exec(kind)
  if (bounds)
    return {
      type: ['integer', 'string'],
      minimum: Number(bounds[1]),
      maximum: Number(bounds[2]),
      pattern: '^-?\\d+$',
      description,
    }
  if (kind === '`true` or `false`') return { enum: [true, false, 'true', 'false'], description }
  const words = /^`[a-z]+`(?:, `[a-z]+`)+$/.test(kind) ? Array.from(kind.matchAll(/`([a-z]+)`/g), ([, word]) => word) : undefined
  return words === undefined ? { type: 'string', description } : { enum: words, description }
}

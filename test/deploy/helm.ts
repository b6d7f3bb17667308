// Renders the chart and looks at what comes out: `npm run test:helm`. Needs Debian's packages golang-go,
// golang-github-masterminds-sprig-dev and golang-k8s-sigs-yaml-dev.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { loadConfig } from '../../src/config.ts'
import { textOf, yamlOf } from './files.ts'

const root = join(import.meta.dirname, '../..')
const chart = join(root, 'deploy/helm/beckon')
const folder = mkdtempSync(join(tmpdir(), 'beckon-helm-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const program = join(folder, 'render')
execFileSync('go', ['build', '-o', program, join(root, 'test/deploy/helm/main.go')], {
  env: { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOCACHE: join(tmpdir(), 'beckon-go'), GOFLAGS: '' },
})

// What is rendered is read as it comes: its types are held against those of Kubernetes by the compiler, below.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Manifest = any

const single = parse(textOf('deploy/helm/beckon/ci/single.yaml'))
const scaled = parse(textOf('deploy/helm/beckon/ci/scaled.yaml'))

function render(changes: object, release = 'beckon') {
  const values = merged(yamlOf('deploy/helm/beckon/values.yaml'), changes)
  const { status, stdout, stderr } = spawnSync(program, [chart, release], { input: JSON.stringify(values), encoding: 'utf8' })
  const manifests =
    status === 0 ? stdout.split(/^---\n# Source: /m).filter((part) => part !== '' && !part.startsWith('NOTES')) : []
  const documents = manifests.flatMap((part) => parseAllDocuments(part.slice(part.indexOf('\n')), { uniqueKeys: true }))
  for (const { errors } of documents) assert.deepEqual(errors, [])
  const all: Manifest[] = documents.map((document) => document.toJS()).filter((manifest) => manifest !== null)
  return {
    all,
    stderr,
    of: (kind: string, name?: string): Manifest => all.find((one) => one.kind === kind && (!name || one.metadata.name === name)),
  }
}

function merged(base: Record<string, unknown>, changes: object): Record<string, unknown> {
  const result = { ...base }
  for (const [key, value] of Object.entries(changes)) {
    const [old, isMap] = [result[key], (one: unknown) => typeof one === 'object' && one !== null && !Array.isArray(one)]
    result[key] = isMap(old) && isMap(value) ? merged(Object(old), Object(value)) : value
  }
  return result
}

const kinds = ({ all }: ReturnType<typeof render>) => all.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()

test('single: one pod with a volume that stays, and no secret', () => {
  const rendered = render(single)

  assert.deepEqual(kinds(rendered), ['ConfigMap beckon', 'NetworkPolicy beckon', 'Service beckon', 'StatefulSet beckon'])
  const { spec } = rendered.of('StatefulSet')
  assert.equal(spec.replicas, 1)
  assert.equal(spec.volumeClaimTemplates[0].spec.resources.requests.storage, '10Gi')
  const [container] = spec.template.spec.containers
  assert.equal(container.image, 'ghcr.io/owner/beckon:0.1.0')
  assert.deepEqual(container.envFrom, [{ configMapRef: { name: 'beckon' } }])
})

test('scaled: API and worker of one image, rolled without a gap, and a budget for the API', () => {
  const rendered = render(scaled)

  const deployments = ['Deployment beckon-api', 'Deployment beckon-worker']
  const rest = ['Ingress beckon', 'NetworkPolicy beckon', 'PodDisruptionBudget beckon-api', 'Service beckon']
  assert.deepEqual(kinds(rendered), ['ConfigMap beckon', ...deployments, ...rest])
  const [api, worker] = ['beckon-api', 'beckon-worker'].map((name) => rendered.of('Deployment', name).spec)
  assert.deepEqual([api.replicas, worker.replicas], [2, 1])
  assert.equal(api.template.spec.containers[0].image, worker.template.spec.containers[0].image)
  assert.match(api.template.spec.containers[0].image, /^ghcr\.io\/owner\/beckon@sha256:0{64}$/)
  assert.deepEqual(api.strategy.rollingUpdate, { maxSurge: 1, maxUnavailable: 0 })
  assert.deepEqual(rendered.of('PodDisruptionBudget').spec.selector.matchLabels, api.selector.matchLabels)
  assert.deepEqual(rendered.of('Service').spec.selector, api.selector.matchLabels)
  assert.deepEqual(rendered.of('NetworkPolicy').spec.ingress[0].from, scaled.networkPolicy.from)
})

for (const [mode, values] of [
  ['single', single],
  ['scaled', scaled],
]) {
  test(`${mode}: every selector finds the pods that it means, and only those`, () => {
    const { all, of } = render(values, 'help')
    const pods = all.flatMap(({ spec }) => (spec?.template ? [spec.template.metadata.labels] : []))
    const finds = (selector: object) =>
      pods.filter((labels) => Object.entries(selector).every(([key, value]) => labels[key] === value)).length

    for (const { spec } of all.filter(({ kind }) => ['StatefulSet', 'Deployment'].includes(kind)))
      assert.equal(finds(spec.selector.matchLabels), 1)
    assert.equal(finds(of('Service').spec.selector), 1)
    assert.equal(finds(of('NetworkPolicy').spec.podSelector.matchLabels), pods.length)
  })

  test(`${mode}: pods run as nobody, write only where they must, and have the time to end`, () => {
    for (const { spec } of render(values).all.filter((one) => one.spec?.template)) {
      const pod = spec.template.spec
      assert.equal(pod.securityContext.runAsNonRoot, true)
      assert.equal(pod.automountServiceAccountToken, false)
      assert.deepEqual(pod.containers[0].securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
      const mounted = pod.containers[0].volumeMounts.map(({ name }: Manifest) => name)
      const given = [...pod.volumes, ...(spec.volumeClaimTemplates ?? []).map(({ metadata }: Manifest) => metadata)].map(
        ({ name }) => name,
      )
      assert.deepEqual(mounted.sort(), given.sort())
      const { drainSeconds, shutdownSeconds } = loadConfig({ env: {} })
      assert.ok(drainSeconds + shutdownSeconds < pod.terminationGracePeriodSeconds)
      // Taken out before it stops listening.
      const { periodSeconds, failureThreshold } = pod.containers[0].readinessProbe
      assert.ok(periodSeconds * failureThreshold <= drainSeconds)
    }
  })

  test(`${mode}: Beckon starts with the settings that its pods get`, () => {
    const { all, of } = render(values)
    const secrets = values.secretName
      ? { BECKON_SECRET: 's'.repeat(40), BECKON_DATABASE_PASSWORD: 'p', BECKON_S3_SECRET_KEY: 'k' }
      : {}
    for (const { spec } of all.filter((one) => one.spec?.template)) {
      const [{ env, envFrom }] = spec.template.spec.containers
      assert.equal(envFrom.length, values.secretName ? 2 : 1)
      const own = Object.fromEntries(env.map(({ name, value }: Manifest) => [name, value]))
      const config = loadConfig({ env: { ...of('ConfigMap').data, ...secrets, ...own } })
      assert.equal(config.database.engine, mode === 'single' ? 'sqlite' : 'mysql')
      assert.equal(config.role, own.BECKON_ROLE)
    }
  })

  test(`${mode}: Kubernetes knows every key`, () => {
    const types: Record<string, string> = {
      ConfigMap: 'v1',
      Service: 'v1',
      StatefulSet: 'apps/v1',
      Deployment: 'apps/v1',
      Ingress: 'networking.k8s.io/v1',
      NetworkPolicy: 'networking.k8s.io/v1',
      PodDisruptionBudget: 'policy/v1',
    }
    const manifests = render(values).all
    for (const { kind, apiVersion } of manifests) assert.equal(apiVersion, types[kind])
    // A literal with a key that its type has not is an error of the compiler, at any depth.
    const imports = [...new Set(manifests.map(({ kind }) => kind))].map(
      (kind) => `import type { I${kind} } from 'kubernetes-models/${types[kind]}'`,
    )
    const literals = manifests.map((manifest, i) => `export const m${i}: I${manifest.kind} = ${JSON.stringify(manifest)}`)
    assert.equal(compile(`${imports.join('\n')}\n${literals.join('\n')}\n`), '')
  })
}

test('a key that Kubernetes does not know is found, however deep', () => {
  const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', spec: { selector: { matchLabel: {} } } }
  const source = `import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1'\nexport const m: IPodDisruptionBudget = ${JSON.stringify(budget)}\n`
  assert.match(compile(source), /matchLabel/)
})

test('settings come to the pods as they were written, large numbers too', () => {
  const { of } = render({
    ...single,
    settings: { BECKON_BODY_LIMIT_BYTES: 10_485_760, BECKON_S3_PATH_STYLE: false, BECKON_LOG_LEVEL: 'warn' },
  })
  const expected = { BECKON_BODY_LIMIT_BYTES: '10485760', BECKON_S3_PATH_STYLE: 'false', BECKON_LOG_LEVEL: 'warn' }

  assert.deepEqual(of('ConfigMap').data, expected)
})

test('without an image nothing is rendered, and it says what is missing', () => {
  assert.match(render({}).stderr, /image\.repository is missing/)
})

test('a claim of yours takes the place of the one that is made, and the budget of egress leaves the DNS open', () => {
  const { of } = render({
    ...single,
    persistence: { existingClaim: 'mine' },
    networkPolicy: { egress: [{ ports: [{ port: 3306 }] }] },
  })

  assert.equal(of('StatefulSet').spec.volumeClaimTemplates, undefined)
  assert.deepEqual(
    of('StatefulSet').spec.template.spec.volumes.find(({ name }: Manifest) => name === 'data').persistentVolumeClaim,
    { claimName: 'mine' },
  )
  const { egress, policyTypes } = of('NetworkPolicy').spec
  assert.deepEqual([policyTypes, egress[0].ports[0].port, egress[1].ports[0].port], [['Ingress', 'Egress'], 53, 3306])
})

/** What the compiler says of a source; nothing if all is well. */
function compile(source: string): string {
  const place = mkdtempSync(join(root, 'test/deploy/.helm-'))
  try {
    writeFileSync(join(place, 'manifests.ts'), source)
    const words = [
      '--noEmit',
      '--ignoreConfig',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--target',
      'esnext',
      '--types',
      'node',
    ]
    const { stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), [...words, join(place, 'manifests.ts')], {
      encoding: 'utf8',
    })
    return stdout
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

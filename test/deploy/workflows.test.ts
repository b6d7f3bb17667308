import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { filesLike, textOf, yamlOf } from './files.ts'
import { faultsOfWorkflow } from './workflow-parser.ts'

interface Step {
  uses?: string
  run?: string
  with?: Record<string, unknown>
}
interface Job {
  uses?: string
  permissions?: Record<string, string>
  'timeout-minutes'?: number
  steps?: Step[]
}
interface Workflow {
  permissions?: unknown
  jobs: Record<string, Job>
}

const root = join(import.meta.dirname, '../..')
const workflows = filesLike('.github/workflows/*.yml')

/** What each job may, beyond reading. Nobody else may write anything. */
const writers: Record<string, Record<string, string>> = {
  'release.yml image': { packages: 'write' },
  'release.yml publish': { contents: 'write', packages: 'write', 'id-token': 'write', attestations: 'write' },
}

/** The actions that run, each by its commit. A new one is a decision: it runs with our tokens. */
const actions: Record<string, string> = {
  'actions/checkout': 'df4cb1c069e1874edd31b4311f1884172cec0e10 # v6.0.3',
  'actions/attest': 'a1948c3f048ba23858d222213b7c278aabede763 # v4.1.1',
}

test('there are the workflows that are spoken of', () => {
  assert.deepEqual(
    workflows,
    ['check.yml', 'deploy.yml', 'release.yml'].map((name) => `.github/workflows/${name}`),
  )
})

for (const file of workflows) {
  const name = file.slice('.github/workflows/'.length)

  test(`${name} is a workflow, as GitHub's own parser reads it`, async () => {
    assert.deepEqual(await faultsOfWorkflow(file, textOf(file)), [])
  })

  test(`${name} may no more than it needs, and ends`, () => {
    const { permissions, jobs } = yamlOf<Workflow>(file)

    assert.deepEqual(permissions, {})
    for (const [id, job] of Object.entries(jobs)) {
      assert.ok(job.permissions, `${id} says nothing of what it may`)
      const written = Object.fromEntries(Object.entries(job.permissions).filter(([, may]) => may !== 'read'))
      assert.deepEqual(written, writers[`${name} ${id}`] ?? {}, id)
      assert.ok(job.uses?.startsWith('./') || (job['timeout-minutes'] ?? 999) <= 60, `${id} may run for ever`)
    }
  })

  test(`${name} runs only the actions that are known, at the commits that are known`, () => {
    const used = Array.from(textOf(file).matchAll(/uses: (?!\.\/)([^@\s]+)@(.+)/g), ([, action = '', at]) => [action, at])

    assert.ok(used.length > 0)
    for (const [action = '', at] of used) assert.equal(at, actions[action], action)
  })

  test(`${name} leaves no token behind, and puts nothing that others wrote into a shell`, () => {
    for (const { uses, run = '', with: given } of Object.values(yamlOf<Workflow>(file).jobs).flatMap(({ steps = [] }) => steps)) {
      if (uses?.startsWith('actions/checkout')) assert.equal(given?.['persist-credentials'], false)
      const inside = Array.from(run.matchAll(/\$\{\{\s*(.*?)\s*\}\}/g), ([, expression]) => expression)
      assert.deepEqual(
        inside.filter((expression) => expression !== 'matrix.command'),
        [],
      )
    }
  })

  test(`${name} runs only scripts and commands that there are`, () => {
    const { scripts } = yamlOf<{ scripts: Record<string, string> }>('package.json')
    const text = textOf(file)

    for (const [, path = ''] of text.matchAll(/(?:node|run:) (tools\/[\w.-]+)/g)) assert.ok(existsSync(join(root, path)), path)
    for (const [, path = ''] of text.matchAll(/\b((?:src|test|deploy)\/[\w./-]+\.(?:ts|yaml))/g))
      assert.ok(existsSync(join(root, path)), path)
    for (const [, script = ''] of text.matchAll(/npm run ([\w:]+)/g)) assert.ok(scripts[script], script)
  })
}

test('a workflow that is wrong is told so', async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub's
  const content = 'on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: ${{ foo.bar }}\n'
  assert.deepEqual(await faultsOfWorkflow('a.yml', content), ["a.yml (Line: 6, Col: 14): Unrecognized named-value: 'foo'"])
})

test('updates wait for some days, and all that is pinned is looked after', () => {
  const { version, updates } = yamlOf<{
    version: number
    updates: { 'package-ecosystem': string; cooldown: Record<string, number> }[]
  }>('.github/dependabot.yml')

  assert.equal(version, 2)
  assert.deepEqual(
    updates.map((update) => update['package-ecosystem']),
    ['npm', 'github-actions', 'docker'],
  )
  for (const { cooldown } of updates) assert.ok((cooldown['default-days'] ?? 0) >= 7)
})

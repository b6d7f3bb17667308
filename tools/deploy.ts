// Deploys a release, waits for it, tests it, and goes back if it fails: what .github/workflows/deploy.yml runs.
//   node tools/deploy.ts now --url URL                       prints the version that answers there
//   node tools/deploy.ts smoke --url URL --version V         tests what answers there
//   node tools/deploy.ts release --url URL --image IMAGE@sha256:… --version V [--previous-image IMAGE@sha256:… --previous-version V]
//     [--seconds 600] [--pause-ms 2000]
//   RENDER_DEPLOY_HOOKS (one on each line), SMOKE_API_KEY
// Ends with 0 when the release runs, 1 when not, 2 when it was called wrongly.
import { execFileSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { deploy, type Release, versionAt } from './deployment.ts'
import { smoke } from './smoke.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string' },
    image: { type: 'string' },
    version: { type: 'string' },
    'previous-image': { type: 'string' },
    'previous-version': { type: 'string' },
    seconds: { type: 'string', default: '600' },
    'pause-ms': { type: 'string', default: '2000' },
  },
})
const apiKey = process.env.SMOKE_API_KEY || undefined

switch (positionals[0]) {
  case 'now':
    await now()
    break
  case 'smoke':
    await test()
    break
  case 'release':
    await release()
    break
  default:
    misused('Say now, smoke or release.')
}

async function now(): Promise<void> {
  console.log(await versionAt(given('url')))
}

async function test(): Promise<void> {
  const faults = await smoke(given('url'), { version: given('version'), apiKey })
  for (const fault of faults) console.error(fault)
  process.exitCode = faults.length === 0 ? 0 : 1
}

async function release(): Promise<void> {
  const hooks = (process.env.RENDER_DEPLOY_HOOKS ?? '').split(/\s+/).filter((hook) => hook !== '')
  if (hooks.length === 0) misused('RENDER_DEPLOY_HOOKS is empty: Render shows the hook in the settings of a service.')
  const release = checked({ image: given('image'), version: given('version') })
  const outcome = await deploy({
    url: given('url'),
    hooks,
    release,
    previous: wayBack(release),
    apiKey,
    seconds: Number(values.seconds),
    pauseMs: Number(values['pause-ms']),
    say: (line) => console.log(line),
  })
  console.log(outcome)
  process.exitCode = outcome === 'deployed' ? 0 : 1
}

/** What to go back to; a version refuses the schema of a newer one, so there is no way back over a migration. */
function wayBack(release: Release): Release | undefined {
  const [image, version] = [values['previous-image'], values['previous-version']]
  if (!image || !version) return undefined
  const previous = checked({ image, version })
  if (previous.version === release.version || hasSameSchema(previous, release)) return previous
  console.log(`${release.version} has another schema than ${version}, or git does not know: there is no way back by itself.`)
  return undefined
}

function hasSameSchema(one: Release, other: Release): boolean {
  try {
    const folder = ['src/migrations', 'src/migrations.ts']
    execFileSync('git', ['diff', '--quiet', `v${one.version}`, `v${other.version}`, '--', ...folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function checked(release: Release): Release {
  if (!/^[^@\s]+@sha256:[0-9a-f]{64}$/.test(release.image)) misused(`${release.image} is no image with a digest: IMAGE@sha256:….`)
  return release
}

function given(name: 'url' | 'image' | 'version'): string {
  return values[name] || misused(`--${name} is missing.`)
}

function misused(sentence: string): never {
  console.error(sentence)
  process.exit(2)
}

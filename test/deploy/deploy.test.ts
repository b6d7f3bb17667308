import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openCommandLine } from '../command-line.ts'
import { imageOf, openHost } from './host.ts'

const [old, fresh, unable, poor] = [imageOf('0'), imageOf('1'), imageOf('2'), imageOf('3')]
const images = {
  [old]: { version: '7.1.0' },
  [fresh]: { version: '7.2.0' },
  [unable]: { version: '7.3.0', broken: 'start' as const },
  [poor]: { version: '7.2.1', broken: 'routes' as const },
}

test('a release is deployed by its digest, waited for until it alone answers, and tested', async (t) => {
  const host = await openHost(t, images, old)

  const { code, out, err } = await run(['release', '--url', host.url, '--image', fresh, '--version', '7.2.0'], host.hook)

  assert.equal(code, 0, out + err)
  assert.deepEqual(host.deployed, [fresh])
  assert.match(out, /answers as 7\.2\.0\.\nThe smoke test has passed\.\ndeployed\n$/)
  assert.ok(!(out + err).includes('secret-key'), 'the hook is a secret')
  assert.equal((await run(['now', '--url', host.url])).out, '7.2.0\n')
})

test('a release that never answers is given up, and where it has another schema nothing is undone', async (t) => {
  const host = await openHost(t, images, old)
  const words = ['release', '--url', host.url, '--image', unable, '--version', '7.3.0', '--seconds', '1']
  const back = ['--previous-image', old, '--previous-version', '7.1.0']

  const { code, out } = await run([...words, ...back], host.hook, { folder: taggedFolder(t) })

  assert.equal(code, 1)
  assert.deepEqual(host.deployed, [unable])
  assert.match(out, /7\.3\.0 has another schema than 7\.1\.0/)
  assert.match(out, /does not answer as 7\.3\.0 within 1 s; at last it says 7\.1\.0/)
  assert.match(out, /restore the backup[\s\S]*failed\n$/)
})

test('a release that runs and does not work is rolled back to the image before it', async (t) => {
  const host = await openHost(t, images, old)
  const words = ['release', '--url', host.url, '--image', poor, '--version', '7.2.1']
  const back = ['--previous-image', old, '--previous-version', '7.1.0']

  const { code, out } = await run([...words, ...back], host.hook, { folder: taggedFolder(t) })

  assert.equal(code, 1)
  assert.deepEqual(host.deployed, [poor, old])
  assert.match(out, /7\.2\.1 failed: GET \/v1\/me answers 502, not 401; GET \/v1\/smoke-test answers 502/)
  assert.match(out, /Going back to 7\.1\.0\.[\s\S]*answers as 7\.1\.0\.\nThe smoke test has passed\.\nrolled back\n$/)
})

test('the smoke test passes at a running desk, and says what is wrong with another version', async (t) => {
  const { url } = await openCommandLine(t).serve()
  const version = (await run(['now', '--url', url])).out.trim()

  assert.deepEqual(await run(['smoke', '--url', url, '--version', version]), { code: 0, out: '', err: '' })
  const { code, err } = await run(['smoke', '--url', url, '--version', '0.0.9'])
  assert.equal(code, 1)
  assert.equal(err, 'GET /version is not 0.0.9\n')
  const wrongKey = await run(['smoke', '--url', url, '--version', version], '', { apiKey: 'no-key' })
  assert.equal(wrongKey.err, 'GET /v1/events?limit=1 answers 401, not 200\n')
})

test('a deploy that says too little is refused before anything is called', async () => {
  for (const [words, hook, told] of [
    [[], 'http://127.0.0.1:1/', /Say now, smoke or release/],
    [['release', '--image', fresh, '--version', '1.0.0', '--url', 'http://127.0.0.1:1'], '', /RENDER_DEPLOY_HOOKS is empty/],
    [
      ['release', '--image', 'beckon:latest', '--version', '1.0.0', '--url', 'http://127.0.0.1:1'],
      'http://127.0.0.1:1/',
      /no image with a digest/,
    ],
    [['release', '--image', fresh, '--version', '1.0.0'], 'http://127.0.0.1:1/', /--url is missing/],
  ] as const) {
    const { code, err } = await run([...words], hook)
    assert.equal(code, 2)
    assert.match(err, told)
  }
})

test('a hook that nobody answers fails, and is not quoted', async () => {
  const words = ['release', '--image', fresh, '--version', '1.0.0', '--url', 'http://127.0.0.1:1', '--seconds', '1']
  const { code, out, err } = await run(words, 'http://127.0.0.1:1/deploy/srv-1?key=secret-key')

  assert.equal(code, 1)
  assert.match(out, /the deploy hook at 127\.0\.0\.1:1 cannot be reached/)
  assert.ok(!(out + err).includes('secret-key'))
})

/** A repository in which 7.2.1 has the schema of 7.1.0, and 7.3.0 another one. */
function taggedFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'beckon-tags-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...words], { cwd: folder, stdio: 'ignore' })
  const commit = (tag: string, path: string) => {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), tag)
    git('add', '.')
    git('commit', '-m', tag, '--no-verify', '--no-gpg-sign')
    git('tag', tag)
  }
  git('init')
  commit('v7.1.0', 'src/migrations/0001-house.ts')
  commit('v7.2.1', 'src/app.ts')
  commit('v7.3.0', 'src/migrations/0002-more.ts')
  return folder
}

async function run(words: string[], hook = '', { apiKey = '', folder = '.' } = {}) {
  const tool = join(import.meta.dirname, '../../tools/deploy.ts')
  const pause = words[0] === 'release' ? ['--pause-ms', '50'] : []
  const env = { PATH: process.env.PATH, RENDER_DEPLOY_HOOKS: hook, SMOKE_API_KEY: apiKey }
  const child = spawn(process.execPath, [tool, ...words, ...pause], { cwd: folder, env })
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => {
    said.out += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    said.err += chunk
  })
  const { promise, resolve } = Promise.withResolvers<number | null>()
  child.on('close', resolve)
  return { code: await promise, ...said }
}

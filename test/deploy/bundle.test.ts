import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort, listening, quickStartOn } from '../quick-start.ts'

test('the bundle needs nothing beside it: the quick start runs on it, and its pages are there', {
  timeout: 120_000,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'beckon-bundle-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const [built] = await once(spawn(process.execPath, ['tools/bundle.ts', join(folder, 'app')], { stdio: 'ignore' }), 'exit')
  assert.equal(built, 0)

  const main = join(folder, 'app/dist/main.js')
  const port = await freePort()
  const env = { PATH: process.env.PATH ?? '', HOME: folder, BECKON_DATA_DIR: join(folder, 'data'), PORT: String(port) }
  const server = spawn(process.execPath, [main, 'serve'], { env, cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  const log: string[] = []
  server.stdout.on('data', (chunk) => log.push(String(chunk)))
  t.after(() => server.kill('SIGKILL'))
  await listening(port)

  await quickStartOn({ port, folder: join(folder, 'data') })
  for (const path of ['/docs', '/docs/realtime', '/openapi.json', '/asyncapi.json', '/errors', '/errors/not_found', '/version'])
    assert.equal((await fetch(`http://127.0.0.1:${port}${path}`)).status, 200, path)
  const page = await (await fetch(`http://127.0.0.1:${port}/docs`)).text()
  for (const [, path] of page.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g))
    assert.equal((await fetch(`http://127.0.0.1:${port}${path}`)).status, 200, String(path))

  const ended = once(server, 'exit')
  server.kill('SIGTERM')
  assert.deepEqual(await ended, [0, null])
  assert.deepEqual(
    log
      .join('')
      .split('\n')
      .filter((line) => /"level":[56]0/.test(line)),
    [],
  )
  // What is passed on comes with its licence.
  assert.ok(readdirSync(join(folder, 'app')).includes('LICENSE'))
  assert.doesNotMatch(readFileSync(join(folder, 'app/THIRD-PARTY-LICENSES'), 'utf8'), /\((GPL|AGPL|LGPL|undefined)/)
})

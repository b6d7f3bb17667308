import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort, listening, quickStartOn } from './quick-start.ts'

test('the quick start of the README runs as it stands', { timeout: 60_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'beckon-quick-start-'))
  const port = await freePort()
  const env = { PATH: `${process.cwd()}/node_modules/.bin:${process.env.PATH ?? ''}`, HOME: folder, BECKON_DATA_DIR: folder }
  const server = spawn(process.execPath, ['src/main.ts', 'serve'], { env: { ...env, PORT: String(port) }, stdio: 'ignore' })
  t.after(async () => {
    server.kill('SIGTERM')
    if (server.exitCode === null) await new Promise((resolve) => server.once('exit', resolve))
    rmSync(folder, { recursive: true, force: true })
  })
  await listening(port)

  await quickStartOn({ port, folder })
})

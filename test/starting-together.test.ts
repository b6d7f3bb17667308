import assert from 'node:assert/strict'
import { test } from 'node:test'
import { migrations } from '../src/migrations.ts'
import { openCommandLine } from './command-line.ts'
import { serverUrl, unmigratedDatabase } from './engine.ts'

const NODES = 4

test('however many processes start at once on an empty database, each step of its schema is done once, and all are ready', async (t) => {
  const { open, drop } = await unmigratedDatabase()
  const database = await open()
  t.after(async () => {
    await database.close()
    await drop()
  })
  const commands = openCommandLine(t)
  const env: Record<string, string> = { BECKON_SECRET: 's'.repeat(40), BECKON_DATABASE_POOL_SIZE: '2' }
  if (serverUrl) env.DATABASE_URL = Object.assign(new URL(serverUrl), { pathname: `/${await nameOf(database)}` }).href

  const nodes = serverUrl
    ? await Promise.all(Array.from({ length: NODES }, () => commands.serve(env)))
    : // On SQLite only one serves; the others only come to migrate.
      await Promise.all([commands.serve(env), ...Array.from({ length: NODES - 1 }, () => migrated(commands))])
  const ready = await Promise.all(nodes.map(async ({ url }) => (url === '' ? 200 : (await fetch(`${url}/readyz`)).status)))
  const told = nodes.map(({ out }) => out()).join('')
  for (const { process } of nodes) process?.kill('SIGKILL')

  const names = migrations.map(({ name }) => name)
  const finished = names.map((name) => told.split(`"${name}"`).length - 1)
  assert.deepEqual(
    ready,
    Array.from({ length: NODES }, () => 200),
  )
  assert.deepEqual(
    finished,
    names.map(() => 1),
  )
})

async function migrated(commands: ReturnType<typeof openCommandLine>) {
  const { code, out, err } = await commands.run(['db', 'migrate', '-o', 'json'], { env: { BECKON_SECRET: 's'.repeat(40) } })
  assert.equal(code, 0, err)
  return { url: '', process: undefined, out: () => out }
}

async function nameOf(database: Awaited<ReturnType<Awaited<ReturnType<typeof unmigratedDatabase>>['open']>>): Promise<string> {
  const { connectionOf } = await import('../src/platform/database/connection.ts')
  const { rows } = await connectionOf(database.reader).query('select database() as name', [])
  return String(rows[0]?.name)
}

// The suite: on SQLite, and beside it on MariaDB where one answers; `mysql` runs it on MySQL instead. Other words pick files by name.
//   node test/run.ts [mysql] [--verbose] [words…]
//   TEST_MARIADB_URL, TEST_MYSQL_URL, TEST_CONCURRENCY (5), CI=true (then MariaDB must answer)
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { pathToFileURL } from 'node:url'
import { type Connection, createConnection } from 'mysql2/promise'
import { END_OF } from './lane.ts'

const root = join(import.meta.dirname, '..')
const mysql9 = join(root, '../shared/tools/mysql9')
// What they open a desk for asks no database anything of its own: another engine would prove nothing more.
const NO_SQL = new Set(['test/patterns.test.ts', 'test/browser/corpus.test.ts'])
const lanes = Number(process.env.TEST_CONCURRENCY ?? 5)

interface Counts {
  passed: number
  failed: number
}

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const isVerbose = process.argv.includes('--verbose')
const onMysql = words[0] === 'mysql'
const picks = onMysql ? words.slice(1) : words

const files = globSync(['src/**/*.test.ts', 'test/**/*.test.ts'], { cwd: root })
  .filter((path) => picks.length === 0 || picks.some((pick) => path.includes(pick)))
  .sort()
if (files.length === 0) console.error('No test file has that in its name.')
const onDatabase = files.filter((path) => !NO_SQL.has(path) && reachesDatabase(join(root, path)))

// Every file, and every command line in it, is a process that loads the whole house: what was compiled once is kept.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'beckon-test-compiled')

const total: Counts = { passed: 0, failed: 0 }
// Side by side: the one waits for its processor, the other for its disk.
if (onMysql) await runOnMysql()
else await Promise.all([runOn('SQLite', files), runOnMariadb()])
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1)

async function runOnMariadb(): Promise<void> {
  const url = process.env.TEST_MARIADB_URL ?? 'mysql://root@127.0.0.1:3306/mysql'
  const version = await versionOf(url)
  if (version !== undefined) return runOn(version, onDatabase, url)
  if (process.env.CI === 'true' || process.env.TEST_MARIADB_URL !== undefined) {
    console.error('MariaDB does not answer at TEST_MARIADB_URL or 127.0.0.1:3306 (root, no password): it must, in CI.')
    total.failed++
  } else
    console.log(
      'MariaDB: none answers at 127.0.0.1:3306, so the suite ran on SQLite alone (set TEST_MARIADB_URL for one elsewhere)',
    )
}

async function runOnMysql(): Promise<void> {
  const given = process.env.TEST_MYSQL_URL
  const isOurs = given === undefined && existsSync(mysql9) && !isRunning()
  if (isOurs) execFileSync(mysql9, ['start'], { stdio: ['ignore', 'ignore', 'inherit'] })
  const url = given ?? 'mysql://app:app@127.0.0.1:3398/app'
  try {
    const version = await versionOf(url)
    if (version !== undefined) return await runOn(version, onDatabase, url)
    console.error(
      'MySQL does not answer: set TEST_MYSQL_URL=mysql://USER:PASSWORD@HOST:PORT/NAME, whose user may create databases.',
    )
    total.failed++
  } finally {
    if (isOurs) execFileSync(mysql9, ['stop'])
  }
}

function isRunning(): boolean {
  try {
    execFileSync(mysql9, ['status'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Runs test files on one engine, in a few processes that share them out, and adds up what came of it. */
async function runOn(engine: string, paths: readonly string[], url?: string): Promise<void> {
  if (paths.length === 0) return
  const before = url === undefined ? [] : await testDatabases(url)
  console.log(`${engine}: ${paths.length} files`)
  const started = performance.now()
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const files = lanesFor(paths, onMysql ? lanes : url === undefined ? Math.floor(lanes / 2) : Math.ceil(lanes / 2))
  const { TEST_DATABASE_URL: _, ...env } = process.env
  const events = run({
    files,
    cwd: root,
    concurrency: files.length,
    env: url === undefined ? env : { ...env, TEST_DATABASE_URL: url },
  })
  events.on('test:summary', ({ file, counts: { tests, passed, skipped, todo } }) => {
    if (file !== undefined) return
    counts.passed += passed
    counts.failed = tests - passed - skipped - todo
    counts.skipped = skipped
  })
  const lost = new Set(paths.map((path) => `${END_OF}${join(root, path)}`))
  events.on('test:pass', ({ name }) => {
    if (lost.delete(name)) counts.passed--
  })
  events.on('test:fail', ({ name }) => lost.delete(name))
  // What passes is only counted, unless somebody wants to read it all.
  const told = events.filter(
    ({ type }: { type: string }) => isVerbose || !['test:pass', 'test:start', 'test:diagnostic'].includes(type),
  )
  for await (const text of told.compose(new spec())) process.stdout.write(String(text).replaceAll(/^(?=.)/gm, `${engine}: `))
  if (url !== undefined) await dropLeftovers(url, before)
  counts.failed += lost.size
  for (const end of lost) console.error(`${engine}: never came to ${end}`)
  total.passed += counts.passed
  total.failed += counts.failed
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${engine}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped in ${seconds} s`)
}

/** As many files to run, each of them a process that takes test files as long as there are any. */
function lanesFor(paths: readonly string[], count: number): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'beckon-test-lanes-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  // Those of the whole house first: they take long, and none should be left alone at the end.
  const isOfModule = (path: string) => path.startsWith('src')
  const sorted = [...paths.filter((path) => !isOfModule(path)), ...paths.filter(isOfModule)]
  writeFileSync(join(folder, 'files.json'), JSON.stringify(sorted.map((path) => join(root, path))))
  const lane = JSON.stringify(pathToFileURL(join(root, 'test/lane.ts')).href)
  return Array.from({ length: Math.min(count, paths.length) }, (_, i) => {
    const file = join(folder, `${i + 1}.test.mjs`)
    writeFileSync(file, `import { runLane } from ${lane}\nawait runLane(${JSON.stringify(folder)})\n`)
    return file
  })
}

/** What answers there, or undefined when nothing does. */
async function versionOf(url: string): Promise<string | undefined> {
  const givenUp = performance.now() + 5000
  for (;;) {
    try {
      const [rows] = await withConnection(url, (connection) => connection.query('select version() as version'))
      const version = String((rows as { version: string }[])[0]?.version) // the driver's type is wider than a select's answer
      return version.includes('MariaDB') ? `MariaDB ${version.split('-')[0]}` : `MySQL ${version}`
    } catch (error) {
      const isRefused = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'
      if (!isRefused || !onMysql || performance.now() > givenUp) return undefined
      await new Promise((done) => setTimeout(done, 250))
    }
  }
}

async function testDatabases(url: string): Promise<string[]> {
  const [rows] = await withConnection(url, (connection) => connection.query("show databases like 'beckon\\_test\\_%'"))
  return (rows as Record<string, string>[]).flatMap((row) => Object.values(row)) // as above
}

/** Drops what test processes that ended badly left behind; a database of one that still runs, in another suite, is left alone. */
async function dropLeftovers(url: string, before: readonly string[]): Promise<void> {
  const isHere = /^(127\.|localhost$|\[::1\])/.test(new URL(url).hostname)
  for (const name of await testDatabases(url)) {
    if (isAlive(Number(name.split('_').at(-1))) || (!isHere && before.includes(name))) continue
    await withConnection(url, (connection) => connection.query(`drop database if exists ${name}`))
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function withConnection<T>(url: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const { hostname, port, username, password } = new URL(url)
  const connection = await createConnection({
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    connectTimeout: 2000,
  })
  try {
    return await work(connection)
  } finally {
    await connection.end()
  }
}

/** Whether a test file imports, directly or by way of others, what opens a database on the engine under test. */
function reachesDatabase(path: string, seen = new Set<string>()): boolean {
  if (seen.has(path) || !path.endsWith('.ts') || !existsSync(path)) return false
  seen.add(path)
  if (relative(root, path) === join('test', 'engine.ts')) return true
  if (!path.endsWith('.test.ts') && !path.startsWith(join(root, 'test'))) return false
  const imports = readFileSync(path, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)
  return Array.from(imports).some(([, imported = '']) => reachesDatabase(resolve(dirname(path), imported), seen))
}

import assert from 'node:assert/strict'
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { modules, platformTables } from '../blueprint.ts'
import { floorRules } from '../tools/floor-rules.ts'
import { walkFloors } from '../tools/floors.ts'
import { allowances, houseRules } from './house-rules.ts'

const root = join(import.meta.dirname, '..')
const sources = globSync(['{src,test,tools,bench,bin}/**/*.{ts,mjs,js}', 'blueprint.ts'], { cwd: root })
  .filter((path) => path !== 'test/house-rules.ts' && path !== 'test/architecture.test.ts')
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))

test('imports go down only, and only through doors that the blueprint names', async () => {
  const { seen, trespasses } = await walkFloors(root)

  assert.ok(seen > 80, `only ${seen} modules were seen`)
  assert.deepEqual(trespasses, [])
})

for (const { name, complain } of houseRules)
  test(`in the whole house ${name}`, () => {
    const complaints = sources.flatMap((source) => complain(source).map((words) => `${source.path}: ${words}`))

    assert.ok(sources.length > 80)
    assert.deepEqual(complaints, [])
  })

test('the blueprint knows every module, and no module uses one that uses it', () => {
  const folders = readdirSync(join(root, 'src/modules')).sort()
  const reach = (name: string): string[] => (modules[name]?.mayUse ?? []).flatMap((other) => [other, ...reach(other)])

  assert.deepEqual(Object.keys(modules).sort(), folders)
  for (const name of folders) assert.equal(reach(name).includes(name), false)
})

test('the blueprint knows the owner of every table', () => {
  const declared = sources
    .filter(({ path }) => /\/(tables|schema)\.ts$/.test(path) && path.startsWith('src/'))
    .flatMap(({ path, text }) => {
      const body = /interface Schema \{\n([\s\S]*?)\n\s*\}\n/.exec(text)?.[1] ?? ''
      const owner = /^src\/modules\/([^/]+)/.exec(path)?.[1] ?? 'platform'
      return Array.from(body.matchAll(/^\s+(\w+): /gm), ([, table]) => `${owner}.${table}`)
    })
  const planned = [
    ...platformTables.map((table) => `platform.${table}`),
    ...Object.entries(modules).flatMap(([name, { tables }]) => tables.map((table) => `${name}.${table}`)),
  ]

  assert.deepEqual(planned.sort(), declared.sort())
})

test('no allowance outlives its reason', () => {
  const patterns: Record<string, RegExp> = { 'wall clock': /Date\.now\(\)|new Date\(\)/, chance: /Math\.random/ }
  for (const [name, paths] of Object.entries(allowances))
    for (const path of paths) assert.match(readFileSync(join(root, path), 'utf8'), patterns[name] ?? /never/)
})

// From here on each rule is broken once, so that none of them passes because it looks at nothing.

const breaches: Record<string, { path: string; text: string }[]> = {
  'every file has a name of its own': [
    { path: 'src/platform/utils.ts', text: '' },
    { path: 'src/modules/tickets/helpers/dates.ts', text: '' },
    { path: 'src/modules/tickets/ticket-service.ts', text: '' },
  ],
  'only its owner writes to a table': [
    { path: 'src/modules/accounts/commands/a.ts', text: "await tx.db.updateTable('users').set({})" },
    { path: 'src/modules/accounts/commands/a.ts', text: "await insertRows(tx.db, 'tickets', rows)" },
    { path: 'src/modules/tickets/commands/a.ts', text: "await insertIfAbsent(\n  tx.db,\n  'events', row)" },
    { path: 'src/app.ts', text: "db.deleteFrom('deliveries')" },
    { path: 'src/platform/events.ts', text: "await query('update tickets set version = 1')" },
  ],
  'time comes from the clock': [
    { path: 'src/modules/tickets/ticket.ts', text: 'const now = Date.now()' },
    { path: 'src/app.ts', text: 'const now = new Date()' },
  ],
  'nothing is left to Math.random but jitter': [{ path: 'src/platform/ids.ts', text: 'Math.random().toString(36)' }],
  'settings are read in one place': [{ path: 'src/platform/log.ts', text: 'if (process.env.DEBUG) {}' }],
  'exports have names': [
    { path: 'src/app.ts', text: 'export default 1' },
    { path: 'test/desk.ts', text: 'export { a as default }' },
  ],
  'types can be erased': [
    { path: 'src/app.ts', text: 'export enum Status {}' },
    { path: 'src/app.ts', text: 'declare namespace Beckon {}' },
  ],
  'what is left to do has an issue': [{ path: 'src/app.ts', text: '// TODO: later' }],
  'commands open no transaction': [
    { path: 'src/modules/tickets/commands/a.ts', text: 'await ground.transact(() => {})' },
    { path: 'src/modules/tickets/commands/a.ts', text: 'await database.write(() => {})' },
  ],
}

for (const { name, complain } of houseRules)
  test(`a breach is noticed: ${name}`, () => {
    const broken = breaches[name] ?? []

    assert.notEqual(broken.length, 0)
    for (const source of broken) assert.equal(complain(source).length, 1, source.text || source.path)
  })

const trespasses: Record<string, [path: string, imports: string][]> = {
  'platform-is-the-ground': [['src/platform/clock.ts', '../modules/desk/index.ts']],
  'modules-do-not-look-up': [['src/modules/desk/policy.ts', '../../app.ts']],
  'only-through-the-door': [['src/modules/desk/queries.ts', '../directory/queries.ts']],
  'rows-are-types': [['src/modules/desk/queries.ts', '../directory/tables.ts']],
  'upstairs-through-the-door': [['src/app.ts', './modules/desk/queries.ts']],
  'web-stays-at-the-door': [['src/modules/desk/queries.ts', '../../platform/http/answer.ts']],
  'web-framework-in-one-place': [['src/modules/desk/routes.ts', 'fastify']],
  'drivers-in-one-place': [
    ['src/modules/desk/queries.ts', 'node:sqlite'],
    ['src/app.ts', 'mysql2/promise'],
  ],
  'redis-in-one-place': [['src/platform/bus.ts', '@redis/client']],
  'traces-in-one-place': [['src/platform/tracing/tracing.ts', '@opentelemetry/api']],
  'commands-open-nothing': [['src/modules/desk/commands/add-queue.ts', '../../../platform/database/open.ts']],
  'no-development-in-production': [['src/app.ts', 'fast-check']],
  'no-test-in-production': [
    ['src/modules/desk/queries.ts', '../../../test/desk.ts'],
    ['src/main.ts', '../test/desk.ts'],
  ],
  'everything-resolves': [['src/app.ts', './gone.ts']],
  'desk-uses-the-blueprint': [['src/modules/desk/queries.ts', '../tickets/index.ts']],
  'desk-rules-are-pure': [['src/modules/desk/policy.ts', '../../platform/database/open.ts']],
  'tickets-rules-are-pure': [['src/modules/tickets/ticket.ts', '../../platform/clock.ts']],
}

for (const [rule, steps] of Object.entries(trespasses))
  for (const [path, imported] of steps)
    test(`a trespass is noticed: ${rule}, by ${imported}`, async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'beckon-floors-'))
      t.after(() => rmSync(folder, { recursive: true, force: true }))
      const put = (file: string, text: string) => {
        mkdirSync(dirname(join(folder, file)), { recursive: true })
        writeFileSync(join(folder, file), text)
      }
      put('package.json', readFileSync(join(root, 'package.json'), 'utf8'))
      symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
      if (imported.startsWith('.') && rule !== 'everything-resolves')
        put(join(dirname(path), imported), 'export const something = () => {}\n')
      put(path, `import { something } from '${imported}'\nsomething()\n`)

      const { trespasses } = await walkFloors(folder)

      assert.ok(
        trespasses.some((trespass) => trespass.rule === rule && trespass.from === path),
        JSON.stringify(trespasses),
      )
    })

test('types may come from where values may not', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'beckon-floors-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'src/modules/desk'), { recursive: true })
  mkdirSync(join(folder, 'src/modules/directory'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder, 'src/modules/directory/tables.ts'), 'export interface UserRow {}\n')
  writeFileSync(join(folder, 'src/modules/desk/queries.ts'), "import type { UserRow } from '../directory/tables.ts'\n")

  assert.deepEqual(await walkFloors(folder), { seen: 2, trespasses: [] })
})

test('every floor is broken once above, and every module has its rules', () => {
  const rules = (floorRules.forbidden ?? []).map(({ name }) => String(name))
  const perModule = Object.keys(modules).flatMap((name) => [`${name}-uses-the-blueprint`, `${name}-rules-are-pure`])

  const unproven = rules.filter((name) => !(name in trespasses) && !perModule.includes(name))

  assert.deepEqual(unproven, [])
  for (const name of perModule) assert.ok(rules.includes(name))
})

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { renderMetricsDocs } from '../../tools/render-metrics.ts'
import { openDesk } from '../desk.ts'

const folder = join(import.meta.dirname, '../../deploy/observability')
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

interface Rule {
  alert: string
  expr: string
  annotations: { summary: string; runbook_url: string }
}

interface Panel {
  title: string
  type: string
  targets?: { expr: string }[]
}

/** The series that an expression names. */
function namesIn(expr: string): string[] {
  const names = expr.replace(/\{[^}]*\}|"[^"]*"|by \([^)]*\)/g, '').match(/\b(?:beckon|nodejs|process)_\w+/g) ?? []
  return [...new Set(names)]
}

async function exposed(t: Parameters<typeof openDesk>[0]): Promise<Set<string>> {
  const desk = await openDesk(t)
  const [ada, tom] = [await desk.person(), await desk.person({ role: 'agent' })]
  const { body } = await ada.post('/v1/tickets', { subject: 'The printer is on fire', body: 'Help' })
  await tom.post(`/v1/tickets/${body.id}/messages`, { body: 'Pull the plug.' })
  await ada.get('/v1/tickets/tkt_00000000000000000000000000')
  await desk.anyone.post('/v1/auth/login', { email: ada.email, password: 'surely not this' })
  await desk.settle()
  const scrape = (await desk.app.server.inject({ url: '/metrics' })).body
  return new Set(scrape.split('\n').flatMap((line) => (line.startsWith('#') ? [] : (/^\w+/.exec(line)?.[0] ?? []))))
}

test('the dashboard and the rules ask for what a running server exposes, and each rule has a runbook', async (t) => {
  const names = await exposed(t)
  const { groups } = parse(read('alerts.yaml')) as { groups: { rules: Rule[] }[] } // its shape is what is looked at here
  const rules = groups.flatMap((group) => group.rules)
  const { panels } = JSON.parse(read('dashboard.json')) as { panels: Panel[] } // as above
  const asked = [...rules.map(({ expr }) => expr), ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))]

  assert.ok(rules.length > 10 && panels.length > 15)
  for (const expr of asked) {
    const named = namesIn(expr)
    assert.ok(named.length > 0 || expr.startsWith('up{'), expr)
    for (const name of named) assert.ok(names.has(name), `${name}, in ${expr}`)
  }
  const runbooks = read('runbooks.md')
  for (const { alert, annotations } of rules) {
    assert.equal(annotations.runbook_url, `runbooks.md#${alert.toLowerCase()}`)
    assert.ok(runbooks.includes(`\n## ${alert}\n`), alert)
  }
  assert.equal([...runbooks.matchAll(/^## /gm)].length, rules.length)
  // What the database counts is shown, all of it.
  const shown = new Set(asked.flatMap(namesIn).map((name) => name.replace(/_(bucket|count|sum)$/, '')))
  const own = new Set(
    [...names].filter((name) => name.startsWith('beckon_')).map((name) => name.replace(/_(bucket|count|sum)$/, '')),
  )
  assert.deepEqual(
    [...own].filter((name) => !shown.has(name)),
    [],
  )
})

test('docs/metrics.md says what is exposed', async () => {
  assert.equal(await renderMetricsDocs(), readFileSync(join(folder, '../../docs/metrics.md'), 'utf8'))
})

// Live streams under everything that they must withstand, with the limits beside what was found.
//   npm run chaos:realtime [-- --only storm|reconnect|unread|idle|latency --minutes 10 --engine sqlite|mariadb --redis -o json]
// `storm` and `latency` start a Redis of their own where there are two nodes; `--redis` gives one to the others, too.
import { parseArgs } from 'node:util'
import { type Figure, type Scene, say } from './realtime/figure.ts'
import { idle } from './realtime/idle.ts'
import { latency } from './realtime/latency.ts'
import { reconnect } from './realtime/reconnect.ts'
import { storm } from './realtime/storm.ts'
import { unread } from './realtime/unread.ts'

const scenes: Record<string, Scene> = { latency, reconnect, unread, idle, storm }

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    minutes: { type: 'string', default: '10' },
    engine: { type: 'string' },
    redis: { type: 'boolean', default: false },
    output: { type: 'string', short: 'o', default: 'table' },
  },
})
const minutes = Number(values.minutes)
const chosen = Object.entries(scenes).filter(([name]) => values.only === undefined || values.only.split(',').includes(name))
const engines = values.engine === undefined ? ['sqlite', 'mariadb'] : [values.engine]
const isKnown = (engine: string): boolean => engine === 'sqlite' || engine === 'mariadb' || engine.startsWith('mysql://')
if (!(minutes > 0) || chosen.length === 0 || !engines.every(isKnown) || !['table', 'json'].includes(values.output)) {
  console.error(
    'usage: npm run chaos:realtime [-- --only storm|reconnect|unread|idle|latency --minutes 10 --engine sqlite|mariadb --redis -o json]',
  )
  process.exit(2)
}

const figures: (Figure & { scene: string; engine: string })[] = []
for (const engine of engines)
  for (const [scene, play] of chosen) {
    const name = engine.startsWith('mysql://') ? 'MySQL' : engine
    say(`${name}: ${scene} …`)
    try {
      const found = await play({ engine, redis: values.redis, minutes })
      figures.push(...found.map((figure) => ({ scene, engine: name, ...figure })))
    } catch (error) {
      console.error(error)
      figures.push({ scene, engine: name, what: 'it broke off', limit: '', measured: String(error).slice(0, 200), ok: false })
    }
  }
if (values.output === 'json') console.log(JSON.stringify(figures, null, 2))
else console.table(figures.map(({ ok, ...figure }) => ({ ...figure, '': ok ? (figure.limit === '' ? '' : 'ok') : 'FAILED' })))
process.exit(figures.every(({ ok }) => ok) ? 0 : 1)

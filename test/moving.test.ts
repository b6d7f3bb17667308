import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from './desk.ts'
import { type Chance, createChance } from './moving/chance.ts'
import { adminAct } from './moving/changers.ts'
import { findings } from './moving/findings.ts'
import { buildMovingWorld, howMany, type Tally, tally, type World } from './moving/world.ts'
import { type Act, agentAct, requesterAct } from './moving/writers.ts'

const seed = Number(process.env.MOVING_SEED ?? Date.now() % 1_000_000)
const [LEAST_ACTS, MOST_ACTS] = [15, 150]
const MOST_MS = 6_000

test(`nothing is stranded when lifecycles, queues, fields and tags change while tickets move (MOVING_SEED=${seed})`, async (t) => {
  const desk = await openDesk(t)
  const world = await buildMovingWorld(desk, seed)
  const told: Tally = { counts: new Map(), failures: [] }

  await moveAndChange(world, told)
  await comeToRest(world)

  assert.deepEqual(told.failures, [])
  assert.deepEqual(await findings(desk.database, desk.clock.now()), [])
  const [all, done, late] = [/./, / 20\d$/, / 503$/].map((kind) => howMany(told, kind))
  t.diagnostic(`${done} of ${all} acts were done, ${late} were told to come again`)
  // How many depends on the machine; but most are served.
  assert.ok(Number(late) <= Number(all) / 4, 'most were told to come again')
  assert.ok(Number(done) > 20, 'a lively desk, or the above would prove nothing')
})

/** Everybody at once, each by chances of his own. */
async function moveAndChange(world: World, told: Tally): Promise<void> {
  const { agents, requesters, desk } = world
  const until = performance.now() + MOST_MS
  let people = 0
  const busy = async (act: (chance: Chance) => Act): Promise<void> => {
    const chance = createChance(seed + ++people * 7919)
    for (let i = 0; i < MOST_ACTS && (i < LEAST_ACTS || performance.now() < until); i++) {
      const [name, reply] = act(chance)
      tally(told, name, await reply)
      // Time goes on: what sleeps wakes in between, and a lease that nobody ended runs out.
      desk.clock.advance(chance.below(20))
    }
  }
  await Promise.all([
    ...agents.map((agent) => busy((chance) => agentAct(world, chance, agent.token))),
    ...requesters.map(({ token }) => busy((chance) => requesterAct(world, chance, token))),
    ...[1, 2, 3].map(() => busy((chance) => adminAct(world, chance))),
  ])
}

/** Until all that was owed is done, second looks included. */
async function comeToRest({ nodes, desk, admin, lifecycles }: World): Promise<void> {
  // A node keeps what it knows of lifecycles for half a second by the real clock, or until it changes one itself. Here the other
  // clock is about to run fast.
  for (const [i, { id }] of lifecycles.slice(0, nodes.length).entries())
    await nodes[i]?.bearer(admin.token).patch(`/v1/lifecycles/${id}`, { name: 'At rest' })
  for (let i = 0; i < 10; i++) {
    for (const node of nodes) await node.settle()
    desk.clock.advance(5_000)
  }
  for (const node of nodes) await node.settle()
}

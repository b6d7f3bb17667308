import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from './desk.ts'
import { act } from './interleavings/acts.ts'
import { type Cast, openCast, openFamily } from './interleavings/family.ts'
import { findings } from './interleavings/findings.ts'
import { createChance } from './moving/chance.ts'
import { assertReplayed } from './replay.ts'

const seed = Number(process.env.INTERLEAVINGS_SEED ?? Date.now() % 1_000_000)
const COUNT = Number(process.env.INTERLEAVINGS ?? 30)
const ACTS = 6

test(`two agents and a requester at once lose nothing and overwrite nothing (INTERLEAVINGS_SEED=${seed})`, async (t) => {
  const cast = await openCast(await openDesk(t))
  const told = new Map<string, number>()

  for (let i = 0, after = await head(cast); i < COUNT; i++, after = await head(cast)) {
    const family = await openFamily(cast, told)
    await Promise.all(
      family.players.map(async (player, n) => {
        const chance = createChance(seed + i * 101 + n * 7919)
        for (let acts = 0; acts < ACTS; acts++) await act(family, player, chance)
      }),
    )
    await cast.desk.settle()
    const found = [...family.failures, ...(await findings(family))]
    assert.deepEqual(found, [], `interleaving ${i}`)
    await assertReplayed(cast.desk, { caller: cast.admin, side: 'staff', after })
    await assertReplayed(cast.desk, { caller: cast.requester, side: 'public', after })
  }

  t.diagnostic(JSON.stringify(Object.fromEntries([...told].sort())))
  const done = (name: string) => told.get(`${name} 200`) ?? told.get(`${name} 201`) ?? 0
  for (const name of ['reply', 'note', 'draft', 'send', 'edit', 'macro', 'merge', 'unmerge', 'split', 'close'])
    assert.ok(COUNT < 200 || done(name) > 0, `nobody did ${name}: the above would prove little`)
})

/** How far the log has come. */
async function head({ desk }: Cast): Promise<number> {
  await desk.settle()
  const [row] = await desk.query('select max(position) as position from events')
  return Number(row?.position ?? 0)
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Desk, type Json, openDesk, type Person } from '../../../test/desk.ts'
import type { Actor } from '../../platform/actor.ts'
import { systemActor } from '../../platform/actor.ts'

interface World {
  desk: Desk
  admin: Person
  people: Person[]
  keys: { id: string; secret: string }[]
  teams: string[]
  queues: string[]
}

let worlds = 0

async function buildWorld(desk: Desk): Promise<World> {
  const admin = await desk.person({ role: 'admin' })
  const make = async (path: string, body: object): Promise<Json> => {
    const { status, body: made, text } = await admin.post(path, body)
    assert.equal(status, 201, text)
    return made
  }
  const acme = await make('/v1/organizations', { name: `Acme ${worlds}` })
  const people = [
    await desk.person({ organization_id: acme.id, organization_role: 'manager' }),
    await desk.person(),
    await desk.person({ role: 'agent' }),
    await desk.person({ role: 'agent' }),
    await desk.person({ role: 'admin' }),
  ]
  const keys = [await make('/v1/api-keys', { name: 'A' }), await make('/v1/api-keys', { name: 'B', scopes: ['events:read'] })]
  const teams: string[] = []
  const queues: string[] = []
  for (const name of [`north-${worlds}`, `south-${worlds++}`]) {
    teams.push((await make('/v1/teams', { name })).id)
    queues.push((await make('/v1/queues', { key: name, name, team_ids: [teams.at(-1)] })).id)
  }
  return { desk, admin, people, keys, teams, queues }
}

/** What may happen to the rights of somebody, or not: a change that is refused leaves them as they are. */
const change = fc.record({
  what: fc.constantFrom('role', 'active', 'join', 'leave', 'open', 'close', 'revoke', 'logout', 'manage', 'rename', 'wait'),
  which: fc.nat({ max: 4 }),
  how: fc.nat({ max: 2 }),
})

async function apply(world: World, { what, which, how }: { what: string; which: number; how: number }): Promise<void> {
  const { desk, admin, people, keys, teams, queues } = world
  const [person, key] = [people[which % people.length], keys[which % keys.length]]
  const [team, queue] = [teams[how % teams.length], queues[which % queues.length]]
  const user = `/v1/users/${person?.id}`
  switch (what) {
    case 'role':
      return void (await admin.patch(user, { role: ['requester', 'agent', 'admin'][how] }))
    case 'active':
      return void (await admin.patch(user, { active: how > 0 }))
    case 'manage':
      return void (await admin.patch(user, { organization_role: how > 0 ? 'member' : 'manager' }))
    case 'rename':
      return void (await admin.patch(user, { name: `Name ${how}` }))
    case 'join':
      return void (await admin.put(`/v1/teams/${team}/members/${person?.id}`))
    case 'leave':
      return void (await admin.delete(`/v1/teams/${team}/members/${person?.id}`))
    case 'open':
      return void (await admin.patch(`/v1/queues/${queue}`, { team_ids: [] }))
    case 'close':
      return void (await admin.patch(`/v1/queues/${queue}`, { team_ids: teams.slice(0, 1 + (how % 2)) }))
    case 'revoke':
      return how === 0 ? void (await admin.delete(`/v1/api-keys/${key?.id}`)) : undefined
    case 'logout':
      return how === 0 ? void (await person?.post('/v1/auth/logout')) : undefined
    case 'wait':
      return desk.clock.advance(1000)
  }
}

test('looking at many again shows what each of them would be let in as', async (t) => {
  const desk = await openDesk(t)
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 6, maxLength: 20 }), async (changes) => {
      const world = await buildWorld(desk)
      const { accounts } = desk.app
      const bearers = [...world.people.map(({ token }) => token), ...world.keys.map(({ secret }) => secret)]
      const before = await Promise.all(bearers.map((bearer) => accounts.authenticate(bearer)))
      assert.deepEqual(await accounts.lookAgain(before), before)

      for (const one of changes) await apply(world, one)
      accounts.forgetActors()
      const each = await Promise.all(bearers.map((bearer) => accounts.authenticate(bearer).catch(() => null)))

      assert.deepEqual(await accounts.lookAgain(before), each)
      assert.deepEqual(await accounts.lookAgain([...before].reverse()), [...each].reverse())
    }),
    { numRuns: 25 },
  )
})

test('of however many are looked at, each has his own answer', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person({ role: 'agent' })
  const actor = await desk.app.accounts.authenticate(ada.token)
  const many: Actor[] = Array.from({ length: 1201 }, (_, i) => (i % 2 === 0 ? actor : { ...actor, session_id: `ses_${i}` }))

  const found = await desk.app.accounts.lookAgain([...many, systemActor])

  assert.equal(found.length, 1202)
  assert.equal(found.filter((one) => one === null).length, 600)
  assert.deepEqual(found[1200], actor)
  assert.equal(found.at(-1), systemActor)
  assert.deepEqual(await desk.app.accounts.lookAgain([]), [])
})

import type { Chance } from './chance.ts'
import { nextVersion } from './lifecycles.ts'
import { onEither, severities, type World } from './world.ts'
import type { Act } from './writers.ts'

/** What an admin changes next of what tickets rest on. */
export function adminAct(world: World, chance: Chance): Act {
  const { queues, lifecycles, categories, types, tags, agents } = world
  const caller = onEither(world, chance, world.admin.token)
  const queue = `/v1/queues/${chance.one(queues)}`
  const agent = chance.one(agents)
  const acts: (() => Act)[] = [
    () => {
      const lifecycle = chance.one(lifecycles)
      return ['lifecycle', caller.patch(`/v1/lifecycles/${lifecycle.id}`, nextVersion(chance, lifecycle))]
    },
    () => {
      const lifecycle = chance.one(lifecycles)
      return ['lifecycle', caller.patch(`/v1/lifecycles/${lifecycle.id}`, nextVersion(chance, lifecycle))]
    },
    () => ['lifecycle of a queue', caller.patch(queue, { lifecycle_id: chance.one(lifecycles).id })],
    () => ['lifecycle of a queue', caller.patch(queue, { lifecycle_id: chance.one(lifecycles).id })],
    () => ['queue in and out of use', caller.patch(queue, { archived: chance.happens(40) })],
    () => ['policy', caller.patch(queue, { assignment: policy(world, chance) })],
    () => ['policy', caller.patch(queue, { assignment: policy(world, chance) })],
    () => ['teams of a queue', caller.patch(queue, { team_ids: chance.some(world.teams, 60) })],
    () => field(world, chance),
    () => field(world, chance),
    () => ['category', caller.patch(`/v1/categories/${chance.one(categories)}`, { archived: chance.happens(40) })],
    () => ['category', caller.patch(`/v1/categories/${chance.one(categories)}`, { queue_ids: chance.some(queues, 40) })],
    () => ['type', caller.patch(`/v1/ticket-types/${chance.one(types)}`, { archived: chance.happens(40) })],
    () => ['tag renamed', caller.patch(`/v1/tags/${chance.one(tags)}`, { name: chance.one(tags) })],
    () => ['tag merged', caller.post(`/v1/tags/${chance.one(tags)}/merge`, { into: chance.one(tags) })],
    () => rule(world, chance),
    () => [
      'agent',
      caller.patch(`/v1/agents/${agent.id}`, { availability: chance.one(['online', 'online', 'away', 'offline']) }),
    ],
    () => [
      'agent',
      caller.patch(`/v1/agents/${agent.id}`, { capacity: chance.one([null, 2, 5]), skills: chance.some(['french', 'wood']) }),
    ],
    () => ['agent in and out', inAndOut(world, chance)],
    () => [
      'hand-over',
      caller.post(`/v1/agents/${agent.id}/handover`, {
        to: chance.one(['queue', chance.one(agents).id]),
        dry_run: chance.happens(30),
      }),
    ],
    () => ['settings', caller.patch('/v1/settings', { close_solved_after_days: chance.one([0, 0, 3, 7]) })],
    () => ['settings', caller.patch('/v1/settings', { default_queue_id: chance.one(queues) })],
  ]
  return chance.one(acts)()
}

function policy({ queues }: World, chance: Chance): object {
  const fallback = chance.one<object>([{ to: 'none' }, { to: 'away' }, { to: 'queue', queue_id: chance.one(queues) }])
  return {
    mode: chance.one(['manual', 'manual', 'round_robin', 'load_balanced', 'claim_only']),
    order: chance.one(['due', 'priority', 'age']),
    claim_ttl_seconds: chance.one([null, null, 60]),
    reassign_on_away: chance.happens(50),
    ...(chance.happens(40) ? { fallback } : {}),
  }
}

function field(world: World, chance: Chance): Act {
  const caller = onEither(world, chance, world.admin.token)
  const [severity, parts, amount, remark] = world.fields
  const options = severities.map((value) => ({ value, label: value, archived: chance.happens(30) }))
  const acts: (() => Act)[] = [
    () => ['field in and out of use', caller.patch(`/v1/fields/${chance.one(world.fields)}`, { archived: chance.happens(40) })],
    () => ['options out of use', caller.patch(`/v1/fields/${chance.one([severity, parts])}`, { options })],
    () => ['options gone', caller.patch(`/v1/fields/${chance.one([severity, parts])}`, { options: chance.some(options, 75) })],
    () => [
      'field required',
      caller.patch(`/v1/fields/${chance.one([amount, remark])}`, { required: chance.one(['never', 'never', 'create', 'solve']) }),
    ],
    () => ['field for a type', caller.patch(`/v1/fields/${severity}`, { type_ids: chance.some(world.types, 30) })],
    () => ['field made', caller.post('/v1/fields', { key: 'passing', label: 'Passing', type: 'text' })],
    () => ['field made', caller.post('/v1/fields', { key: 'passing', label: 'Passing', type: 'text' })],
    () => ['field gone', takePassingAway(world, chance)],
    () => ['field gone', takePassingAway(world, chance)],
  ]
  return chance.one(acts)()
}

/** The field `passing` is deleted; where tickets have values of it, it goes out of use, and comes back. */
async function takePassingAway(world: World, chance: Chance) {
  const caller = onEither(world, chance, world.admin.token)
  const list = await caller.get('/v1/fields?limit=100')
  const passing = list.body?.data?.find(({ key }: { key: string }) => key === 'passing')
  if (!passing) return list
  const path = `/v1/fields/${passing.id}`
  return passing.archived_at !== null ? caller.patch(path, { archived: false }) : caller.delete(path)
}

function rule(world: World, chance: Chance): Act {
  const { rules, tags, queues, agents } = world
  const caller = onEither(world, chance, world.admin.token)
  const path = `/v1/routing-rules/${chance.one(rules)}`
  const actions = chance.one<object>([
    { queue_id: chance.one(queues) },
    { add_tags: [chance.one(tags)] },
    { assignee_id: chance.one(agents).id },
  ])
  return chance.one<() => Act>([
    () => ['rule', caller.patch(path, { actions })],
    () => ['rule', caller.patch(path, { enabled: chance.happens(70), position: 1 + chance.below(2) })],
    () => ['rule', caller.patch(path, { conditions: { priorities: [chance.one(['high', 'urgent'])] } })],
  ])()
}

/** Somebody leaves, or comes back with a new session. */
async function inAndOut({ desk, admin, agents }: World, chance: Chance) {
  const agent = chance.one(agents)
  const active = chance.happens(75)
  const reply = await admin.patch(`/v1/users/${agent.id}`, { active })
  if (reply.status === 200 && active) {
    const session = await desk.app.transact((tx) => desk.app.accounts.openSession(tx, agent.id))
    agent.token = session.access_token
  }
  return reply
}

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { type Desk, type Json, openDesk, type Person } from '../../../test/desk.ts'
import { type StatusCategory, type StatusDefinition, statusCategories, type Taker, type Transition } from '../workflow/index.ts'

// What a ticket may become, by whose hand: for any lifecycle, any people, in any order.

const MINUTE = 60_000

interface Way {
  from: number
  to: number
  by: Taker[]
  needs: boolean
}

/** A lifecycle out of chance, made sound: every status gets a way to a closed one. */
function lifecycleOutOf(extra: { category: StatusCategory; hidden: boolean }[], ways: Way[]) {
  const needed = (['new', 'open', 'solved', 'closed'] as const).map((category) => ({ category, hidden: false }))
  const statuses = [...needed, ...extra].map(
    ({ category, hidden }, i): StatusDefinition => ({
      key: `s${i}_${category}`,
      label: `Status ${i}`,
      requester_label: hidden && category !== 'closed' ? null : `Yours ${i}`,
      category,
    }),
  )
  const closed = statuses.find(({ category }) => category === 'closed') as StatusDefinition
  const steps = new Map<string, Transition>()
  for (const { key, category } of statuses)
    if (category !== 'closed')
      steps.set(`${key} ${closed.key}`, { from: key, to: closed.key, by: ['agent'], required_fields: [] })
  for (const { from, to, by, needs } of ways) {
    const [a, b] = [statuses[from % statuses.length], statuses[to % statuses.length]]
    if (!a || !b || a.key === b.key || a.category === 'closed' || (b.category === 'new' && a.category !== 'new')) continue
    const takers = b.requester_label === null ? by.filter((taker) => taker !== 'requester') : by
    if (takers.length === 0) continue
    const required_fields = needs && !takers.includes('requester') && b.key !== closed.key ? ['category_id'] : []
    if (b.key !== closed.key || takers.includes('agent') || takers.includes('admin'))
      steps.set(`${a.key} ${b.key}`, { from: a.key, to: b.key, by: takers, required_fields })
  }
  return { name: 'Out of chance', statuses, transitions: [...steps.values()] }
}

const arbitraryLifecycle = fc
  .tuple(
    fc.array(fc.record({ category: fc.constantFrom(...statusCategories), hidden: fc.boolean() }), { maxLength: 5 }),
    fc.array(
      fc.record({
        from: fc.nat(20),
        to: fc.nat(20),
        by: fc.uniqueArray(fc.constantFrom<Taker>('agent', 'admin', 'requester', 'system'), { minLength: 1 }),
        needs: fc.boolean(),
      }),
      { minLength: 15, maxLength: 60 },
    ),
  )
  .map(([extra, ways]) => lifecycleOutOf(extra, ways))

const arbitraryDeed = fc.record({
  who: fc.constantFrom('admin', 'agent', 'requester', 'stranger'),
  what: fc.constantFrom('status', 'status', 'status', 'close', 'reopen', 'reply', 'claim', 'snooze', 'wait', 'classify'),
  to: fc.nat(20),
})

interface Cast {
  desk: Desk
  people: Record<'admin' | 'agent' | 'requester' | 'stranger', Person>
  category_id: string
}

async function cast(t: TestContext): Promise<Cast> {
  const desk = await openDesk(t, { env: { BECKON_ACCESS_TOKEN_SECONDS: '86400' } })
  const admin = await desk.person({ role: 'admin' })
  const people = {
    admin,
    agent: await desk.person({ role: 'agent' }),
    requester: await desk.person(),
    stranger: await desk.person(),
  }
  const category_id = (await admin.post('/v1/categories', { name: 'Anything' })).body.id
  return { desk, people, category_id }
}

type Definition = ReturnType<typeof lifecycleOutOf>

/** Who may have taken the step that a deed led to: whoever did it, and Beckon itself, for what follows. */
function takersOf(who: string): Taker[] {
  const own: Record<string, Taker[]> = { admin: ['agent', 'admin'], agent: ['agent'], requester: ['requester'], stranger: [] }
  return [...(own[who] ?? []), 'system']
}

function isWay({ transitions }: Definition, from: string, to: string, by: Taker[]): boolean {
  return (
    from === to || transitions.some((step) => step.from === from && step.to === to && step.by.some((one) => by.includes(one)))
  )
}

/** To close a ticket is one step, or two by way of solved. */
function isClosing(definition: Definition, { from, to, by }: { from: string; to: string; by: Taker[] }): boolean {
  return definition.statuses.some(
    ({ key, category }) =>
      category === 'solved' && key !== from && isWay(definition, from, key, by) && isWay(definition, key, to, by),
  )
}

test('a ticket only ever goes where its lifecycle lets that person, and what a refusal calls allowed is', async (t) => {
  const { desk, people, category_id } = await cast(t)
  let refusals = 0
  let steps = 0

  const run = async (definition: Definition, deeds: { who: string; what: string; to: number }[]) => {
    const made = await people.admin.post('/v1/lifecycles', definition)
    assert.equal(made.status, 201, made.text)
    const queue = await people.admin.post('/v1/queues', {
      key: `q${made.body.id.slice(-20)}`,
      name: 'Queue',
      public: true,
      lifecycle_id: made.body.id,
    })
    const raise = async () =>
      `/v1/tickets/${(await people.requester.post('/v1/tickets', { subject: 'S', body: 'B', queue_id: queue.body.id })).body.id}`
    let path = await raise()
    const now = async (): Promise<Json> => (await people.admin.get(path)).body

    for (const { who, what, to } of deeds) {
      // Of a closed one every second is gone on with.
      if (to % 2 === 0 && (await now()).status_category === 'closed') path = await raise()
      const before = await now()
      const caller = people[who as keyof typeof people]
      const wanted = definition.statuses[to % definition.statuses.length] as StatusDefinition
      const reply = await (async () => {
        switch (what) {
          case 'status':
            return caller.patch(path, { status: wanted.key })
          case 'snooze':
            return caller.patch(path, { status: wanted.key, pending_until: new Date(desk.clock.now() + MINUTE).toISOString() })
          case 'close':
          case 'reopen':
          case 'claim':
            return caller.post(`${path}/${what}`)
          case 'reply':
            return caller.post(`${path}/messages`, { body: 'Word' })
          case 'classify':
            return people.admin.patch(path, { category_id: to % 2 === 0 ? category_id : null })
          default:
            desk.clock.advance(2 * MINUTE)
            await desk.settle()
            return undefined
        }
      })()
      if (reply) assert.ok(reply.status < 500, reply.text)
      const after = await now()
      if (before.status !== after.status) steps++
      const step = `${who} ${what} ${before.status} → ${after.status}`
      const known = definition.statuses.find(({ key }) => key === after.status)
      assert.equal(known?.category, after.status_category, step)
      const by = takersOf(what === 'wait' ? 'nobody' : who)
      const ends = what === 'close' && isClosing(definition, { from: before.status, to: after.status, by })
      assert.ok(ends || isWay(definition, before.status, after.status, by), step)
      if (reply && reply.status >= 400) assert.equal(before.status, after.status)
      if (reply?.body?.code === 'transition_not_allowed') {
        refusals++
        await tryAllowed({ people, path, who, allowed: reply.body.allowed, before, definition, pick: to })
        assert.equal((await now()).version >= after.version, true)
      }
    }
  }

  await fc.assert(fc.asyncProperty(arbitraryLifecycle, fc.array(arbitraryDeed, { minLength: 15, maxLength: 30 }), run), {
    numRuns: Number(process.env.TRANSITION_RUNS ?? 25),
    seed: 20261122,
  })
  assert.ok(refusals > 25 && steps > 60, `too little happened: ${refusals} refusals, ${steps} steps`)
})

/** What the refusal calls allowed is what the ticket says, and one of them, tried, succeeds. */
async function tryAllowed(of: {
  people: Cast['people']
  path: string
  who: string
  allowed: string[]
  before: Json
  definition: Definition
  pick: number
}): Promise<void> {
  const { people, path, who, allowed, definition } = of
  const caller = people[who as keyof Cast['people']]
  const mine = (await caller.get(path)).body
  assert.deepEqual(mine.allowed_transitions, allowed)
  // What is closed goes nowhere any more: rather something else, so that the story goes on.
  const going = allowed.filter((key) => !key.endsWith('closed'))
  const choice = going[of.pick % going.length] ?? allowed[0]
  if (choice === undefined) return
  const { category } = definition.statuses.find(({ key }) => key === choice) as StatusDefinition
  if (who !== 'requester') {
    const tried = await caller.patch(path, { status: choice })
    assert.deepEqual([tried.status, tried.body.status], [200, choice], tried.text)
    return
  }
  // A requester has two verbs: what leads elsewhere he takes by his replies.
  if (category === 'closed') assert.equal((await caller.post(`${path}/close`)).status, 200)
  else if (category === 'open' && mine.status_category === 'solved')
    assert.equal((await caller.post(`${path}/reopen`)).status, 200)
}

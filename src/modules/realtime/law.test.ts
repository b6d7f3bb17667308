import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Caller, type Desk, type Json, openDesk, type Person } from '../../../test/desk.ts'
import { type Listener, listen } from '../../../test/listener.ts'
import { type Chance, createChance } from '../../../test/moving/chance.ts'
import { Problem } from '../../platform/problems.ts'

const seed = Number(process.env.REALTIME_SEED ?? Date.now() % 1_000_000)
const ACTS = Number(process.env.REALTIME_ACTS ?? 30)

interface World {
  desk: Desk
  people: { admin: Person; first: Person; second: Person; ada: Person; bob: Person; mia: Person }
  queues: string[]
  /** Tickets that stay in everybody's sight as they are, and those that move about. */
  still: string[]
  moving: string[]
  /** Messages that somebody may change, and in which ticket. */
  messages: { id: string; ticket: string; by: Person }[]
}

async function openWorld(desk: Desk): Promise<World> {
  const admin = await desk.person({ role: 'admin' })
  const acme = (await admin.post('/v1/organizations', { name: 'Acme' })).body.id
  const people = {
    admin,
    first: await desk.person({ role: 'agent' }),
    second: await desk.person({ role: 'agent' }),
    ada: await desk.person({ organization_id: acme }),
    bob: await desk.person(),
    mia: await desk.person({ organization_id: acme, organization_role: 'manager' }),
  }
  const queues: string[] = []
  for (const [key, members] of Object.entries({ one: [people.first, people.second], two: [people.second] })) {
    const team = (await admin.post('/v1/teams', { name: key })).body.id
    for (const { id } of members) await admin.put(`/v1/teams/${team}/members/${id}`)
    queues.push((await admin.post('/v1/queues', { key, name: key, public: true, team_ids: [team] })).body.id)
  }
  const raise = async (who: Person, queue_id = queues[0]) =>
    (await who.post('/v1/tickets', { subject: 'Printer', body: 'It burns.', queue_id })).body.id
  const still = [await raise(people.ada), await raise(people.bob, queues[1]), await raise(people.ada, queues[1])]
  const moving = [await raise(people.ada), await raise(people.bob), await raise(people.bob, queues[1]), await raise(people.ada)]
  await desk.settle()
  return { desk, people, queues, still, moving, messages: [] }
}

type Act = (world: World, chance: Chance) => Promise<unknown>

const anyTicket = ({ still, moving }: World, chance: Chance): string => chance.one([...still, ...moving])

const acts: Act[] = [
  async (world, chance) => {
    const by = chance.one(Object.values(world.people))
    const ticket = anyTicket(world, chance)
    const { status, body } = await by.post(`/v1/tickets/${ticket}/messages`, { body: `Words ${chance.below(1000)}` })
    if (status === 201) world.messages.push({ id: body.id, ticket: body.ticket_id, by })
  },
  async (world, chance) => {
    const by = chance.one([world.people.admin, world.people.first, world.people.second])
    const note = { body: `CANARY ${chance.below(1000)}`, visibility: 'internal' }
    await by.post(`/v1/tickets/${anyTicket(world, chance)}/messages`, note)
  },
  async ({ messages }, chance) => {
    if (messages.length === 0) return
    const { id, ticket, by } = chance.one(messages)
    const path = `/v1/tickets/${ticket}/messages/${id}`
    if (chance.happens(30)) await by.delete(path)
    else await by.patch(path, { body: `Other words ${chance.below(1000)}` })
  },
  async ({ people, messages }, chance) => {
    if (messages.length > 0 && chance.happens(50)) {
      const { id, ticket } = chance.one(messages)
      await people.admin.patch(`/v1/tickets/${ticket}/messages/${id}`, { visibility: 'internal' })
    }
  },
  async (world, chance) => {
    const changes = chance.one([
      { status: 'pending' },
      { status: 'open' },
      { status: 'solved' },
      { priority: 'high' },
      { due_at: null },
    ])
    await world.people.admin.patch(`/v1/tickets/${anyTicket(world, chance)}`, changes)
  },
  async (world, chance) => {
    const ticket = anyTicket(world, chance)
    if (chance.happens(50)) await world.people.admin.post(`/v1/tickets/${ticket}/tags`, { tags: ['vip'] })
    else await world.people.admin.delete(`/v1/tickets/${ticket}/tags/vip`)
  },
  async ({ people, moving, queues }, chance) => {
    await people.admin.patch(`/v1/tickets/${chance.one(moving)}`, { queue_id: chance.one(queues) })
  },
  async ({ people, moving }, chance) => {
    const assignee_id = chance.one([null, people.first.id, people.second.id])
    await people.admin.patch(`/v1/tickets/${chance.one(moving)}`, { assignee_id })
  },
  async ({ people, moving }, chance) => {
    await people.admin.patch(`/v1/tickets/${chance.one(moving)}`, { requester_id: chance.one([people.ada.id, people.bob.id]) })
  },
  async ({ people, moving }, chance) => {
    const [who, role] = chance.one([
      [people.bob, 'cc'],
      [people.ada, 'cc'],
      [people.first, 'follower'],
      [people.second, 'cc'],
    ] as const)
    const path = `/v1/tickets/${chance.one(moving)}/participants/${who.id}`
    if (chance.happens(60)) await people.admin.put(path, { role })
    else await people.admin.delete(`${path}?role=${role}`)
  },
  async ({ people, moving }, chance) => {
    const ticket = chance.one(moving)
    if (chance.happens(50)) await people.admin.post(`/v1/tickets/${ticket}/unmerge`)
    else await people.admin.post(`/v1/tickets/${ticket}/merge`, { into_ticket_id: chance.one(moving) })
  },
  async ({ people, moving }, chance) => {
    if (chance.happens(5)) await people.admin.delete(`/v1/tickets/${chance.one(moving)}`)
  },
  async ({ people, queues, moving }, chance) => {
    const raised = { subject: 'Another', body: 'It smokes.', queue_id: chance.one(queues) }
    if (chance.happens(30)) moving.push((await chance.one([people.ada, people.bob]).post('/v1/tickets', raised)).body.id)
  },
]

/** Somebody who listens through cuts: what he has kept of each of his lines, one after the other. */
class Follower {
  readonly caller: Caller & { token: string }
  readonly topics: readonly string[]
  readonly nodes: readonly Pick<Desk, 'app'>[]
  readonly kept: Json[] = []
  text = ''
  lines = 0
  isRefused = false
  #listener: Listener | undefined
  constructor(caller: Caller & { token: string }, topics: readonly string[], nodes: readonly Pick<Desk, 'app'>[]) {
    this.caller = caller
    this.topics = topics
    this.nodes = nodes
  }
  /** Where he began, and where he is: after the last frame that has a place. */
  get places(): number[] {
    return this.kept.flatMap((frame) => frame.event?.position ?? frame.position ?? [])
  }
  async connect(chance: Chance): Promise<void> {
    try {
      const after = this.places.at(-1)
      this.#listener = await listen(chance.one(this.nodes), this.caller.token, { topics: this.topics, after })
      this.lines++
      this.isRefused = false
    } catch (error) {
      // The one ticket that he hears of is hidden from him by now: whoever is told so has nothing left of it.
      if (!(error instanceof Problem) || error.code !== 'not_found') throw error
      this.isRefused = true
      this.kept.push({ type: 'left', ticket_id: this.topics[0]?.split(':')[1] })
    }
  }
  /** The line breaks anywhere: what was sent behind that has not arrived. */
  cut(chance?: Chance): void {
    const listener = this.#listener
    if (!listener) return
    listener.line.close()
    this.#listener = undefined
    const { frames } = listener
    assertRising(frames)
    assert.equal(listener.ended(), undefined)
    this.kept.push(...frames.slice(0, chance ? 1 + chance.below(frames.length) : frames.length))
    this.text += listener.text()
  }
  async disturb(chance: Chance): Promise<void> {
    if (!this.#listener) return this.connect(chance)
    if (chance.happens(40)) this.cut(chance)
    else this.#listener.clog(chance.happens(50) ? 100_000 : 0)
  }
  unclog(): void {
    this.#listener?.clog(0)
  }
}

/** On one line events rise, none comes twice, and no cursor goes back. */
function assertRising(frames: readonly Json[]): void {
  let [last, cursor] = [-1, -1]
  for (const { event, position, type } of frames) {
    const at = event?.position ?? position
    assert.ok(at >= cursor, `${type} at ${at} after ${cursor}`)
    if (event) assert.ok(at > last, `${at} came twice`)
    cursor = at
    if (event) last = at
  }
}

async function logOf(caller: Caller, after: number): Promise<Json[]> {
  const events: Json[] = []
  for (let more = true, place = after; more; ) {
    const { status, body, text } = await caller.get(`/v1/events?limit=100&include=object,ticket&after=${place}`)
    assert.equal(status, 200, text)
    events.push(...body.data)
    more = body.has_more
    place = body.next_after
  }
  return events
}

/** The tickets that belong to a topic now, as the database has them; undefined for all, and what lies outside tickets. */
async function ticketsIn(world: World, { caller }: Follower, topic: string): Promise<Set<string> | undefined> {
  const { desk } = world
  const [kind, id = ''] = topic.split(':')
  const me = Object.values(world.people).find((person) => person === caller)?.id ?? 'nobody'
  const sql: Record<string, [string, unknown[]]> = {
    ticket: ['select id from tickets where id = ?', [id]],
    queue: ['select id from tickets where queue_id = ?', [id]],
    me: [
      'select id from tickets where requester_id = ? or assignee_id = ? or id in (select ticket_id from ticket_participants where user_id = ?)',
      [me, me, me],
    ],
  }
  if (kind === 'all') return undefined
  const [text, values] = sql[kind ?? ''] ?? []
  if (text) return new Set((await desk.query(text, values)).map((row) => row.id))
  const { body } = await caller.get(`/v1/views/${id}/tickets?limit=100`)
  return new Set(body.data.map((ticket: Json) => ticket.id))
}

async function assertTold(world: World, follower: Follower): Promise<void> {
  const { kept, topics, caller } = follower
  const what = `REALTIME_SEED=${seed}: ${topics.join()} of ${Object.entries(world.people).find(([, person]) => person === caller)?.[0] ?? 'a key'}`
  const log = await logOf(caller, kept[0].position)
  const within = await Promise.all(topics.map((topic) => ticketsIn(world, follower, topic)))
  const isWithin = (event: Json) => within.some((ids) => ids === undefined || ids.has(event.ticket_id))
  const told = new Map(kept.flatMap(({ event }) => (event ? [[event.position, event]] : [])))
  const thin = ({ object: _, ticket: __, ...event }: Json) => event

  // What does not move is told as the log has it, all of it, and nothing else.
  const isStill = ({ ticket_id }: Json) => ticket_id === null || world.still.includes(ticket_id)
  const isOfTicketAlone = !topics.some((topic) => topic.startsWith('view:'))
  if (isOfTicketAlone) {
    const wanted = log.filter((event) => isStill(event) && isWithin(event))
    const found = [...told.values()].filter(isStill).sort((a, b) => a.position - b.position)
    assert.deepEqual(found.map(thin), wanted.map(thin), what)
  }
  // Of what moves the last that happened is told to who has it in the end, with everything as it is now.
  for (const [ticket_id, events] of Map.groupBy(log.filter(isWithin), (event) => event.ticket_id)) {
    const last = events.at(-1)
    if (ticket_id !== null && last && !follower.isRefused) assert.deepEqual(told.get(last.position), last, what)
  }
  // Whoever has it no longer was told so after everything else.
  if (topics.length > 1) return
  const signals = new Map<string, string>()
  for (const { type, event, ticket_id } of kept) {
    if (type === 'left') signals.set(ticket_id, 'left')
    else if (event?.ticket_id) signals.set(event.ticket_id, event.type === 'ticket.deleted' ? 'left' : 'told')
  }
  for (const [id, signal] of signals) {
    if (signal === 'left') continue
    const { status } = await caller.get(`/v1/tickets/${id}`)
    assert.ok(status === 200 && isWithin({ ticket_id: id }), `${what}: ${id} was never taken away`)
  }
}

test(`whoever listens, is cut off and comes back has what the log shows him of his topics (REALTIME_SEED=${seed})`, async (t) => {
  const desk = await openDesk(t)
  const world = await openWorld(desk)
  const { people, queues, still, moving } = world
  const { admin, first, second, ada, bob, mia } = people
  const other = await desk.node(desk.clock)
  const nodes = [desk, other]
  const view = async (filters: object) => `view:${(await second.post('/v1/views', { name: 'V', filters })).body.id}`
  const key = (await admin.post('/v1/api-keys', { name: 'K', role: 'agent', scopes: ['*'] })).body.secret
  const [queue] = queues.map((id) => `queue:${id}`)
  const listening: [Caller & { token: string }, string[]][] = [
    ...[admin, first, second, ada, bob, mia].flatMap((who): [Person, string[]][] => [
      [who, ['all']],
      [who, ['me']],
      [who, [queue ?? '']],
    ]),
    [first, [`ticket:${moving[0]}`]],
    [ada, [`ticket:${moving[0]}`]],
    [mia, [`ticket:${still[0]}`, 'me']],
    [second, [await view({ queue_id: queues[1] ?? '' })]],
    [second, [await view({ tag: 'vip' })]],
    [second, [await view({ assignee_id: 'me', status_category: 'open,pending' })]],
    [second, [await view({ status_category: 'new,open' }), `ticket:${still[1]}`, queue ?? '']],
    [{ ...desk.bearer(key), token: key }, ['all']],
    [{ ...desk.bearer(key), token: key }, [queue ?? '', 'me']],
  ]
  const followers = listening.map(([who, topics]) => new Follower(who, topics, nodes))
  const settle = () => Promise.all([desk.settle(), other.app.settle()])
  await settle()
  for (const follower of followers) await follower.connect(createChance(seed))

  await Promise.all([
    ...[1, 2, 3].map(async (n) => {
      const chance = createChance(seed + n * 7919)
      for (let i = 0; i < ACTS; i++) await chance.one(acts)(world, chance)
    }),
    (async () => {
      const chance = createChance(seed + 31)
      for (let i = 0; i < ACTS * 3; i++) {
        await chance.one(followers).disturb(chance)
        if (chance.happens(10)) await settle()
      }
    })(),
  ])
  await settle()
  for (const follower of followers) follower.cut(createChance(seed + follower.lines))
  for (const follower of followers) await follower.connect(createChance(seed))
  for (const follower of followers) follower.unclog()
  await settle()
  for (const follower of followers) follower.cut()

  for (const follower of followers) await assertTold(world, follower)
  for (const { caller, text, topics } of followers)
    if (caller === ada || caller === bob || caller === mia) assert.ok(!text.includes('CANARY'), topics.join())
  t.diagnostic(
    `${followers.reduce((sum, { lines }) => sum + lines, 0)} lines, ${followers.reduce((sum, { kept }) => sum + kept.length, 0)} frames`,
  )
})

// The desk on which the storm rages: who is there, and how they speak with it.

// Answers are read as they come.
// biome-ignore lint/suspicious/noExplicitAny: their shapes are held against the OpenAPI elsewhere
export type Json = Record<string, any>

export interface Answered {
  status: number
  body: Json
}

/** Sends one request as somebody; rejects where no whole answer came. */
export type Ask = (
  who: Person,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: Json,
) => Promise<Answered>

export interface Person {
  id: string
  name: string
  role: 'requester' | 'agent' | 'admin'
  token: string
  /** His teams change while he listens. */
  moves: boolean
}

/** The text of every note has it, and of nothing else. */
export const CANARY = 'canary-of-a-note-6e1d2b'

export interface World {
  admins: Person[]
  agents: Person[]
  requesters: Person[]
  /** One per queue but the first, which all agents work in. */
  teams: string[]
  /** Everybody's, two of a team each that requesters may know of, and one of a team that they may not. */
  queues: string[]
  /** Of each agent and admin: the open tickets of high priority. */
  views: Map<string, string>
  tickets: string[]
  /** Where the first of them are at first. */
  firstQueues: Map<string, string>
  /** Those that were written as notes. */
  notes: Set<string>
}

export function everybody({ admins, agents, requesters }: World): Person[] {
  return [...admins, ...agents, ...requesters]
}

/** How a person comes to the desk. */
export type Hire = (role: Person['role'], name: string) => Promise<Omit<Person, 'moves'>>

export interface Size {
  admins: number
  agents: number
  requesters: number
  /** Of each requester. */
  tickets: number
}

/** Fills an empty desk. */
export async function createWorld(ask: Ask, { hire, size }: { hire: Hire; size: Size }): Promise<World> {
  const people = async (role: Person['role'], count: number): Promise<Person[]> => {
    const found: Person[] = []
    // The last agent is the one who is moved about.
    for (let i = 0; i < count; i++)
      found.push({ ...(await hire(role, `${role} ${i}`)), moves: role === 'agent' && i === count - 1 })
    return found
  }
  const admins = await people('admin', size.admins)
  const [admin] = admins
  if (!admin) throw new Error('a desk needs an admin')
  const must = mustAsk(ask)
  const agents = await people('agent', size.agents)
  const requesters = await people('requester', size.requesters)
  const [manager, ...members] = requesters.slice(0, Math.ceil(requesters.length / 4))
  if (manager && members.length > 0) {
    const { id } = await must(admin, 'POST', '/v1/organizations', { name: 'Acme' })
    await must(admin, 'PATCH', `/v1/users/${manager.id}`, { organization_id: id, organization_role: 'manager' })
    for (const member of members) await must(admin, 'PATCH', `/v1/users/${member.id}`, { organization_id: id })
  }
  const { default_queue_id } = await must(admin, 'GET', '/v1/settings')
  const world: World = {
    ...{ admins, agents, requesters },
    ...{ teams: [], queues: [default_queue_id], views: new Map(), tickets: [], firstQueues: new Map(), notes: new Set() },
  }
  for (const [i, key] of ['alpha', 'beta', 'gamma'].entries()) {
    const { id: team_id } = await must(admin, 'POST', '/v1/teams', { name: key })
    world.teams.push(team_id)
    for (const [j, { id }] of agents.entries()) if (j % 3 !== i) await must(admin, 'PUT', `/v1/teams/${team_id}/members/${id}`)
    const queue = { key, name: key, team_ids: [team_id], public: key !== 'gamma' }
    world.queues.push((await must(admin, 'POST', '/v1/queues', queue)).id)
  }
  const filters = { status_category: 'new,open,pending', priority: 'normal,high' }
  for (const one of [...admins, ...agents])
    world.views.set(one.id, (await must(one, 'POST', '/v1/views', { name: 'Busy', filters })).id)
  for (let n = 0; n < size.tickets; n++)
    for (const [i, requester] of requesters.entries()) {
      const queue_id = world.queues[(n + i) % 3] ?? default_queue_id
      const { id } = await must(requester, 'POST', '/v1/tickets', { subject: `Printer ${n}`, body: 'It burns.', queue_id })
      world.tickets.push(id)
      world.firstQueues.set(id, queue_id)
    }
  return world
}

/** As `Ask`, for what must succeed. */
export function mustAsk(ask: Ask) {
  return async (...[who, method, path, body]: Parameters<Ask>): Promise<Json> => {
    const answer = await ask(who, method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }
}

/** Every page of a list. */
export async function readList(ask: Ask, who: Person, path: string): Promise<Json[]> {
  const must = mustAsk(ask)
  const found: Json[] = []
  for (let cursor = ''; ; ) {
    const page = await must(who, 'GET', `${path}${path.includes('?') ? '&' : '?'}limit=100${cursor}`)
    found.push(...page.data)
    if (!page.has_more) return found
    cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`
  }
}

/** Everything in the log that somebody sees behind a position, in pages that the desk need not hurry with. */
export async function readLog(ask: Ask, who: Person, { after = 0, include = '' } = {}): Promise<Json[]> {
  const must = mustAsk(ask)
  const found: Json[] = []
  for (let place = after; ; ) {
    const page = await must(who, 'GET', `/v1/events?limit=100&after=${place}${include === '' ? '' : `&include=${include}`}`)
    found.push(...page.data)
    place = page.next_after
    if (!page.has_more) return found
  }
}

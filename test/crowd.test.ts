import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Caller, type Desk, type Json, openDesk, type Person, type Reply } from './desk.ts'
import { serverUrl } from './engine.ts'
import { type Chance, createChance } from './moving/chance.ts'
import { assertReplayed } from './replay.ts'

const seed = Number(process.env.CROWD_SEED ?? Date.now() % 1_000_000)
const ROUNDS = Number(process.env.CROWD_ROUNDS ?? 12)
const AT_ONCE = 12
const POOL = 6

interface Crowd {
  desk: Desk
  root: Person
  agent: Person
  requester: Person
  colleague: Person
  /** Staff, on a node of their own each where there can be several. */
  staff: Caller[]
  macro: string
  tickets: Json[]
}

async function openCrowd(desk: Desk): Promise<Crowd> {
  const root = await desk.person({ role: 'admin' })
  const { id: organization_id } = (await root.post('/v1/organizations', { name: 'Acme' })).body
  const agent = await desk.person({ role: 'agent' })
  const [requester, colleague] = [await desk.person({ organization_id }), await desk.person({ organization_id })]
  const message = { visibility: 'internal', variants: [{ locale: 'en', body: 'About {{ticket.number}}.' }] }
  const changes = { priority: 'high', add_tags: ['hurry'] }
  const macro = await root.post('/v1/macros', { name: 'Hurry', visibility: 'shared', message, changes })
  assert.equal(macro.status, 201, macro.text)
  const other = serverUrl ? (await desk.node(desk.clock)).bearer(root.token) : root
  const crowd = { desk, root, agent, requester, colleague, staff: [agent, other], macro: macro.body.id, tickets: [] as Json[] }
  for (let i = 0; i < POOL; i++) crowd.tickets.push(await raise(crowd))
  return crowd
}

async function raise({ requester, desk }: Crowd): Promise<Json> {
  const { status, body, text } = await requester.post('/v1/tickets', {
    subject: 'A ticket',
    body: `Raised at ${desk.clock.now()}.`,
  })
  assert.equal(status, 201, text)
  return body
}

/** What somebody of the staff does to tickets that others have in hand as well. */
const acts: Record<string, (crowd: Crowd, who: Who) => Promise<Reply>> = {
  reply: (_, { caller, ticket }) => caller.post(`/v1/tickets/${ticket.id}/messages`, { body: 'A reply.' }),
  ask: ({ requester }, { ticket }) => requester.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Any news?' }),
  mention: ({ agent }, { caller, ticket, other, third }) =>
    caller.post(`/v1/tickets/${ticket.id}/messages`, {
      body: `As in #${other.number} and #${third.number}, @${agent.id}.`,
      visibility: 'internal',
    }),
  parent: (_, { caller, ticket, other }) =>
    caller.post(`/v1/tickets/${ticket.id}/links`, { ticket_id: other.id, kind: 'parent' }),
  relate: (_, { caller, ticket, other }) =>
    caller.post(`/v1/tickets/${ticket.id}/links`, { ticket_id: other.id, kind: 'related' }),
  unlink: async (_, { caller, ticket, chance }) => {
    const links = await caller.get(`/v1/tickets/${ticket.id}/links`)
    const link = links.status === 200 && links.body.data.length > 0 ? chance.one(links.body.data as Json[]) : undefined
    return link ? caller.delete(`/v1/tickets/${ticket.id}/links/${link.id}`) : links
  },
  merge: (_, { caller, ticket, other }) => caller.post(`/v1/tickets/${ticket.id}/merge`, { into_ticket_id: other.id }),
  unmerge: (_, { caller, ticket }) => caller.post(`/v1/tickets/${ticket.id}/unmerge`),
  split: async (_, { caller, ticket, chance }) => {
    const read = await caller.get(`/v1/tickets/${ticket.id}/messages?limit=100`)
    if (read.status !== 200 || read.body.data.length === 0) return read
    return caller.post(`/v1/tickets/${ticket.id}/split`, { message_ids: [chance.one(read.body.data as Json[]).id] })
  },
  close: (_, { caller, ticket }) => caller.post(`/v1/tickets/${ticket.id}/close`, { close_children: true, message: 'Done.' }),
  macro: ({ macro }, { caller, ticket }) => caller.post(`/v1/macros/${macro}/apply`, { ticket_id: ticket.id }),
  add: ({ colleague }, { caller, ticket }) => caller.put(`/v1/tickets/${ticket.id}/participants/${colleague.id}`),
  remove: ({ colleague }, { caller, ticket }) => caller.delete(`/v1/tickets/${ticket.id}/participants/${colleague.id}`),
  give: ({ requester, colleague }, { caller, ticket, chance }) =>
    caller.patch(`/v1/tickets/${ticket.id}`, { requester_id: chance.one([requester, colleague]).id }),
  delete: ({ root }, { ticket, caller, chance }) =>
    chance.happens(30) ? root.delete(`/v1/tickets/${ticket.id}`) : caller.get(`/v1/tickets/${ticket.id}`),
}

interface Who {
  caller: Caller
  ticket: Json
  other: Json
  third: Json
  chance: Chance
}

test(`in a crowd on a few tickets everybody is answered, and what is there is what is counted, linked and told (CROWD_SEED=${seed})`, async (t) => {
  const crowd = await openCrowd(await openDesk(t))
  const chance = createChance(seed)
  const told = new Map<string, number>()
  const names = Object.keys(acts)

  for (let round = 0; round < ROUNDS; round++) {
    crowd.desk.clock.advance(1000)
    await Promise.all(
      Array.from({ length: AT_ONCE }, async (_, i) => {
        const [ticket, other, third] = [0, 1, 2].map(() => chance.one(crowd.tickets))
        const name = chance.one(names)
        const who = { caller: crowd.staff[i % 2] ?? crowd.agent, ticket, other, third, chance }
        const { status, text } = (await acts[name]?.(crowd, who)) ?? { status: 0, text: 'nobody knows how' }
        told.set(`${name} ${status}`, (told.get(`${name} ${status}`) ?? 0) + 1)
        assert.ok([200, 201, 204, 403, 404, 409, 422].includes(status), `${name}: ${text}`)
      }),
    )
    for (const [i, { id }] of crowd.tickets.entries()) {
      const { status, body } = await crowd.root.get(`/v1/tickets/${id}`)
      // What was merged stays within reach of an undo.
      if (status === 404 || (body.status_category === 'closed' && body.merged_into_id === null))
        crowd.tickets[i] = await raise(crowd)
      else if (body.merged_into_id !== null && chance.happens(20)) crowd.tickets[i] = await raise(crowd)
    }
  }
  await crowd.desk.settle()

  t.diagnostic(JSON.stringify(Object.fromEntries([...told].sort())))
  assert.deepEqual(await wrongCounts(crowd.desk), [])
  assert.deepEqual(await wrongLinks(crowd.desk), [])
  await assertReplayed(crowd.desk, { caller: crowd.root, side: 'staff' })
})

/** Tickets that count other messages than they have, or were merged and have some. */
function wrongCounts(desk: Desk): Promise<Json[]> {
  const count = (more: string) => `(select count(*) from messages where ticket_id = tickets.id ${more})`
  return desk.query(`select id, message_count, public_message_count from tickets where deleted_at is null and (
    message_count <> ${count('')} or public_message_count <> ${count("and visibility = 'public'")}
    or (merged_into_id is not null and message_count > 0))`)
}

/** Links with one end, with a deleted ticket, of a second parent, or in a circle. */
async function wrongLinks(desk: Desk): Promise<string[]> {
  const rows = await desk.query('select ticket_links.*, deleted_at from ticket_links join tickets on tickets.id = other_id')
  const wrong = rows.filter(({ deleted_at }) => deleted_at !== null).map(({ id }) => `${id} leads to a deleted ticket`)
  for (const [id, ends] of Map.groupBy(rows, ({ id }) => id)) if (ends.length !== 2) wrong.push(`${id} has ${ends.length} ends`)
  const parents = new Map<string, string>()
  for (const { ticket_id, other_id } of rows.filter(({ kind }) => kind === 'parent')) {
    if (parents.has(ticket_id)) wrong.push(`${ticket_id} has two parents`)
    parents.set(ticket_id, other_id)
  }
  for (const id of parents.keys()) {
    let steps = 0
    for (let above = parents.get(id); above !== undefined && steps < 20; above = parents.get(above)) steps++
    if (steps >= 10) wrong.push(`${id} stands ${steps} below`)
  }
  return wrong
}

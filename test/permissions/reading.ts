import assert from 'node:assert/strict'
import type { Caller, Json } from '../desk.ts'
import { type Role, requesters, sees, type TicketName, tickets } from './roles.ts'
import { canary, type World } from './world.ts'

/** One filter of the list of tickets, and which tickets it lets through on each side. */
interface Filter {
  query: string
  staff: readonly TicketName[]
  public: readonly TicketName[]
}

const living = tickets.filter((name) => name !== 'gone')
const none: readonly TicketName[] = []
const only = (query: string, names: readonly TicketName[], isHidden = false): Filter => ({
  query,
  staff: names,
  public: isHidden ? none : names,
})

/** Filters that look at what everybody sees, and filters that look at what only staff may know of. */
function filtersOf({ queues, people, organizations, types }: World): Filter[] {
  const mine = (id: string) => `requester_id=${id}`
  return [
    only('', living),
    // Staff see the case in a status that is hidden from requesters, who see its category.
    { query: 'status=open', staff: living.filter((name) => name !== 'case'), public: living },
    only('status=new', none),
    only('status_category=open,pending', living),
    only('priority=normal', living),
    only('priority=urgent,low', none),
    only(`queue_id=${queues.tee}`, ['case', 'bobs', 'coles', 'monas', 'raised']),
    only(`queue_id=${queues.wye},${queues.general}`, ['freds', 'ginas', 'general']),
    only('category_id=none', living),
    only(mine(people.ada.id), ['case']),
    only(mine(people.otis.id), ['others', 'general']),
    only(`organization_id=${organizations.acme}`, ['case', 'bobs', 'coles', 'monas']),
    only(`organization_id=${organizations.globex},none`, ['freds', 'ginas', 'raised', 'others', 'general']),
    only('created_at[gte]=2026-01-01T00:00:00Z', living),
    only('updated_at[lt]=2030-01-01T00:00:00Z', none),
    only('updated_at[gte]=2030-01-01T00:00:00Z', living),
    only(`assignee_id=${people.abe.id}`, ['case'], true),
    only(`assignee_id=${people.wendy.id},${people.abe.id}`, ['case', 'bobs', 'freds', 'ginas'], true),
    only('assignee_id=none', none, true),
    only(`type_id=${types.incident}`, living, true),
    only('type_id=none', none, true),
    only('fields[outer]=none', none),
    ...living.flatMap((name) => [
      only(`q=${canary(name, 'body')}`, [name]),
      only(`q=${canary(name, 'note')}`, [name], true),
      only(`tag=${canary(name, 'tag')}`, [name], true),
      only(`fields[outer]=${canary(name, 'outer')}`, [name]),
      // For requesters there is no such field: see readLists.
      only(`fields[inner]=${canary(name, 'inner')}`, [name], true),
    ]),
    ...(['case', 'freds', 'raised'] as const).flatMap((name) => [
      ...['subject', 'reply', 'edited'].map((word) => only(`q=${canary(name, word)}`, [name])),
      ...['former', 'retracted', 'external'].map((word) => only(`q=${canary(name, word)}`, none)),
      only(`q=tag:${canary(name, 'tag')}`, [name], true),
      only(`q=fields.outer:${canary(name, 'outer')}`, [name]),
      only(`q=${canary(name, 'inner')}`, none),
    ]),
    ...['subject', 'note', 'body'].map((word) => only(`q=${canary('gone', word)}`, none)),
    only(`q=assignee_id:${people.abe.id}`, ['case'], true),
    only('q=canary*', living),
  ].map((filter) =>
    // By its public side a ticket was last touched in 2026, by its internal side in 2031.
    filter.query.startsWith('updated_at[lt]')
      ? { ...filter, public: living }
      : filter.query.startsWith('updated_at[gte]')
        ? { ...filter, public: none }
        : filter,
  )
}

const sorts = [
  'created_at',
  '-created_at',
  'updated_at',
  '-updated_at',
  'priority',
  '-priority',
  'number',
  '-number',
  'fields[outer]',
  '-fields[outer]',
]

/** Reads all that there is to read, in every way, and checks that each list holds exactly what the role sees. */
export async function readEverything(world: World, role: Role): Promise<void> {
  const caller = world.as[role]
  await watchAll(world)
  await readLists(world, { role, caller })
  for (const name of tickets) await readTicket(world, { role, caller, name })
  for (const query of [
    '',
    'include=object,ticket',
    'include=ticket',
    'type=ticket.*',
    'type=message.*&include=object',
    'type=session.*,user.*,api_key.*',
  ])
    await readLog(caller, `/v1/events?${query}`)
  for (const type of [
    'ticket.tagged',
    'ticket.assigned',
    'ticket.routed',
    'ticket.updated',
    'ticket.participant_added',
    'message.mentioned',
    'message.retracted',
  ])
    await readLog(caller, `/v1/events?type=${type}&include=object,ticket`)
  // The whole log as a stream tells it.
  const { text } = await caller.get('/v1/stream?topics=all,me&after=0')
  assert.match(text, /\ndata: \{"id":"evt_/, `${role} hears nothing`)
  await readDirectory(world, caller)
}

/** While everything is read, nora looks at every ticket and writes a note in it. */
async function watchAll({ tickets: made, people }: World): Promise<void> {
  for (const name of living) {
    const { status } = await people.nora.put(`/v1/tickets/${made[name].id}/presence`, { viewing: true, typing: 'internal' })
    assert.equal(status, 200)
  }
}

async function readLists(world: World, { role, caller }: { role: Role; caller: Caller }): Promise<void> {
  const nameOf = new Map(tickets.map((name) => [world.tickets[name].id, name]))
  const namesIn = (body: Json): string[] => body.data.map(({ id }: { id: string }) => nameOf.get(id) ?? id)
  const isRequester = requesters.some((other) => other === role)
  for (const filter of filtersOf(world)) {
    const reply = await caller.get(`/v1/tickets?${filter.query}&limit=100&include=total`)
    if (isRequester && filter.query.startsWith('fields[inner]')) {
      assert.deepEqual([reply.status, reply.body.code], [400, 'unknown_parameter'])
      continue
    }
    assert.equal(reply.status, 200, `${role} ${filter.query}: ${reply.text}`)
    const expected = living.filter(
      (name) =>
        (sees[name].staff.includes(role) && filter.staff.includes(name)) ||
        (sees[name].public.includes(role) && filter.public.includes(name)),
    )
    assert.deepEqual(namesIn(reply.body).sort(), [...expected].sort(), `${role} lists ${filter.query}`)
    assert.equal(reply.body.total, expected.length, `${role} counts ${filter.query}`)
  }
  // To a requester a hidden status is no status; an agent looks for it where he sees the staff side alone.
  const hidden = await caller.get(`/v1/tickets?status=${canary('life', 'status')}`)
  if (requesters.some((one) => one === role)) {
    assert.equal(hidden.status, 400)
    const unknown = await caller.get('/v1/tickets?status=nothing_like_it')
    assert.deepEqual(Object.keys(hidden.body), Object.keys(unknown.body))
  } else assert.deepEqual(namesIn(hidden.body), sees.case.staff.includes(role) ? ['case'] : [])
  for (const sort of sorts) {
    const whole = await caller.get(`/v1/tickets?sort=${sort}&limit=100`)
    const walked: string[] = []
    for (let path: string | undefined = `/v1/tickets?sort=${sort}&limit=2`; path; ) {
      const page = await caller.get(path)
      walked.push(...namesIn(page.body))
      path = /<([^>]+)>/.exec(page.headers.link ?? '')?.[1]
    }
    assert.deepEqual(walked, namesIn(whole.body), `${role} walks by ${sort}`)
  }
}

function rolesIn(body: Json): string[] {
  return body.data.flatMap(({ roles }: { roles: string[] }) => roles).sort()
}

function expectedRoles(name: TicketName, isStaff: boolean): string[] {
  const added = name === 'case' ? (isStaff ? ['cc', 'follower'] : ['cc']) : []
  return ['requester', ...(isStaff ? ['assignee'] : []), ...added].sort()
}

async function readTicket(world: World, { role, caller, name }: { role: Role; caller: Caller; name: TicketName }): Promise<void> {
  const { id, number, messages } = world.tickets[name]
  const isStaff = sees[name].staff.includes(role)
  const status = isStaff || sees[name].public.includes(role) ? 200 : 404
  const open = (reference: string) => caller.get(`/v1/tickets/${reference}?include=messages`)
  assert.equal((await open(String(number))).status, name === 'gone' ? 404 : status)
  // An external id is internal: by it only the staff side finds a ticket.
  assert.equal((await open(`ext:${canary(name, 'external')}`)).status, name !== 'gone' && isStaff ? 200 : 404)
  const whole = await caller.get(`/v1/tickets/${id}?include=messages`)
  assert.equal(whole.status, status, `${role} reads ${name}`)
  if (status === 200) assert.equal('tags' in whole.body, isStaff, `the side on which ${role} sees ${name}`)
  for (const sort of ['created_at', '-created_at']) await readPages(caller, `/v1/tickets/${id}/messages?limit=2&sort=${sort}`)
  await readLog(caller, `/v1/tickets/${id}/events?include=object,ticket`)
  for (const what of ['body', 'retracted', 'note'] as const) {
    const expected = what === 'note' && !isStaff ? 404 : status
    const { status: found } = await caller.get(`/v1/tickets/${id}/messages/${messages[what]}`)
    assert.equal(found, expected, `${role} reads ${what} of ${name}`)
  }
  await readFiles(world, { role, caller, name })
  await readMail(world, { role, caller, name })
  const people = await caller.get(`/v1/tickets/${id}/participants?limit=100`)
  assert.equal(people.status, status, `${role} reads who takes part in ${name}`)
  if (status === 200)
    assert.deepEqual(rolesIn(people.body), expectedRoles(name, isStaff), `${role} sees who takes part in ${name}`)
  for (const what of ['edited', 'retracted'] as const)
    await readPages(caller, `/v1/tickets/${id}/messages/${messages[what]}/revisions?limit=1`)
  await caller.get(`/v1/tickets/${id}/draft`)
  const here = await caller.get(`/v1/tickets/${id}/presence`)
  assert.equal(here.status, status, `${role} reads who is in ${name}`)
  const writers = status === 200 ? here.body.data.map(({ typing }: Json) => typing) : []
  assert.deepEqual(writers, isStaff && name !== 'gone' ? ['internal'] : [], `${role} sees who writes in ${name}`)
  await readPages(caller, `/v1/tickets/${id}/read-marks?limit=2`)
  await readPages(caller, `/v1/tickets/${id}/messages/${messages.body}/receipts?limit=2`)
  // A draft of the rules' work is for who works on it.
  const routing = await caller.get(`/v1/tickets/${id}/routing`)
  assert.equal(routing.status === 200, isStaff, `${role} reads the routing of ${name}`)
  const { status: explained } = await caller.get(`/v1/tickets/${id}/eligibility`)
  assert.equal(
    explained,
    isStaff ? 200 : role === 'raisingAgent' && status === 200 ? 403 : explained,
    `${role} asks who could have ${name}`,
  )
  await readTags(world, { role, caller, name, status })
}

/** A file is read by who reads its message, and by nobody else on any path; that of a retracted one by staff. */
async function readFiles(world: World, { role, caller, name }: { role: Role; caller: Caller; name: TicketName }): Promise<void> {
  const { attachments } = world.tickets[name]
  const isStaff = name !== 'gone' && sees[name].staff.includes(role)
  const isSeen = isStaff || (name !== 'gone' && sees[name].public.includes(role))
  for (const [what, id] of Object.entries(attachments)) {
    const expected = (what === 'reply' ? isSeen : isStaff) ? 200 : 404
    const told = `${role} reads the file of the ${what} of ${name}`
    assert.equal((await caller.get(`/v1/attachments/${id}`)).status, expected, told)
    assert.equal((await caller.get(`/v1/attachments/${id}/content`)).status, expected, told)
    const part = await caller.get(`/v1/attachments/${id}/content`, { range: 'bytes=0-5' })
    assert.equal(part.status, expected === 200 ? 206 : 404, told)
    const link = await caller.post(`/v1/attachments/${id}/link`)
    assert.equal(link.status, expected, told)
    if (expected === 200) assert.equal((await caller.get(new URL(link.body.url).pathname)).status, 200, told)
  }
}

/** A mail is read by who works on the ticket that it was applied to, or is about, and by nobody else on any path. */
async function readMail(world: World, { role, caller, name }: { role: Role; caller: Caller; name: TicketName }): Promise<void> {
  const { id, came, mail } = world.tickets[name]
  const isAdmin = role === 'admin' || role === 'keyAdmin'
  const seen = isAdmin || (name !== 'gone' && sees[name].staff.includes(role)) ? 200 : 404
  const isRefused = requesters.some((one) => one === role)
  for (const path of [came, `${came}/raw`]) {
    const { status } = await caller.get(`/v1/inbound-mails/${path}`)
    // What a deleted ticket was made of is deleted with it.
    const found = seen === 200 && name === 'gone' && path !== came ? 410 : seen
    assert.equal(status, isRefused ? 403 : found, `${role} reads ${path} of ${name}`)
  }
  if (name !== 'gone') {
    const { status } = await caller.get(`/v1/outbound-mails/${mail}`)
    assert.equal(status, isRefused ? 403 : seen, `${role} reads what is sent about ${name}`)
  }
  const listed = await caller.get(`/v1/inbound-mails?ticket_id=${id}`)
  if (!isRefused) assert.equal(listed.body.data.length, seen === 200 ? 1 : 0, `${role} lists the mails of ${name}`)
}

/** Neither side's entity tag is good for the other. */
async function readTags(
  world: World,
  { role, caller, name, status }: { role: Role; caller: Caller; name: TicketName; status: number },
): Promise<void> {
  if (name === 'gone') return
  const path = `/v1/tickets/${world.tickets[name].id}`
  const staffTag = (await world.people.paul.get(path)).headers.etag ?? ''
  const expected = sees[name].staff.includes(role) ? 304 : status
  assert.equal(
    (await caller.get(path, { 'if-none-match': staffTag })).status,
    expected,
    `${role} holds the staff's tag of ${name}`,
  )
  assert.equal((await caller.get(path, { 'if-none-match': '*' })).status, status === 200 ? 304 : 404)
}

async function readPages(caller: Caller, path: string): Promise<void> {
  for (let next: string | undefined = path; next; ) {
    const page = await caller.get(next)
    next = /<([^>]+)>/.exec(page.headers.link ?? '')?.[1]
  }
}

async function readLog(caller: Caller, path: string): Promise<void> {
  for (let after: number | undefined = 0; after !== undefined; ) {
    const { body } = await caller.get(`${path}${path.includes('?') ? '&' : '?'}limit=100&after=${after}`)
    after = body?.has_more ? Number(body.next_after) : undefined
  }
}

async function readDirectory(
  { people, queues, organizations, job, lifecycle, rule, mailbox, domain, views, replies, macros }: World,
  caller: Caller,
): Promise<void> {
  const paths = ['me', 'me/drafts?limit=1', 'me/sessions?include=total', 'settings', 'api-keys?limit=100&include=total']
  for (const list of ['users', 'organizations', 'teams', 'queues', 'categories', 'jobs', 'agents', 'fields', 'ticket-types'])
    paths.push(`${list}?limit=100&include=total`, `${list}?limit=2&sort=-created_at&include=total`)
  paths.push('lifecycles?limit=100&include=total', `lifecycles/${lifecycle}`, 'statuses')
  for (const flag of ['public=true', 'public=false', 'archived=true', 'archived=false', `key=${canary('tee', 'queuekey')}`])
    paths.push(`queues?${flag}&include=total`)
  for (const flag of ['parent_id=none', 'archived=true', 'archived=false']) paths.push(`categories?${flag}&include=total`)
  for (const id of Object.values(queues)) paths.push(`categories?queue_id=${id}&include=total`)
  for (const flag of ['archived=true', 'archived=false']) paths.push(`fields?${flag}`, `ticket-types?${flag}`)
  paths.push(`users?email=${canary('bob', 'mail')}@example.com`, `users?external_id=${canary('bob', 'external')}`)
  paths.push(`users?organization_id=${organizations.acme}&role=requester&active=true`, `users/${people.bob.id}`)
  paths.push('routing-rules?limit=100&include=total', 'routing-rules?limit=1', `routing-rules/${rule}`)
  paths.push(
    'mailboxes?limit=100&include=total',
    'mailboxes?enabled=false',
    `mailboxes/${mailbox}`,
    `mailboxes/${mailbox}/status`,
  )
  paths.push('sending-domains?include=total', `sending-domains/${domain}`)
  paths.push('tags?limit=100', 'tags?limit=2', 'tags?q=canary')
  paths.push(`jobs/${job}`, 'jobs?state=done', `agents/${people.tess.id}`, 'agents?availability=online')
  for (const id of Object.values(queues)) paths.push(`queues/${id}`)
  paths.push('queues/counts', 'views?include=count,total', 'views?limit=1&include=count', 'views?visibility=team')
  for (const id of Object.values(views)) paths.push(`views/${id}`, `views/${id}/tickets?include=total`)
  for (const list of ['canned-replies', 'macros'])
    for (const query of ['include=total', 'limit=1&include=total', 'q=canary', 'visibility=team', 'owner_id=me'])
      paths.push(`${list}?${query}`)
  for (const id of Object.values(replies)) paths.push(`canned-replies/${id}`)
  for (const id of Object.values(macros)) paths.push(`macros/${id}`)
  for (const path of paths) await readPages(caller, `/v1/${path}`)
}

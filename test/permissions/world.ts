import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { startJob } from '../../src/modules/jobs/index.ts'
import { queueMail } from '../../src/modules/sending/index.ts'
import { defaultDefinition } from '../../src/modules/workflow/index.ts'
import { systemActor } from '../../src/platform/actor.ts'
import { toTime } from '../../src/platform/codecs.ts'
import type { JobKind } from '../../src/platform/job.ts'
import { type Caller, type Desk, type Json, openDesk, type Person, type Reply } from '../desk.ts'
import { type Canaries, createCanaries } from './canaries.ts'
import { keepMailOf } from './mails.ts'
import { admins, type Role, requesters, roles, sees, staff, type TicketName, ticketOf, tickets } from './roles.ts'

/** A desk in which everything that is hidden from somebody carries a word of its own. */
export interface World {
  desk: Desk
  canaries: Canaries
  /** Everybody, each watched by the canaries. */
  as: Record<Role, Caller>
  people: Record<PersonName, Person>
  /** The secrets of the API keys that are roles. */
  secrets: Partial<Record<Role, string>>
  organizations: { acme: string; globex: string }
  teams: Record<'tee' | 'yew' | 'wye', string>
  queues: Record<'general' | 'open' | 'tee' | 'yew' | 'wye' | 'archived', string>
  /** That of queue tee, with a status that requesters do not see. */
  lifecycle: string
  /** A rule of routing that matches every ticket. */
  rule: string
  mailbox: string
  /** A mail that came in and belongs to no ticket. */
  strayMail: string
  domain: string
  /** What an admin words of a kind of mail. */
  template: string
  /** A job that is done. */
  job: string
  categories: Record<'top' | 'child' | 'archived' | 'closed', string>
  fields: Record<'inner' | 'outer' | 'archived', string>
  types: Record<'incident', string>
  keys: Record<'agent' | 'admin' | 'narrow' | 'revoked', string>
  tickets: Record<TicketName, WorldTicket>
  /** One shared with the team tee, and one that somebody keeps for herself. */
  views: Record<'shared' | 'private', string>
  /** Of the whole staff, of the team tee, and what somebody keeps for herself. */
  replies: Kept
  macros: Kept
}

type Kept = Record<'all' | 'shared' | 'private', string>

export interface WorldTicket {
  id: string
  number: number
  messages: Record<'body' | 'reply' | 'edited' | 'retracted' | 'note', string>
  attachments: Record<'reply' | 'retracted' | 'note', string>
  /** A mail about it that waits. */
  mail: string
  /** A mail that was applied to it. */
  came: string
}

const people = {
  ada: { role: 'requester', of: 'acme' },
  mona: { role: 'requester', of: 'acme', organization_role: 'manager' },
  cole: { role: 'requester', of: 'acme' },
  bob: { role: 'requester', of: 'acme' },
  fred: { role: 'requester', of: 'globex' },
  gina: { role: 'requester', of: 'globex' },
  cara: { role: 'requester' },
  otis: { role: 'requester' },
  tess: { role: 'agent', team: 'tee' },
  dora: { role: 'agent', team: 'tee' },
  olaf: { role: 'agent', team: 'yew' },
  rita: { role: 'agent', team: 'yew' },
  fay: { role: 'agent', team: 'yew' },
  abe: { role: 'agent', team: 'yew' },
  wendy: { role: 'agent', team: 'wye' },
  anna: { role: 'admin' },
  eve: { role: 'admin' },
  /** Does everything that is public. */
  paul: { role: 'admin' },
  /** Does everything that is internal. */
  nora: { role: 'admin' },
} as const
export type PersonName = keyof typeof people

const personOf: Partial<Record<Role, PersonName>> = {
  deactivated: 'dora',
  ended: 'eve',
  requester: 'ada',
  manager: 'mona',
  colleague: 'cole',
  foreigner: 'fred',
  cc: 'cara',
  teamAgent: 'tess',
  otherAgent: 'olaf',
  raisingAgent: 'rita',
  followingAgent: 'fay',
  assignedAgent: 'abe',
  admin: 'anna',
}

/** Who wrote each ticket, where it lies, and who has it. */
const ticketFacts: Record<TicketName, { by: PersonName; queue: 'tee' | 'yew' | 'wye' | 'general'; assignee: PersonName }> = {
  case: { by: 'ada', queue: 'tee', assignee: 'abe' },
  bobs: { by: 'bob', queue: 'tee', assignee: 'wendy' },
  coles: { by: 'cole', queue: 'tee', assignee: 'nora' },
  monas: { by: 'mona', queue: 'tee', assignee: 'nora' },
  freds: { by: 'fred', queue: 'wye', assignee: 'wendy' },
  ginas: { by: 'gina', queue: 'wye', assignee: 'wendy' },
  raised: { by: 'rita', queue: 'tee', assignee: 'nora' },
  others: { by: 'otis', queue: 'yew', assignee: 'nora' },
  general: { by: 'otis', queue: 'general', assignee: 'nora' },
  gone: { by: 'ada', queue: 'general', assignee: 'nora' },
}

/** Requesters who read a public message of these people, and so their names. */
const namesShown: Partial<Record<PersonName, readonly Role[]>> = {
  ada: ['requester', 'manager', 'cc'],
  bob: ['manager'],
  cole: ['colleague', 'manager'],
  mona: ['manager'],
  fred: ['foreigner'],
  // Of whom takes part with them.
  cara: ['cc', 'requester', 'manager'],
  paul: requesters,
}

/** The standard lifecycle, and a status beside open that requesters do not see. */
const lifecycleWithSecrets = {
  name: `canarylifename`,
  statuses: [
    ...defaultDefinition.statuses.map((status) =>
      status.key === 'on_hold' ? { ...status, label: 'canarylifelabel', requester_label: 'canarylifeshown' } : status,
    ),
    { key: 'canarylifestatus', label: 'canarylifehidden', requester_label: null, category: 'open' },
  ],
  transitions: [
    ...defaultDefinition.transitions,
    { from: 'new', to: 'canarylifestatus', by: ['agent'] },
    { from: 'open', to: 'canarylifestatus', by: ['agent'] },
    { from: 'canarylifestatus', to: 'solved', by: ['agent'] },
    { from: 'canarylifestatus', to: 'closed', by: ['agent', 'requester'] },
  ],
}

/** The hidden word for something. */
export function canary(owner: string, what: string): string {
  return `canary${owner}${what}`
}

const jobKind: JobKind = {
  name: `${canary('jobs', 'noun')}.${canary('jobs', 'verb')}`,
  step: async () => ({ done: true, cursor: null, processed: 1 }),
}

export async function buildWorld(t: TestContext): Promise<World> {
  const desk = await openDesk(t, { more: { jobs: [jobKind] } })
  const canaries = createCanaries()
  const root = await desk.person({ role: 'admin', name: 'Root' })
  const organizations = {
    acme: await make(root, '/v1/organizations', { name: canary('acme', 'name'), ...imported('acme') }),
    globex: await make(root, '/v1/organizations', { name: canary('globex', 'name'), ...imported('globex') }),
  }
  const team = (name: string) => make(root, '/v1/teams', { name: canary(name, 'team') })
  const teams = { tee: await team('tee'), yew: await team('yew'), wye: await team('wye') }
  const queue = (name: string, more: object) =>
    make(root, '/v1/queues', {
      key: canary(name, 'queuekey'),
      name: canary(name, 'queuename'),
      ...imported(`${name}line`),
      ...more,
    })
  const lifecycle = await make(root, '/v1/lifecycles', lifecycleWithSecrets)
  const queues = {
    general: (await root.get('/v1/queues?key=general')).body.data[0].id as string,
    open: await queue('open', { public: true }),
    tee: await queue('tee', { team_ids: [teams.tee], lifecycle_id: lifecycle }),
    yew: await queue('yew', { team_ids: [teams.yew] }),
    wye: await queue('wye', { team_ids: [teams.wye] }),
    archived: await queue('archived', { public: true }),
  }
  const category = (name: string, parent_id?: string) =>
    make(root, '/v1/categories', {
      name: canary(name, 'category'),
      ...(parent_id ? { parent_id } : {}),
      ...imported(`${name}category`),
    })
  const top = await category('top')
  const categories = {
    top,
    child: await category('child', top),
    archived: await category('archived'),
    closed: await category('closed'),
  }
  await done(root.patch(`/v1/queues/${queues.archived}`, { archived: true }))
  await done(root.patch(`/v1/categories/${categories.archived}`, { archived: true }))
  // For queues that requesters do not see.
  await done(root.patch(`/v1/categories/${categories.closed}`, { queue_ids: [queues.tee, queues.wye] }))
  const types = { incident: await make(root, '/v1/ticket-types', { name: canary('incident', 'type') }) }
  const fields = await makeFields(root)

  const rule = await make(root, '/v1/routing-rules', {
    name: canary('rule', 'rulename'),
    actions: { add_tags: [canary('rule', 'ruletag')] },
  })
  const mailbox = await make(root, '/v1/mailboxes', {
    address: `${canary('mailbox', 'address')}@example.com`,
    name: canary('mailbox', 'name'),
    imap: { host: 'imap.example.com', user: canary('mailbox', 'user'), password: canary('mailbox', 'password'), after: 'seen' },
    enabled: false,
  })
  const domain = await make(root, '/v1/sending-domains', { domain: `${canary('mailbox', 'domain')}.example` })
  const template = await make(root, '/v1/mail-templates', { kind: 'status_changed', body: canary('template', 'words') })
  const known = await makePeople(desk, root, { organizations, teams })
  const { keys, secrets } = await makeKeys(known.anna)
  const world: World = {
    desk,
    canaries,
    people: known,
    secrets,
    organizations,
    teams,
    queues,
    lifecycle,
    categories,
    rule,
    mailbox,
    strayMail: await keepMailOf(desk, { word: canary('stray', 'mail'), ticket_id: null }),
    domain,
    template,
    job: (await desk.app.transact((tx) => startJob(tx, systemActor, { kind: jobKind.name, params: {} }))).id,
    keys,
    fields,
    types,
    tickets: await makeTickets(known, { desk, queues, canaries, types }),
    views: {
      shared: await make(known.paul, '/v1/views', { name: canary('tee', 'view'), team_id: teams.tee }),
      private: await make(known.wendy, '/v1/views', { name: canary('wendy', 'view') }),
    },
    replies: await makeKept(known, teams.tee, (owner) => [
      '/v1/canned-replies',
      { name: canary(owner, 'reply'), variants: [{ locale: 'en', body: canary(owner, 'text') }] },
    ]),
    macros: await makeKept(known, teams.tee, (owner) => [
      '/v1/macros',
      { name: canary(owner, 'macro'), changes: { priority: 'high' } },
    ]),
    as: {} as World['as'], // filled below, for every role
  }
  await keepDrafts(world)
  await done(root.patch(`/v1/users/${known.dora.id}`, { active: false }))
  await done(known.eve.post('/v1/auth/logout'))
  await done(root.delete(`/v1/tickets/${world.tickets.gone.id}`))
  // Once tickets have values of it.
  await done(root.patch(`/v1/fields/${fields.archived}`, { archived: true }))
  await desk.settle()
  hideDirectory(world)
  for (const role of roles) world.as[role] = canaries.watched(role, callerOf(world, role))
  return world
}

/** One field that only staff see, one that requesters may write, one that is out of use. */
async function makeFields(root: Caller): Promise<World['fields']> {
  const field = (name: string, more: object) =>
    make(root, '/v1/fields', { key: name, label: canary(name, 'label'), type: 'text', ...more })
  return {
    inner: await field('inner', {}),
    outer: await field('outer', { requester_access: 'write', requester_label: canary('outer', 'requesterlabel') }),
    archived: await field('archived', { requester_access: 'write' }),
  }
}

async function makeKept(
  { paul, wendy }: World['people'],
  team_id: string,
  kept: (owner: string) => [path: string, body: object],
): Promise<Kept> {
  const save = (by: Caller, owner: string, sharing: object) => {
    const [path, body] = kept(owner)
    return make(by, path, { ...body, ...sharing })
  }
  return {
    all: await save(paul, 'everybodys', { visibility: 'shared' }),
    shared: await save(paul, 'tees', { team_id }),
    private: await save(wendy, 'wendys', {}),
  }
}

function callerOf(world: World, role: Role): Caller {
  const token = tokenOf(world, role)
  return token === undefined ? world.desk.anyone : world.desk.bearer(token)
}

/** The credential of a role; undefined for nobody. */
export function tokenOf({ people, secrets }: World, role: Role): string | undefined {
  const name = personOf[role]
  return name ? people[name].token : secrets[role]
}

/** The person behind a role; undefined for API keys and nobody. */
export function personBehind(world: World, role: Role): Person | undefined {
  const name = personOf[role]
  return name && world.people[name]
}

async function done(reply: Promise<Reply>): Promise<Json> {
  const { status, text, body } = await reply
  assert.ok(status < 300, `the world could not be built: ${text}`)
  return body
}

async function make(caller: Caller, path: string, body: object): Promise<string> {
  return (await done(caller.post(path, body))).id
}

function imported(owner: string) {
  return { external_id: canary(owner, 'external'), metadata: { [canary(owner, 'key')]: canary(owner, 'value') } }
}

async function makePeople(
  desk: Desk,
  root: Caller,
  { organizations, teams }: Pick<World, 'organizations' | 'teams'>,
): Promise<World['people']> {
  const known: Partial<World['people']> = {}
  for (const [name, facts] of Object.entries(people)) {
    const {
      role,
      of,
      organization_role,
      team,
    }: { role: Person['role']; of?: 'acme'; organization_role?: 'manager'; team?: 'tee' } = facts as never // each entry has some of these keys
    const person = await desk.person({
      role,
      name: canary(name, 'name'),
      email: `${canary(name, 'mail')}@example.com`,
      ...(of ? { organization_id: organizations[of], organization_role: organization_role ?? 'member' } : {}),
    })
    await done(root.patch(`/v1/users/${person.id}`, imported(name)))
    if (role !== 'requester') await done(root.patch(`/v1/agents/${person.id}`, { skills: [canary(name, 'can')] }))
    if (team) await done(root.put(`/v1/teams/${teams[team]}/members/${person.id}`))
    known[name as PersonName] = person
  }
  return known as World['people'] // one for each name, by the loop
}

async function makeKeys(admin: Caller): Promise<{ keys: World['keys']; secrets: Record<string, string> }> {
  const key = (name: string, more: object) => done(admin.post('/v1/api-keys', { name: canary(name, 'keyname'), ...more }))
  const agent = await key('agent', { role: 'agent' })
  const all = await key('admin', { role: 'admin' })
  const narrow = await key('narrow', { role: 'agent', scopes: ['categories:read'] })
  const revoked = await key('revoked', { role: 'admin' })
  await done(admin.delete(`/v1/api-keys/${revoked.id}`))
  return {
    keys: { agent: agent.id, admin: all.id, narrow: narrow.id, revoked: revoked.id },
    secrets: { keyAgent: agent.secret, keyAdmin: all.secret, keyNarrow: narrow.secret },
  }
}

async function makeTickets(
  known: World['people'],
  { desk, queues, canaries, types }: Pick<World, 'desk' | 'queues' | 'canaries' | 'types'>,
): Promise<World['tickets']> {
  const made: Partial<World['tickets']> = {}
  for (const [i, name] of tickets.entries()) {
    desk.clock.advance(1000)
    const ticket = await makeTicket(known, { desk, queues, types }, name)
    await markInternalNumbers(desk, canaries, { name, i, id: ticket.id })
    await hideTicket(desk, canaries, { name, ticket })
    made[name] = ticket
  }
  return made as World['tickets'] // one for each name, by the loop
}

async function makeTicket(
  known: World['people'],
  { desk, queues, types }: Pick<World, 'desk' | 'queues' | 'types'>,
  name: TicketName,
): Promise<WorldTicket> {
  const { paul, nora } = known
  const { by, queue, assignee } = ticketFacts[name]
  const { id, number } = await done(
    known[by].post('/v1/tickets', { subject: canary(name, 'subject'), body: canary(name, 'body') }),
  )
  const path = `/v1/tickets/${id}`
  const write = async (author: Caller, what: string, { visibility, file }: { visibility: string; file?: string }) => {
    const attachment_ids = file === undefined ? [] : [file]
    return make(author, `${path}/messages`, { body: canary(name, what), visibility, attachment_ids })
  }
  const upload = async (author: Caller, what: string): Promise<string> =>
    (await done(author.upload({ name: `${canary(name, `${what}file`)}.txt`, content: canary(name, `${what}bytes`) }))).id
  const attachments = {
    reply: await upload(paul, 'reply'),
    retracted: await upload(paul, 'retracted'),
    note: await upload(nora, 'note'),
  }
  const reply = await write(paul, 'reply', { visibility: 'public', file: attachments.reply })
  const edited = await write(paul, 'former', { visibility: 'public' })
  const retracted = await write(paul, 'retracted', { visibility: 'public', file: attachments.retracted })
  const note = await write(nora, 'note', { visibility: 'internal', file: attachments.note })
  await done(paul.patch(`${path}/messages/${edited}`, { body: canary(name, 'edited') }))
  await done(paul.delete(`${path}/messages/${retracted}`))
  await done(paul.patch(path, { queue_id: queues[queue] }))
  await done(nora.post(`${path}/tags`, { tags: [canary(name, 'tag')] }))
  await done(nora.patch(path, { ...imported(name), assignee_id: known[assignee].id, type_id: types.incident }))
  await done(nora.put(`${path}/skills`, { skills: [canary(name, 'skill')] }))
  await done(nora.patch(path, { fields: { inner: canary(name, 'inner') } }))
  await done(paul.patch(path, { fields: { outer: canary(name, 'outer'), archived: canary(name, 'oldvalue') } }))
  if (name === 'case') {
    await done(paul.put(`${path}/participants/${known.cara.id}`))
    await done(nora.put(`${path}/participants/${known.fay.id}`, { role: 'follower' }))
    await done(nora.post(`${path}/messages`, { body: `@${known.abe.id}, please`, visibility: 'internal' }))
    await done(nora.delete(`${path}/participants/${known.abe.id}?role=follower`))
  }
  if (name === 'case') await done(nora.patch(path, { status: canary('life', 'status') }))
  const { data } = await done(paul.get(`${path}/messages`))
  const mail = await oweMail(desk, id, `${canary(name, 'mailto')}@example.com`)
  const came = await keepMailOf(desk, { word: canary(name, 'mailword'), ticket_id: id })
  return { id, number, messages: { body: data[0].id, reply, edited, retracted, note }, attachments, mail, came }
}

/** A mail about a ticket that waits for a long time. */
export async function oweMail(desk: Desk, ticket_id: string, address: string): Promise<string> {
  const facts = { mailbox_id: null, ticket_id, message_id: null, event_id: null }
  const row = await desk.app.transact((tx) =>
    queueMail(tx, {
      ...{ key: address, kind: 'replied', automatic: true, to: { user_id: null, address, address_key: address }, ...facts },
      send_after: tx.now + 86_400_000_000,
      header_id: (id) => `<${id}@example.com>`,
    }),
  )
  assert.ok(row)
  return row.id
}

/** Everybody has begun to write something in his own ticket, a note where he works on it; nora, too, which nobody else reads. */
async function keepDrafts({ people: known, tickets: made, canaries }: World): Promise<void> {
  for (const role of roles) {
    const name = personOf[role]
    if (!name || role === 'ended' || role === 'deactivated') continue
    const ticket = ticketOf(role, 'own')
    const visibility = sees[ticket].staff.includes(role) ? 'internal' : 'public'
    await done(known[name].put(`/v1/tickets/${made[ticket].id}/draft`, { body: canary(name, 'draft'), visibility }))
    canaries.hide(canary(name, 'draft'), { name: `the draft of ${name}`, seenBy: [role] })
  }
  await done(known.nora.put(`/v1/tickets/${made.case.id}/draft`, { body: canary('nora', 'draft') }))
  canaries.hide(canary('nora', 'draft'), { name: 'the draft of nora', seenBy: [] })
}

/** Gives a ticket's internal numbers and times values that cannot be mistaken for its public ones. */
async function markInternalNumbers(
  desk: Desk,
  canaries: Canaries,
  { name, i, id }: { name: TicketName; i: number; id: string },
): Promise<void> {
  await desk.settle()
  const times = {
    updated_at: Date.UTC(2031, 4, i + 1, 1, 2, 3, 456),
    last_message_at: Date.UTC(2032, 5, i + 1, 1, 2, 3, 456),
    due_at: Date.UTC(2033, 6, i + 1, 1, 2, 3, 456),
  }
  const numbers = { version: 770000000 + 1000 * i, message_count: 880000000 + 1000 * i }
  await desk.database.write(async (db) => {
    await db
      .updateTable('tickets')
      .set({ ...times, ...numbers })
      .where('id', '=', id)
      .execute()
    const ofTicket = db.updateTable('events').where('ticket_id', '=', id).where('subject_type', '=', 'ticket')
    await ofTicket.set({ subject_version: 660000000 + 1000 * i }).execute()
  })
  const seenBy = sees[name].staff
  const maybeBy = logReaders(name)
  for (const [what, value] of Object.entries(times))
    canaries.hide(toTime(value), { name: `the internal ${what} of ${name}`, seenBy })
  for (const [what, value] of Object.entries(numbers))
    canaries.hide(String(value), { name: `the internal ${what} of ${name}`, seenBy })
  canaries.hide(String(660000000 + 1000 * i), { name: `the internal version in events of ${name}`, seenBy, maybeBy })
}

/** The log keeps what happened in a deleted ticket, for those of the staff who saw it. */
function logReaders(name: TicketName): readonly Role[] {
  return name === 'gone' ? sees.general.staff : []
}

async function hideTicket(
  desk: Desk,
  canaries: Canaries,
  { name, ticket }: { name: TicketName; ticket: WorldTicket },
): Promise<void> {
  const { staff, public: others } = sees[name]
  const everyone = [...staff, ...others]
  const hide = (what: string, seenBy: readonly Role[]) =>
    canaries.hide(canary(name, what), { name: `the ${what} of ${name}`, seenBy })
  for (const what of ['subject', 'body', 'reply', 'edited', 'outer']) hide(what, everyone)
  for (const what of ['note', 'external', 'key', 'value', 'inner']) hide(what, staff)
  const filed = name === 'gone' ? { everyone: [], staff: [] } : { everyone, staff }
  for (const what of ['file', 'bytes']) {
    hide(`reply${what}`, filed.everyone)
    hide(`note${what}`, filed.staff)
    hide(`retracted${what}`, filed.staff)
  }
  // Admins read in the log that it was uploaded.
  for (const what of ['note', 'retracted'] as const)
    canaries.hide(ticket.attachments[what], {
      name: `the id of the file of the ${what} of ${name}`,
      seenBy: filed.staff,
      maybeBy: admins,
    })
  canaries.hide(canary(name, 'skill'), { name: `the skill of ${name}`, seenBy: name === 'gone' ? [] : staff, maybeBy: [] })
  canaries.hide(canary(name, 'tag'), { name: `the tag of ${name}`, seenBy: staff, maybeBy: logReaders(name) })
  for (const what of ['former', 'retracted']) hide(what, staff)
  hide('oldvalue', [])
  canaries.hide(canary(name, 'mailto'), { name: `whom a mail about ${name} goes to`, seenBy: staff, maybeBy: admins })
  // Of a deleted ticket nothing is left but the mail, for admins.
  hide('mailword', name === 'gone' ? admins : staff)
  canaries.hide(ticket.came, { name: `the id of the mail of ${name}`, seenBy: name === 'gone' ? admins : staff })
  canaries.hide(ticket.messages.note, { name: `the id of the note of ${name}`, seenBy: staff, maybeBy: logReaders(name) })
  if (name !== 'gone') canaries.hide(ticket.id, { name: `the id of ${name}`, seenBy: everyone })
  const events = await desk.database.reader
    .selectFrom('events')
    .select(['id', 'type', 'visibility'])
    .where('ticket_id', '=', ticket.id)
    .execute()
  // Of a deleted ticket the log still tells its public news to who saw it, and all of it to admins.
  if (name === 'gone') return
  for (const { id, type, visibility } of events)
    canaries.hide(id, { name: `${visibility} ${type} of ${name}`, seenBy: visibility === 'internal' ? staff : everyone })
}

function hideDirectory({ canaries, people: known, keys, ...world }: World): void {
  const hide = (owner: string, words: readonly string[], seenBy: readonly Role[]) => {
    for (const what of words) canaries.hide(canary(owner, what), { name: `the ${what} of ${owner}`, seenBy })
  }
  const importedWords = ['external', 'key', 'value']
  for (const name of Object.keys(people) as PersonName[]) {
    const self = roles.filter((role) => personOf[role] === name && role !== 'ended' && role !== 'deactivated')
    const readers = [...new Set([...staff, ...self])]
    hide(name, importedWords, staff)
    hide(name, ['mail'], readers)
    if (people[name].role !== 'requester') hide(name, ['can'], staff)
    hide(name, ['name'], [...readers, ...(namesShown[name] ?? [])])
  }
  for (const name of ['nora', 'wendy', 'abe', 'fay'] as const)
    canaries.hide(known[name].id, { name: `the id of ${name}`, seenBy: staff })
  for (const owner of ['acme', 'globex']) hide(owner, ['name', ...importedWords], staff)
  for (const owner of ['tee', 'yew', 'wye']) hide(owner, ['team'], staff)
  hide('life', ['name', 'label', 'hidden', 'status'], staff)
  hide('life', ['shown'], [...staff, ...requesters])
  canaries.hide(world.lifecycle, { name: 'the id of the lifecycle', seenBy: staff })
  for (const id of Object.values(world.teams)) canaries.hide(id, { name: `the id of team ${id}`, seenBy: staff })
  for (const owner of ['open', 'tee', 'yew', 'wye', 'archived']) {
    hide(owner, ['queuekey', 'queuename'], owner === 'open' ? [...staff, ...requesters] : staff)
    hide(`${owner}line`, importedWords, staff)
  }
  hide('stray', ['mail'], admins)
  canaries.hide(world.mailbox, { name: 'the id of the mailbox', seenBy: staff })
  for (const part of ['address', 'name', 'user'])
    canaries.hide(canary('mailbox', part), { name: `the ${part} of the mailbox`, seenBy: staff })
  canaries.hide(canary('mailbox', 'password'), { name: 'the password of the mailbox', seenBy: [] })
  canaries.hide(canary('mailbox', 'domain'), { name: 'the sending domain', seenBy: ['admin', 'keyAdmin'] })
  canaries.hide(world.rule, { name: 'the id of the rule', seenBy: staff })
  hide('rule', ['rulename', 'ruletag'], staff)
  canaries.hide(world.template, { name: 'the id of the template', seenBy: admins })
  hide('template', ['words'], admins)
  canaries.hide(world.job, { name: 'the id of the job', seenBy: staff })
  hide('jobs', ['noun', 'verb'], staff)
  hide('tee', ['view'], ['teamAgent', 'admin', 'keyAdmin'])
  hide('wendy', ['view'], [])
  for (const what of ['reply', 'text', 'macro']) {
    hide('everybodys', [what], staff)
    hide('tees', [what], ['teamAgent', 'admin', 'keyAdmin'])
    hide('wendys', [what], [])
  }
  const readsCategories: Role[] = [...staff, 'keyNarrow']
  hide('incident', ['type'], staff)
  canaries.hide(world.types.incident, { name: 'the id of the ticket type', seenBy: staff })
  for (const owner of ['inner', 'outer', 'archived']) hide(owner, ['label'], staff)
  hide('outer', ['requesterlabel'], [...staff, ...requesters])
  for (const what of ['inner', 'archived'] as const)
    canaries.hide(world.fields[what], { name: `the id of the field ${what}`, seenBy: staff })
  for (const owner of ['top', 'child', 'archived', 'closed']) {
    hide(owner, ['category'], owner === 'archived' || owner === 'closed' ? readsCategories : [...readsCategories, ...requesters])
    hide(`${owner}category`, importedWords, readsCategories)
  }
  // A key that writes reads its own name as the author's.
  for (const [owner, role] of Object.entries({ agent: 'keyAgent', admin: 'keyAdmin', narrow: 'keyNarrow' } as const))
    canaries.hide(canary(owner, 'keyname'), { name: `the name of the ${owner} key`, seenBy: ['admin'], maybeBy: [role] })
  canaries.hide(canary('revoked', 'keyname'), { name: 'the name of the revoked key', seenBy: [] })
  canaries.hide(keys.narrow, { name: 'the id of the narrow key', seenBy: ['admin', 'keyAdmin'] })
}

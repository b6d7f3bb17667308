import { defaultDefinition } from '../../src/modules/workflow/index.ts'
import { insertRow, insertRows } from '../../src/platform/database/prepared.ts'
import { newId } from '../../src/platform/ids.ts'
import type { Caller } from '../desk.ts'
import { formOf } from '../forms.ts'
import { keepMailOf } from './mails.ts'
import { type Role, requesters, signedIn, ticketOf } from './roles.ts'
import { canary, oweMail, personBehind, type World } from './world.ts'

/** One request of the sweep: what stands for the path's parameters, and what is sent. */
export interface Request {
  params?: Record<string, string>
  body?: unknown
  query?: string
  headers?: Record<string, string>
  /** Whoever sends it instead of the role's usual caller: the same person on another device. */
  caller?: Caller
}

/** What is tried: an operation by a role on a target. It `succeeds` when it changes something, so it needs fresh objects. */
export interface Cell {
  world: World
  role: Role
  target: string
  succeeds: boolean
}

type Build = (cell: Cell) => Request | Promise<Request>

let made = 0
/** A word that nothing else has. */
function fresh(): string {
  return `fresh${++made}`
}

const missingIds: Record<string, string> = Object.fromEntries(
  'usr org team que cat fld typ tkt msg att ses key lif job rul vie lnk mrg rpl mac mail sup mbx dom inb tpl'
    .split(' ')
    .map((prefix) => [prefix, newId(prefix)]),
)
function missing(prefix: string): string {
  return missingIds[prefix] ?? ''
}

/** A person without a role of his own whom this one may name, in any ticket that is his business. */
function companionOf({ people }: World, role: Role, target: string): string {
  if (role === 'foreigner') return target === 'foreign' ? people.cole.id : people.gina.id
  return role === 'colleague' ? people.bob.id : people.cole.id
}

/** Whom somebody names who says what is wanted of a ticket: himself or another; an admin or a key the one who raised it. */
function namedIn(world: World, role: Role, target: string): string {
  const { people } = world
  const self = personBehind(world, role)
  if (self && role !== 'admin') return target === 'another' ? people.otis.id : self.id
  return { org: people.bob.id, foreign: people.fred.id }[target] ?? people.ada.id
}

/** The ticket of a cell: a copy of its own where the request will change it. */
async function ticketFor(cell: Cell, change: CopyChange = {}): Promise<{ ticket: string; message: string }> {
  const { world, role, target, succeeds } = cell
  if (target === 'missing') return { ticket: missing('tkt'), message: missing('msg') }
  if (target === 'gone') return { ticket: world.tickets.gone.id, message: missing('msg') }
  const { id, messages } = world.tickets[ticketOf(role, target)]
  return succeeds ? copyTicket(world, id, change) : { ticket: id, message: messages.reply }
}

interface CopyChange {
  /** Solved, so that it can be reopened. */
  status?: 'solved'
  /** Nobody has it. */
  isFree?: boolean
  /** Stands first in the line of its queue. */
  isNext?: boolean
  /** Its last message is by this principal. */
  author?: { type: 'user' | 'api_key'; id: string } | undefined
}

/** Copies a ticket with its people, tags and messages, so that a write leaves the world as it is. */
export async function copyTicket(
  { desk }: World,
  id: string,
  { status, isFree, isNext, author }: CopyChange,
): Promise<{ ticket: string; message: string }> {
  const ticket = newId('tkt')
  const message = newId('msg')
  await desk.database.write(async (db) => {
    const row = await db.selectFrom('tickets').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    await insertRow(db, 'tickets', {
      ...row,
      id: ticket,
      number: 500_000 + ++made,
      external_id: null,
      last_seq: row.last_seq + 100,
      ...(status ? { status, status_category: status, public_status: null } : {}),
      ...(isFree || isNext ? { assignee_id: null } : {}),
      waiting_rank: isNext ? -1 : null,
    })
    for (const table of ['ticket_participants', 'ticket_tags', 'ticket_field_values'] as const) {
      const rows = await db.selectFrom(table).selectAll().where('ticket_id', '=', id).execute()
      await insertRows(
        db,
        table,
        rows.map((one) => ({ ...one, ticket_id: ticket })),
      )
    }
    const last = { ...(await db.selectFrom('messages').selectAll().where('ticket_id', '=', id).orderBy('place').execute())[0] }
    await insertRow(db, 'messages', {
      ...(last as Required<typeof last>), // every ticket of the world has a message
      id: message,
      ticket_id: ticket,
      addressed_ticket_id: ticket,
      ...(author ? { author_type: author.type, author_id: author.id } : {}),
    })
  })
  return { ticket, message }
}

const byTicket =
  (body?: (cell: Cell) => unknown, change: (cell: Cell) => CopyChange = () => ({})): Build =>
  async (cell) => ({ params: await ticketFor(cell, change(cell)), body: body?.(cell) })

const byId =
  (prefix: string, of: (world: World, target: string) => string | undefined, body?: (cell: Cell) => unknown): Build =>
  (cell) => ({ params: { id: of(cell.world, cell.target) ?? missing(prefix) }, body: body?.(cell) })

/** Something that the admin makes for the request to take away; missing for those who may not. */
const freshId =
  (prefix: string, path: string, of: (world: World, target: string) => string | undefined): Build =>
  async ({ world, target, succeeds }) => {
    if (target !== 'fresh') return { params: { id: of(world, target) ?? missing(prefix) } }
    if (!succeeds) return { params: { id: missing(prefix) } }
    const { body } = await world.people.paul.post(path, { name: fresh(), ...(prefix === 'que' ? { key: fresh() } : {}) })
    return { params: { id: body.id } }
  }

const principal = (world: World, role: Role): { type: 'user' | 'api_key'; id: string } | undefined => {
  const person = personBehind(world, role)
  if (person) return { type: 'user', id: person.id }
  return role === 'keyAgent' ? { type: 'api_key', id: world.keys.agent } : { type: 'api_key', id: world.keys.admin }
}

/** A message of a ticket, named as the targets of the table are. */
const byMessage =
  (body?: unknown): Build =>
  async (cell) => {
    const { world, role, target } = cell
    const own = world.tickets[ticketOf(role, 'own')]
    const params = await (async () => {
      switch (target) {
        case 'mine':
          return ticketFor({ ...cell, target: 'own' }, { author: principal(world, role) })
        case 'missing':
          return { ticket: own.id, message: missing('msg') }
        case 'note':
          return { ticket: own.id, message: own.messages.note }
        case 'elsewhere':
          return { ticket: own.id, message: world.tickets[ticketOf(role, 'foreign')].messages.reply }
        default: {
          const { id, messages } = world.tickets[ticketOf(role, target)]
          return { ticket: id, message: messages.reply }
        }
      }
    })()
    return { params, body }
  }

/** An attachment, named as the targets of the table are; one of its own where the request takes it away. */
const byAttachment =
  (isTaken = false): Build =>
  async ({ world, role, target, succeeds }) => {
    const isIn = signedIn.some((one) => one === role) && role !== 'keyNarrow'
    if (target === 'missing' || (target === 'mine' && !isIn)) return { params: { attachment: missing('att') } }
    if (target === 'mine') return { params: { attachment: await uploadAs(world.as[role]) } }
    if (target === 'unnamed') return { params: { attachment: await uploadAs(world.people.wendy) } }
    const ticket = world.tickets[ticketOf(role, target === 'note' ? 'own' : target)]
    const attachment = target === 'note' ? ticket.attachments.note : ticket.attachments.reply
    return { params: { attachment: isTaken && succeeds ? await copyAttachment(world, attachment) : attachment } }
  }

/** A mail that was applied to a ticket, named as the targets of the table are; `stray` is one without a ticket. */
const byInboundMail: Build = ({ world, role, target }) => {
  if (target === 'missing') return { params: { inbound_mail: missing('inb') } }
  if (target === 'stray') return { params: { inbound_mail: world.strayMail } }
  return { params: { inbound_mail: world.tickets[ticketOf(role, target)].came } }
}

async function uploadAs(caller: Caller): Promise<string> {
  return (await caller.upload({ name: `${fresh()}.txt`, content: fresh() })).body.id
}

/** Copies an attachment of a message, so that the one of the world stays. */
async function copyAttachment({ desk }: World, id: string): Promise<string> {
  const copy = newId('att')
  await desk.database.write(async (db) => {
    const row = await db.selectFrom('attachments').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    await insertRow(db, 'attachments', { ...row, id: copy, position: 1 })
  })
  return copy
}

/** Each admin takes something out of a copy of the message. */
const redaction: Build = async (cell) => {
  const { world, target, succeeds } = cell
  const body = { passage: 'canary' }
  if (!succeeds || target === 'missing' || target === 'elsewhere') return { ...(await byMessage()(cell)), body }
  const isOwn = target === 'mine' || target === 'note'
  const params = await ticketFor({ ...cell, target: isOwn ? 'own' : target })
  if (target === 'note')
    await world.desk.database.write((db) =>
      db.updateTable('messages').set({ visibility: 'internal' }).where('id', '=', params.message).execute(),
    )
  return { params, body }
}

/** The ticket of a cell itself, for what changes nothing in it. */
function ticketAsItIs({ world, role, target }: Cell): { ticket: string } {
  if (target === 'missing') return { ticket: missing('tkt') }
  return { ticket: world.tickets[target === 'gone' ? 'gone' : ticketOf(role, target)].id }
}

const anotherDevice = async ({ world, role }: Cell): Promise<{ id: string; caller: Caller } | undefined> => {
  const person = personBehind(world, role)
  if (!person || role === 'deactivated' || role === 'ended') return undefined
  const { desk, canaries } = world
  const session = await desk.app.transact((tx) => desk.app.accounts.openSession(tx, person.id))
  return { id: session.id, caller: canaries.watched(role, desk.bearer(session.access_token)) }
}

const byAgent =
  (body?: unknown): Build =>
  ({ world, role, target }) => {
    const { people } = world
    const ids: Record<string, string | undefined> = {
      mine: personBehind(world, role)?.id,
      agent: people.wendy.id,
      requester: people.bob.id,
    }
    return { params: { user_id: ids[target] ?? missing('usr') }, body }
  }

const isRequester = (role: Role): boolean => requesters.some((other) => other === role)
const renamed = () => ({ name: fresh() })
const nothing = () => ({})
const userOf = ({ people }: World, target: string) =>
  ({ self: people.anna.id, colleague: people.gina.id, foreigner: people.fred.id })[target]
const queueOf = ({ queues }: World, target: string) =>
  ({ open: queues.open, tee: queues.tee, archived: queues.archived, default: queues.general })[target]

/** The team and queue of an agent. */
function lineOf(role: Role): 'tee' | 'yew' | 'general' {
  if (role === 'keyAgent') return 'general'
  return role === 'teamAgent' || role === 'admin' || role === 'keyAdmin' ? 'tee' : 'yew'
}

/** How each operation of the table is requested. */
export const requests: Readonly<Record<string, Build>> = {
  getLiveness: nothing,
  getReadiness: nothing,
  getVersion: nothing,
  register: () => ({ body: {} }),
  login: () => ({ body: {} }),
  refreshSession: () => ({ body: {} }),
  verify: () => ({ body: {} }),
  setUp: () => ({ body: {} }),
  forgotPassword: () => ({ body: {} }),
  resetPassword: () => ({ body: {} }),
  logout: async (cell) => {
    const device = await anotherDevice(cell)
    return device ? { caller: device.caller } : {}
  },
  unsubscribe: () => ({ body: {} }),
  getMyNotifications: nothing,
  updateMyNotifications: () => ({ body: { digest_at: '09:00' } }),
  listMailTemplates: nothing,
  getMailTemplate: byId('tpl', templateOf),
  createMailTemplate: () => ({ body: newTemplate() }),
  updateMailTemplate: byId('tpl', templateOf, () => ({ greeting: null })),
  deleteMailTemplate: async ({ world, target, succeeds }) => {
    if (target !== 'fresh' || !succeeds) return { params: { id: missing('tpl') } }
    return { params: { id: (await world.people.paul.post('/v1/mail-templates', newTemplate())).body.id } }
  },
  previewMail: () => ({ body: { kind: 'solved' } }),
  getMe: nothing,
  updateMe: ({ world, role }) => ({ body: { name: personBehind(world, role)?.name ?? fresh() } }),
  changeMyPassword: () => ({ body: { current_password: 'wrong', password: 'seven green umbrellas' } }),
  listMySessions: nothing,
  endMySession: async (cell) => {
    const { world, target } = cell
    if (target === 'colleagues') return { params: { id: world.people.bob.session_id } }
    const device = target === 'mine' ? await anotherDevice(cell) : undefined
    return { params: { id: device?.id ?? missing('ses') } }
  },
  listApiKeys: nothing,
  createApiKey: () => ({ body: renamed() }),
  getApiKey: byId('key', ({ keys }, target) => ({ agent: keys.agent, admin: keys.admin, revoked: keys.revoked })[target]),
  revokeApiKey: async ({ world, target, succeeds }) => {
    if (target === 'revoked') return { params: { id: world.keys.revoked } }
    if (!succeeds) return { params: { id: missing('key') } }
    const { body } = await world.people.paul.post('/v1/api-keys', renamed())
    return { params: { id: body.id } }
  },
  listUsers: nothing,
  getUser: byId('usr', userOf),
  createUser: () => ({ body: { ...renamed(), email: `${fresh()}@example.com` } }),
  updateUser: byId('usr', userOf, () => ({ metadata: { touched: fresh() } })),
  listOrganizations: nothing,
  getOrganization: byId('org', organizationOf),
  createOrganization: () => ({ body: renamed() }),
  updateOrganization: byId('org', organizationOf, () => ({ metadata: { touched: fresh() } })),
  deleteOrganization: freshId('org', '/v1/organizations', ({ organizations }, target) =>
    target === 'used' ? organizations.acme : undefined,
  ),
  listTeams: nothing,
  getTeam: byId('team', teamOf),
  createTeam: () => ({ body: renamed() }),
  updateTeam: byId('team', teamOf, () => ({})),
  deleteTeam: freshId('team', '/v1/teams', ({ teams }, target) => (target === 'used' ? teams.tee : undefined)),
  addTeamMember: ({ world: { teams, people }, target }) => ({
    params: {
      id: target === 'missing' ? missing('team') : teams.wye,
      user_id: { agent: people.wendy.id, requester: people.bob.id }[target] ?? missing('usr'),
    },
  }),
  removeTeamMember: async ({ world: { teams, people }, target, succeeds }) => {
    if (succeeds && target === 'agent') await people.paul.put(`/v1/teams/${teams.wye}/members/${people.paul.id}`)
    return {
      params: {
        id: target === 'missing' ? missing('team') : teams.wye,
        user_id: target === 'agent' ? people.paul.id : missing('usr'),
      },
    }
  },
  listQueues: nothing,
  getQueue: byId('que', queueOf),
  createQueue: () => ({ body: { ...renamed(), key: fresh(), team_ids: [] } }),
  updateQueue: byId('que', queueOf, () => ({ metadata: { touched: fresh() } })),
  deleteQueue: freshId('que', '/v1/queues', queueOf),
  listCategories: nothing,
  getCategory: byId('cat', categoryOf),
  createCategory: () => ({ body: renamed() }),
  updateCategory: byId('cat', categoryOf, () => ({ metadata: { touched: fresh() } })),
  deleteCategory: freshId('cat', '/v1/categories', categoryOf),
  listJobs: nothing,
  getJob: byId('job', ({ job }, target) => (target === 'done' ? job : undefined)),
  listLifecycles: nothing,
  getLifecycle: byId('lif', lifecycleOf),
  createLifecycle: () => ({ body: newLifecycle() }),
  updateLifecycle: byId('lif', lifecycleOf, () => renamed()),
  deleteLifecycle: async ({ world, target, succeeds }) => {
    if (target !== 'fresh') return { params: { id: lifecycleOf(world, target) ?? missing('lif') } }
    if (!succeeds) return { params: { id: missing('lif') } }
    return { params: { id: (await world.people.paul.post('/v1/lifecycles', newLifecycle())).body.id } }
  },
  listStatuses: nothing,
  listRoutingRules: nothing,
  getRoutingRule: byId('rul', ruleOf),
  createRoutingRule: () => ({ body: newRule() }),
  updateRoutingRule: byId('rul', ruleOf, () => ({ enabled: true })),
  deleteRoutingRule: async ({ world, target, succeeds }) => {
    if (target !== 'fresh' || !succeeds) return { params: { id: missing('rul') } }
    return { params: { id: (await world.people.paul.post('/v1/routing-rules', newRule())).body.id } }
  },
  previewRouting: () => ({ body: { subject: 'Help' } }),
  routeTicket: byTicket(),
  getTicketRouting: byTicket(),
  listMailboxes: nothing,
  getMailbox: byId('mbx', mailboxOf),
  getMailboxStatus: byId('mbx', mailboxOf),
  createMailbox: () => ({ body: newMailbox() }),
  updateMailbox: byId('mbx', mailboxOf, () => ({ signature: fresh() })),
  deleteMailbox: async ({ world, target, succeeds }) => {
    if (target !== 'fresh' || !succeeds) return { params: { id: missing('mbx') } }
    return { params: { id: (await world.people.paul.post('/v1/mailboxes', newMailbox())).body.id } }
  },
  listSendingDomains: nothing,
  getSendingDomain: byId('dom', domainOf),
  verifySendingDomain: byId('dom', domainOf),
  createSendingDomain: () => ({ body: { domain: `${fresh()}.example` } }),
  updateSendingDomain: byId('dom', domainOf, () => ({ enabled: true })),
  deleteSendingDomain: async ({ world, target, succeeds }) => {
    if (target !== 'fresh' || !succeeds) return { params: { id: missing('dom') } }
    return { params: { id: (await world.people.paul.post('/v1/sending-domains', { domain: `${fresh()}.example` })).body.id } }
  },
  listInboundMails: nothing,
  getInboundMail: byInboundMail,
  getInboundMailContent: byInboundMail,
  // Each has one of its own: one that is worked on is not replayed.
  replayInboundMail: async ({ world, target, succeeds }) => {
    const isOwn = target === 'stray' && succeeds
    const id = isOwn ? await keepMailOf(world.desk, { word: fresh(), ticket_id: null }) : missing('inb')
    return { params: { inbound_mail: id } }
  },
  receiveRawMail: () => ({ body: `Subject: ${fresh()}\r\n\r\n`, headers: { 'content-type': 'message/rfc822' } }),
  receiveMailgunMail: () => ({ body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
  receivePostmarkMail: () => ({ body: {} }),
  listTags: nothing,
  renameTag: async (cell) => ({
    params: { tag: await tagFor(cell) },
    body: { name: cell.target === 'taken' ? canary('bobs', 'tag') : fresh() },
  }),
  mergeTag: async (cell) => ({ params: { tag: await tagFor(cell) }, body: { into: canary('bobs', 'tag') } }),
  listFields: nothing,
  getField: byId('fld', fieldOf),
  createField: () => ({ body: { key: fresh(), label: 'A field', type: 'text' } }),
  updateField: byId('fld', fieldOf, () => ({ position: Number(fresh().slice(5)) })),
  deleteField: async ({ world, target, succeeds }) => {
    if (target !== 'fresh' || !succeeds) return { params: { id: missing('fld') } }
    const { body } = await world.people.paul.post('/v1/fields', { key: fresh(), label: 'A field', type: 'text' })
    return { params: { id: body.id } }
  },
  listTicketTypes: nothing,
  getTicketType: byId('typ', typeOf),
  createTicketType: () => ({ body: renamed() }),
  updateTicketType: byId('typ', typeOf, () => ({ archived: false })),
  deleteTicketType: freshId('typ', '/v1/ticket-types', () => undefined),
  getSettings: nothing,
  updateSettings: () => ({ body: { close_solved_after_days: 7 } }),
  listTickets: nothing,
  getTicket: byTicket(),
  listTicketTransitions: byTicket(),
  createTicket: ({ world, role, target }) => ({
    body: {
      subject: 'Help',
      body: 'Please help me.',
      ...(target === 'default' ? {} : { queue_id: queueOf(world, target) ?? missing('que') }),
      ...(isRequester(role) ? {} : { requester: { email: 'somebody@example.com' } }),
    },
  }),
  updateTicket: byTicket(() => ({ subject: 'Another subject', priority: 'high', fields: { outer: 'Another value' } })),
  deleteTicket: byTicket(),
  closeTicket: byTicket(() => ({ message: 'That is all.' })),
  reopenTicket: byTicket(undefined, () => ({ status: 'solved' })),
  claimTicket: byTicket(undefined, ({ role }) => (role === 'assignedAgent' ? {} : { isFree: true })),
  releaseTicket: byTicket(),
  claimNextTicket: async ({ world, role, target, succeeds }) => {
    if (target === 'missing') return { params: { queue: missing('que') } }
    const queue = target === 'foreign' ? 'wye' : lineOf(role)
    const inQueue = { wye: 'ginas', tee: 'bobs', yew: 'others', general: 'general' } as const
    if (succeeds) await copyTicket(world, world.tickets[inQueue[queue]].id, { isNext: true })
    return { params: { queue: world.queues[queue] } }
  },
  listAgents: nothing,
  getAgent: byAgent(),
  updateAgent: byAgent({ availability: 'online' }),
  handOverTickets: byAgent({ to: 'queue', dry_run: true }),
  setTicketSkills: byTicket(() => ({ skills: ['canaryasked'] })),
  getTicketEligibility: byTicket(),
  addTicketTags: byTicket(() => ({ tags: ['another'] })),
  removeTicketTag: async (cell) => ({ params: { ...(await ticketFor(cell)), tag: 'another' } }),
  addTicketParticipant: async (cell) => ({
    params: { ...(await ticketFor(cell)), user_id: companionOf(cell.world, cell.role, cell.target) },
    body: {},
  }),
  listTicketParticipants: byTicket(),
  markTicketRead: byTicket(() => ({})),
  listReadMarks: byTicket(),
  updateTicketParticipant: async (cell) => {
    const { world, role, target } = cell
    const own = target === 'another' ? { ...cell, target: 'own' } : cell
    return {
      params: { ...(await ticketFor(own)), user_id: namedIn(world, role, target) },
      body: { notify: 'replies' },
    }
  },
  removeTicketParticipant: async (cell) => ({
    params: { ...(await ticketFor(cell)), user_id: companionOf(cell.world, cell.role, cell.target) },
  }),
  createAttachment: () => {
    const { body, type } = formOf([{ part: 'file', name: 'notes.txt', content: fresh() }])
    return { body, headers: { 'content-type': type } }
  },
  getAttachment: byAttachment(),
  getAttachmentContent: byAttachment(),
  createAttachmentLink: byAttachment(),
  openAttachmentLink: () => ({ params: { token: `${missing('att')}.s.zzzzzz.nothing` } }),
  deleteAttachment: byAttachment(true),

  listTicketLinks: byTicket(),
  linkTickets: async (cell) => ({
    params: await ticketFor(cell),
    body: { ticket_id: await neighbourOf(cell), kind: 'related' },
  }),
  getTicketLink: byLink,
  unlinkTickets: byLink,
  listOutboundMails: nothing,
  getOutboundMail: byMail,
  retryOutboundMail: byMail,
  cancelOutboundMail: byMail,
  listSuppressions: nothing,
  createSuppression: () => ({ body: { address: `${fresh()}@example.com` } }),
  getSuppression: bySuppression,
  deleteSuppression: bySuppression,
  mergeTicket: async (cell) => ({
    params: await ticketFor(cell),
    body: { into_ticket_id: await neighbourOf(cell) },
  }),
  unmergeTicket: async (cell) => {
    const { ticket } = await ticketFor(cell)
    if (cell.succeeds)
      await cell.world.people.paul.post(`/v1/tickets/${ticket}/merge`, { into_ticket_id: await neighbourOf(cell) })
    return { params: { ticket } }
  },
  listTicketMerges: byTicket(),
  splitTicket: async (cell) => {
    const { ticket, message } = await ticketFor(cell)
    // A second one, so that one stays.
    if (cell.succeeds) await cell.world.people.paul.post(`/v1/tickets/${ticket}/messages`, { body: 'And another thing.' })
    return { params: { ticket }, body: { message_ids: [message] } }
  },
  listMessages: byTicket(),
  createMessage: async (cell) =>
    cell.target === 'note'
      ? { params: await ticketFor({ ...cell, target: 'own' }), body: { body: 'A note.', visibility: 'internal' } }
      : { params: await ticketFor(cell), body: { body: 'Any news?' } },
  getMessage: byMessage(),
  updateMessage: byMessage({ body: 'What I meant to say.' }),
  retractMessage: byMessage(),
  listMessageRevisions: byMessage(),
  listReceipts: byMessage(),
  redactMessage: redaction,
  listMyDrafts: nothing,
  getDraft: (cell) => ({ params: ticketAsItIs(cell) }),
  saveDraft: byTicket(() => ({ body: 'What I have begun to write.' })),
  discardDraft: async (cell) => {
    if (!cell.succeeds) return { params: ticketAsItIs(cell) }
    const { ticket } = await ticketFor(cell)
    await personBehind(cell.world, cell.role)?.put(`/v1/tickets/${ticket}/draft`, { body: 'What I have begun to write.' })
    return { params: { ticket } }
  },
  listTicketPresence: byTicket(),
  sayTicketPresence: byTicket(() => ({ viewing: true, typing: 'public' })),
  endTicketPresence: byTicket(),
  listViews: nothing,
  createView: () => ({ body: { ...renamed(), filters: { assignee_id: 'me' } } }),
  getView: byId('vie', viewOf),
  updateView: byId('vie', viewOf, () => ({ position: 7 })),
  deleteView: async ({ world, target, succeeds }) => {
    if (!succeeds) return { params: { id: viewOf(world, target) ?? missing('vie') } }
    const { body } = await world.people.paul.post('/v1/views', { ...renamed(), team_id: world.teams.tee })
    return { params: { id: body.id } }
  },
  listViewTickets: byId('vie', viewOf),
  countQueues: nothing,
  listCannedReplies: nothing,
  createCannedReply: () => ({ body: newReply() }),
  getCannedReply: byId('rpl', replyOf),
  updateCannedReply: byId('rpl', replyOf, () => ({ shortcut: fresh() })),
  deleteCannedReply: freshKept('rpl', '/v1/canned-replies', newReply),
  renderCannedReply: (cell) => ({
    params: { id: replyOf(cell.world, cell.target) ?? missing('rpl') },
    body: { ticket_id: cell.world.tickets[ticketOf(cell.role, 'own')].id },
  }),
  listMacros: nothing,
  createMacro: () => ({ body: newMacro() }),
  getMacro: byId('mac', macroOf),
  updateMacro: byId('mac', macroOf, () => ({ shortcut: fresh() })),
  deleteMacro: freshKept('mac', '/v1/macros', newMacro),
  previewMacro: macroOnTicket,
  applyMacro: macroOnTicket,
  listEvents: nothing,
  listTicketEvents: byTicket(),

  createRealtimeToken: nothing,
  openStream: async (cell) => {
    const { params = {} } = await byTicket()(cell)
    return { query: `?topics=me,ticket:${params.ticket}` }
  },
  openSocket: nothing,
}

/** A ticket in the place of another that this role works on; any where it works on none. */
async function neighbourOf(cell: Cell): Promise<string> {
  const own = ticketOf(cell.role, 'own')
  return cell.succeeds ? (await copyTicket(cell.world, cell.world.tickets[own].id, {})).ticket : cell.world.tickets[own].id
}

/** A link of a ticket with another one that is seen by the same people. */
/** The mail of a ticket, or one about it that waits and is there for the request alone. */
async function byMail({ world, role, target, succeeds }: Cell): Promise<Request> {
  if (target === 'missing') return { params: { id: missing('mail') } }
  const ticket = world.tickets[ticketOf(role, target)]
  return { params: { id: succeeds ? await oweMail(world.desk, ticket.id, `${fresh()}@example.com`) : ticket.mail } }
}

async function bySuppression({ world, target, succeeds }: Cell): Promise<Request> {
  if (target === 'missing' || !succeeds) return { params: { id: missing('sup') } }
  const made = await world.people.paul.post('/v1/suppressions', { address: `${fresh()}@example.com` })
  return { params: { id: made.body.id } }
}

async function byLink(cell: Cell): Promise<Request> {
  const { ticket } = await ticketFor(cell)
  if (!cell.succeeds) return { params: { ticket, link: missing('lnk') } }
  const body = { ticket_id: await neighbourOf(cell), kind: 'related' }
  const made = await cell.world.people.paul.post(`/v1/tickets/${ticket}/links`, body)
  return { params: { ticket, link: made.body.id } }
}

/** One that the admin makes for the request to take away, shared as the target says. */
function freshKept(prefix: string, path: string, kept: () => object): Build {
  return async ({ world, target, succeeds }) => {
    const known = prefix === 'mac' ? macroOf(world, target) : replyOf(world, target)
    if (!succeeds) return { params: { id: known ?? missing(prefix) } }
    const sharing = target === 'all' ? { visibility: 'shared' } : { team_id: world.teams.tee }
    const { body } = await world.people.paul.post(path, { ...kept(), ...sharing })
    return { params: { id: body.id } }
  }
}

async function macroOnTicket(cell: Cell): Promise<Request> {
  const { ticket } = await ticketFor({ ...cell, target: 'own' })
  return { params: { id: macroOf(cell.world, cell.target) ?? missing('mac') }, body: { ticket_id: ticket } }
}

function newReply() {
  return { ...renamed(), variants: [{ locale: 'en', body: 'Thank you.' }] }
}

function newMacro() {
  return { ...renamed(), changes: { priority: 'high' } }
}

function replyOf({ replies }: World, target: string): string | undefined {
  return { all: replies.all, shared: replies.shared, private: replies.private }[target]
}

function macroOf({ macros }: World, target: string): string | undefined {
  return { all: macros.all, shared: macros.shared, private: macros.private }[target]
}

function lifecycleOf({ lifecycle }: World, target: string): string | undefined {
  return target === 'tee' ? lifecycle : undefined
}

function newLifecycle(): object {
  const { statuses, transitions } = defaultDefinition
  return { ...renamed(), statuses, transitions }
}

function mailboxOf({ mailbox }: World, target: string): string | undefined {
  return target === 'mailbox' ? mailbox : undefined
}

function domainOf({ domain }: World, target: string): string | undefined {
  return target === 'domain' ? domain : undefined
}

function newMailbox() {
  return { address: `${fresh()}@example.com`, name: fresh() }
}

function templateOf({ template }: World, target: string): string | undefined {
  return target === 'template' ? template : undefined
}

/** Of a language of its own: a kind has one for each. */
function newTemplate(): object {
  return { kind: 'solved', locale: `de-x-${fresh().replace('fresh', 'f')}`, greeting: 'Hello' }
}

function ruleOf({ rule }: World, target: string): string | undefined {
  return target === 'rule' ? rule : undefined
}

/** A rule that matches no ticket. */
function newRule() {
  return { ...renamed(), conditions: { tags: [fresh()] }, actions: { priority: 'low' } }
}

/** A tag that a ticket carries; one that nobody carries for those who may not, or where it is to be missing. */
async function tagFor({ world, target, succeeds }: Cell): Promise<string> {
  if (target === 'taken') return canary('case', 'tag')
  const tag = fresh()
  // The last one's job has to do with the same tag.
  await world.desk.settle()
  if (target === 'fresh' && succeeds)
    await world.people.paul.post('/v1/tickets', { subject: 'Tagged', body: 'Tagged.', tags: [tag] })
  return tag
}

function organizationOf({ organizations }: World, target: string): string | undefined {
  return { acme: organizations.acme, globex: organizations.globex }[target]
}

function viewOf({ views }: World, target: string): string | undefined {
  return { shared: views.shared, private: views.private }[target]
}

function teamOf({ teams }: World, target: string): string | undefined {
  return { tee: teams.tee, yew: teams.yew }[target]
}

function categoryOf({ categories }: World, target: string): string | undefined {
  return { top: categories.top, child: categories.child, archived: categories.archived, closed: categories.closed }[target]
}

function fieldOf({ fields }: World, target: string): string | undefined {
  return { inner: fields.inner, outer: fields.outer, archived: fields.archived }[target]
}

function typeOf({ types }: World, target: string): string | undefined {
  return { incident: types.incident }[target]
}

import { type Role, roles, signedOut } from './roles.ts'

/** What an operation is tried on, and which status each role gets for each. One status stands for all targets. */
export interface Operation {
  on: readonly string[]
  is: Record<Role, string>
}

interface Groups extends Partial<Record<Role, string>> {
  requesters: string
  agents: string
  admins: string
  keyAgent: string
}

/** A line per role: those of a group share theirs, unless one has a line of his own. */
function operation(on: string, { requesters, agents, admins, ...own }: Groups): Operation {
  return {
    on: on.split(' '),
    is: {
      nobody: '401',
      deactivated: '401',
      ended: '401',
      requester: requesters,
      manager: requesters,
      colleague: requesters,
      foreigner: requesters,
      cc: requesters,
      teamAgent: agents,
      otherAgent: agents,
      raisingAgent: agents,
      followingAgent: agents,
      assignedAgent: agents,
      admin: admins,
      keyAdmin: admins,
      keyNarrow: '403',
      ...own,
    },
  }
}

/** No credential is looked at: everybody gets the same. */
function open(status: string): Operation {
  return { on: ['any'], is: Object.fromEntries(roles.map((role) => [role, status])) as Operation['is'] }
}

const forEverybody = (on: string, status: string, more: Partial<Groups> = {}) =>
  operation(on, { requesters: status, agents: status, admins: status, keyAgent: status, ...more })
const forStaff = (on: string, status: string) =>
  operation(on, { requesters: '403', agents: status, admins: status, keyAgent: status })
const forAdmins = (on: string, status: string, more: Partial<Groups> = {}) =>
  operation(on, { requesters: '403', agents: '403', admins: status, keyAgent: '403', ...more })
const forPeople = (on: string, status: string) => forEverybody(on, status, { keyAgent: '403', keyAdmin: '403' })
const forAdminPeople = (on: string, status: string) => forAdmins(on, status, { keyAdmin: '403' })

const TICKETS = 'own org foreign gone missing'

/** Who may look at a ticket may do it. */
function onSeenTicket(status: string): Operation {
  const hidden = '404 404 404 404'
  return operation(TICKETS, {
    requesters: `${status} ${hidden}`,
    manager: `${status} ${status} 404 404 404`,
    agents: `${status} ${hidden}`,
    teamAgent: `${status} ${status} 404 404 404`,
    admins: `${status} ${status} ${status} 404 404`,
    keyAgent: `${status} ${hidden}`,
  })
}

/** Who works on a ticket or raised it may do it; who merely sees it may not. */
function onOwnTicket(status: string): Operation {
  const seen = onSeenTicket(status)
  return { ...seen, is: { ...seen.is, manager: `${status} 403 404 404 404`, cc: '403 404 404 404 404' } }
}

/** Only who works on a ticket may do it. */
function onWorkedTicket(status: string): Operation {
  const seen = onSeenTicket(status)
  const closed = Object.fromEntries(['requester', 'manager', 'colleague', 'foreigner', 'cc'].map((role) => [role, '403']))
  return { ...seen, is: { ...seen.is, ...closed, raisingAgent: '403 404 404 404 404' } }
}

/** An agent does it to himself, an admin to anybody of the staff. API keys are no agents. */
const onAgent = operation('mine agent requester missing', {
  requesters: '403',
  agents: '200 403 404 404',
  admins: '200 200 404 404',
  keyAgent: '404 403 404 404',
  keyAdmin: '404 200 404 404',
})

/** A draft is its author's alone: everybody has one in his own ticket, keys have none. */
const onMyDraft = (status: string): Operation =>
  operation(TICKETS, {
    requesters: `${status} 404 404 404 404`,
    agents: `${status} 404 404 404 404`,
    admins: `${status} 404 404 404 404`,
    keyAgent: '403',
    keyAdmin: '403',
  })

const MESSAGES = 'mine own org foreign missing note elsewhere'

/** A mail about a ticket is seen by who sees the ticket's staff side; of others there is none. */
const onMailOfTicket = operation('own org foreign missing', {
  requesters: '403',
  agents: '200 404 404 404',
  teamAgent: '200 200 404 404',
  raisingAgent: '404 404 404 404',
  admins: '200 200 200 404',
  keyAgent: '200 404 404 404',
})

/** Only its author changes a message; others get 403 where they see it. */
const onMyMessage = operation(MESSAGES, {
  requesters: '200 403 404 404 404 404 404',
  manager: '200 403 403 404 404 404 404',
  agents: '200 403 404 404 404 403 404',
  teamAgent: '200 403 403 404 404 403 404',
  raisingAgent: '200 403 404 404 404 404 404',
  admins: '200 403 403 403 404 403 404',
  keyAgent: '200 403 404 404 404 403 404',
})

/** A view that is shared with a team: what its members get, and admins; one that somebody keeps for herself is hidden from all. */
function onSharedView(members: string, admins: string): Operation {
  const hidden = '404 404 404'
  return operation('shared private missing', {
    requesters: '403',
    agents: hidden,
    teamAgent: `${members} 404 404`,
    admins: `${admins} 404 404`,
    keyAgent: hidden,
  })
}

/** A canned reply or a macro that the whole staff has, one of a team, and one that somebody keeps for herself. */
function onKept(is: { all: string; members: string; admins: string }, more: Partial<Groups> = {}): Operation {
  const hidden = '404 404 404'
  return operation('all shared private missing', {
    requesters: '403',
    agents: `${is.all} ${hidden}`,
    teamAgent: `${is.all} ${is.members} 404 404`,
    admins: `${is.admins} ${is.admins} 404 404`,
    keyAgent: `${is.all} ${hidden}`,
    ...more,
  })
}
const seenKept = { all: '200', members: '200', admins: '200' }
const createKept = operation('new', { requesters: '403', agents: '201', admins: '201', keyAgent: '403', keyAdmin: '403' })
const changeKept = onKept({ all: '403', members: '403', admins: '200' })
const deleteKept = onKept({ all: '403', members: '403', admins: '204' })
// To a ticket of which he sees the public side only.
const applyKept = onKept(seenKept, { raisingAgent: '403 404 404 404' })

/** Every operation of Beckon, and what each role gets. */
export const table: Readonly<Record<string, Operation>> = {
  getLiveness: open('200'),
  getReadiness: open('200'),
  getVersion: open('200'),

  // Tried without a body: who gets to the check of the body has come in.
  register: open('422'),
  login: open('422'),
  refreshSession: open('422'),
  verify: open('422'),
  setUp: open('422'),
  forgotPassword: open('422'),
  resetPassword: open('422'),
  logout: forPeople('session', '204'),

  unsubscribe: open('422'),
  getMyNotifications: forPeople('me', '200'),
  updateMyNotifications: forPeople('me', '200'),
  listMailTemplates: forAdmins('all', '200'),
  getMailTemplate: forAdmins('template missing', '200 404'),
  createMailTemplate: forAdmins('new', '201'),
  updateMailTemplate: forAdmins('template missing', '200 404'),
  deleteMailTemplate: forAdmins('fresh missing', '204 404'),
  previewMail: forAdmins('any', '200'),

  getMe: forPeople('me', '200'),
  updateMe: forPeople('me', '200'),
  // With a wrong password.
  changeMyPassword: forPeople('me', '422'),
  listMySessions: forPeople('mine', '200'),
  endMySession: forPeople('mine colleagues missing', '204 404 404'),

  listApiKeys: forAdminPeople('all', '200'),
  createApiKey: forAdminPeople('new', '201'),
  getApiKey: forAdminPeople('agent admin revoked missing', '200 200 404 404'),
  revokeApiKey: forAdminPeople('fresh revoked missing', '204 404 404'),

  listUsers: forStaff('all', '200'),
  getUser: forStaff('self colleague foreigner missing', '200 200 200 404'),
  createUser: forAdmins('new', '201'),
  // Admins are changed by people: `self` is one.
  updateUser: forAdmins('self colleague foreigner missing', '200 200 200 404', { keyAdmin: '403 200 200 404' }),

  listOrganizations: forStaff('all', '200'),
  getOrganization: forStaff('acme globex missing', '200 200 404'),
  createOrganization: forAdmins('new', '201'),
  updateOrganization: forAdmins('acme globex missing', '200 200 404'),
  deleteOrganization: forAdmins('fresh used missing', '204 409 404'),

  listTeams: forStaff('all', '200'),
  getTeam: forStaff('tee yew missing', '200 200 404'),
  createTeam: forAdmins('new', '201'),
  updateTeam: forAdmins('tee yew missing', '200 200 404'),
  deleteTeam: forAdmins('fresh used missing', '204 409 404'),
  addTeamMember: forAdmins('agent requester stranger missing', '204 409 404 404'),
  removeTeamMember: forAdmins('agent stranger missing', '204 204 404'),

  listQueues: forEverybody('all', '200'),
  getQueue: forEverybody('open tee archived missing', '200 200 200 404', {
    requesters: '200 404 404 404',
  }),
  createQueue: forAdmins('new', '201'),
  updateQueue: forAdmins('open tee archived missing', '200 200 200 404'),
  deleteQueue: forAdmins('fresh default missing', '204 409 404'),

  listCategories: forEverybody('all', '200', { keyNarrow: '200' }),
  getCategory: forEverybody('top child archived closed missing', '200 200 200 200 404', {
    requesters: '200 200 404 404 404',
    keyNarrow: '200 200 200 200 404',
  }),
  createCategory: forAdmins('new', '201'),
  updateCategory: forAdmins('top child archived missing', '200 200 200 404'),
  deleteCategory: forAdmins('fresh top missing', '204 409 404'),

  listJobs: forStaff('all', '200'),
  getJob: forStaff('done missing', '200 404'),

  listLifecycles: forStaff('all', '200'),
  getLifecycle: forStaff('tee missing', '200 404'),
  createLifecycle: forAdmins('new', '201'),
  updateLifecycle: forAdmins('tee missing', '200 404'),
  deleteLifecycle: forAdmins('fresh tee missing', '204 409 404'),
  listStatuses: forEverybody('all', '200'),
  listRoutingRules: forStaff('all', '200'),
  getRoutingRule: forStaff('rule missing', '200 404'),
  createRoutingRule: forAdmins('new', '201'),
  updateRoutingRule: forAdmins('rule missing', '200 404'),
  deleteRoutingRule: forAdmins('fresh missing', '204 404'),
  previewRouting: forAdmins('draft', '200'),
  routeTicket: onWorkedTicket('200'),
  getTicketRouting: onWorkedTicket('200'),

  listMailboxes: forStaff('all', '200'),
  getMailbox: forStaff('mailbox missing', '200 404'),
  getMailboxStatus: forStaff('mailbox missing', '200 404'),
  createMailbox: forAdmins('new', '201'),
  updateMailbox: forAdmins('mailbox missing', '200 404'),
  deleteMailbox: forAdmins('fresh missing', '204 404'),
  listSendingDomains: forAdmins('all', '200'),
  getSendingDomain: forAdmins('domain missing', '200 404'),
  verifySendingDomain: forAdmins('domain missing', '200 404'),
  createSendingDomain: forAdmins('new', '201'),
  updateSendingDomain: forAdmins('domain missing', '200 404'),
  deleteSendingDomain: forAdmins('fresh missing', '204 404'),

  listInboundMails: forStaff('all', '200'),
  getInboundMail: onInboundMail('200'),
  getInboundMailContent: onInboundMail('200'),
  replayInboundMail: forAdmins('stray missing', '202 404'),
  receiveRawMail: forAdmins('new', '202'),
  receiveMailgunMail: open('404'),
  receivePostmarkMail: open('404'),

  listTags: forStaff('all', '200'),
  renameTag: forAdmins('fresh taken missing', '202 409 404'),
  mergeTag: forAdmins('fresh missing', '202 404'),
  listFields: forEverybody('all', '200'),
  getField: forEverybody('inner outer archived missing', '200 200 200 404', {
    requesters: '404 200 404 404',
  }),
  createField: forAdmins('new', '201'),
  updateField: forAdmins('inner outer archived missing', '200 200 200 404'),
  deleteField: forAdmins('fresh missing', '204 404'),

  listTicketTypes: forStaff('all', '200'),
  getTicketType: forStaff('incident missing', '200 404'),
  createTicketType: forAdmins('new', '201'),
  updateTicketType: forAdmins('incident missing', '200 404'),
  deleteTicketType: forAdmins('fresh missing', '204 404'),

  getSettings: forAdmins('all', '200'),
  updateSettings: forAdmins('all', '200'),

  listTickets: forEverybody('all', '200'),
  getTicket: onSeenTicket('200'),
  listTicketTransitions: onSeenTicket('200'),
  createTicket: forEverybody('default open tee archived missing', '201 201 201 422 422', {
    requesters: '201 201 422 422 422',
  }),
  updateTicket: onOwnTicket('200'),
  deleteTicket: forAdmins(TICKETS, '204 204 204 404 404'),
  closeTicket: onOwnTicket('200'),
  reopenTicket: onOwnTicket('200'),
  claimTicket: {
    ...onWorkedTicket('200'),
    is: { ...onWorkedTicket('200').is, keyAgent: '403 404 404 404 404', keyAdmin: '403 403 403 404 404' },
  },
  releaseTicket: onWorkedTicket('200'),
  claimNextTicket: operation('own foreign missing', {
    requesters: '403',
    agents: '200 404 404',
    admins: '200 200 404',
    keyAgent: '403 404 404',
    keyAdmin: '403 403 404',
  }),
  listAgents: forStaff('all', '200'),
  getAgent: forStaff('agent requester missing', '200 404 404'),
  updateAgent: onAgent,
  handOverTickets: onAgent,
  setTicketSkills: onWorkedTicket('200'),
  getTicketEligibility: onWorkedTicket('200'),

  addTicketTags: onWorkedTicket('200'),
  removeTicketTag: onWorkedTicket('200'),
  listTicketParticipants: onSeenTicket('200'),
  addTicketParticipant: onOwnTicket('200'),
  // Everybody names himself, and admins and keys the requester; `another` is somebody else on the ticket of his own.
  updateTicketParticipant: operation(`${TICKETS} another`, {
    requesters: '200 404 404 404 404 403',
    agents: '404 404 404 404 404 403',
    raisingAgent: '200 404 404 404 404 403',
    followingAgent: '200 404 404 404 404 403',
    assignedAgent: '200 404 404 404 404 403',
    admins: '200 200 200 404 404 200',
    keyAgent: '403 404 404 404 404 403',
  }),
  removeTicketParticipant: onOwnTicket('204'),

  markTicketRead: { ...onSeenTicket('200'), is: { ...onSeenTicket('200').is, keyAgent: '403', keyAdmin: '403' } },
  listReadMarks: onSeenTicket('200'),

  listTicketLinks: onWorkedTicket('200'),
  linkTickets: onWorkedTicket('201'),
  getTicketLink: onWorkedTicket('200'),
  unlinkTickets: onWorkedTicket('204'),

  mergeTicket: onWorkedTicket('200'),
  unmergeTicket: onWorkedTicket('200'),
  listTicketMerges: onWorkedTicket('200'),
  splitTicket: onWorkedTicket('201'),

  listMessages: onSeenTicket('200'),
  createMessage: {
    on: [...TICKETS.split(' '), 'note'],
    is: withNote(onSeenTicket('201').is),
  },
  getMessage: operation('own org foreign missing note elsewhere', {
    requesters: '200 404 404 404 404 404',
    manager: '200 200 404 404 404 404',
    agents: '200 404 404 404 200 404',
    teamAgent: '200 200 404 404 200 404',
    raisingAgent: '200 404 404 404 404 404',
    admins: '200 200 200 404 200 404',
    keyAgent: '200 404 404 404 200 404',
  }),
  updateMessage: onMyMessage,
  retractMessage: onMyMessage,
  listReceipts: operation('own org foreign missing note elsewhere', {
    requesters: '200 404 404 404 404 404',
    manager: '200 200 404 404 404 404',
    agents: '200 404 404 404 200 404',
    teamAgent: '200 200 404 404 200 404',
    raisingAgent: '200 404 404 404 404 404',
    admins: '200 200 200 404 200 404',
    keyAgent: '200 404 404 404 200 404',
  }),
  listMessageRevisions: operation('own org foreign missing note elsewhere', {
    requesters: '403',
    agents: '200 404 404 404 200 404',
    teamAgent: '200 200 404 404 200 404',
    raisingAgent: '404 404 404 404 404 404',
    admins: '200 200 200 404 200 404',
    keyAgent: '200 404 404 404 200 404',
  }),
  redactMessage: forAdmins(MESSAGES, '200 200 200 200 404 200 404'),

  listMyDrafts: forPeople('all', '200'),
  getDraft: onMyDraft('200'),
  saveDraft: { ...onSeenTicket('201'), is: { ...onSeenTicket('201').is, keyAgent: '403', keyAdmin: '403' } },
  discardDraft: onMyDraft('204'),

  listTicketPresence: onSeenTicket('200'),
  sayTicketPresence: onSeenTicket('200'),
  endTicketPresence: onSeenTicket('204'),

  createAttachment: forEverybody('new', '201'),
  getAttachment: onAttachment('200'),
  getAttachmentContent: onAttachment('200'),
  createAttachmentLink: onAttachment('200'),
  openAttachmentLink: open('404'),
  deleteAttachment: operation('mine own foreign missing note unnamed', {
    requesters: '204 403 404 404 404 404',
    agents: '204 403 404 404 403 404',
    raisingAgent: '204 403 404 404 404 404',
    admins: '204 204 204 404 204 204',
    keyAgent: '204 403 404 404 403 404',
  }),

  listViews: forStaff('all', '200'),
  createView: operation('new', { requesters: '403', agents: '201', admins: '201', keyAgent: '403', keyAdmin: '403' }),
  getView: onSharedView('200', '200'),
  updateView: onSharedView('403', '200'),
  deleteView: onSharedView('403', '204'),
  listViewTickets: onSharedView('200', '200'),
  countQueues: forStaff('all', '200'),

  listCannedReplies: forStaff('all', '200'),
  createCannedReply: createKept,
  getCannedReply: onKept(seenKept),
  updateCannedReply: changeKept,
  deleteCannedReply: deleteKept,
  renderCannedReply: onKept(seenKept),
  listMacros: forStaff('all', '200'),
  createMacro: createKept,
  getMacro: onKept(seenKept),
  updateMacro: changeKept,
  deleteMacro: deleteKept,
  previewMacro: applyKept,
  applyMacro: applyKept,

  listOutboundMails: forStaff('all', '200'),
  getOutboundMail: onMailOfTicket,
  retryOutboundMail: onMailOfTicket,
  cancelOutboundMail: onMailOfTicket,
  listSuppressions: forAdmins('all', '200'),
  createSuppression: forAdmins('new', '201'),
  getSuppression: forAdmins('fresh missing', '200 404'),
  deleteSuppression: forAdmins('fresh missing', '204 404'),

  listEvents: forEverybody('all', '200'),
  listTicketEvents: onSeenTicket('200'),

  createRealtimeToken: forEverybody('new', '201'),
  openStream: onSeenTicket('200'),
  // Nothing is upgraded in this sweep: whoever is told to ask for it has come in.
  openSocket: forEverybody('all', '426'),
}

/** A mail that came in is seen by who sees the staff side of its ticket; one without a ticket by admins. */
function onInboundMail(status: string): Operation {
  return operation('own org foreign stray missing', {
    requesters: '403',
    agents: `${status} 404 404 404 404`,
    teamAgent: `${status} ${status} 404 404 404`,
    raisingAgent: '404 404 404 404 404',
    admins: `${status} ${status} ${status} ${status} 404`,
    keyAgent: `${status} 404 404 404 404`,
  })
}

/** An attachment is seen by who sees its message; one that no message names by its uploader and admins. */
function onAttachment(status: string): Operation {
  const seen = (pattern: string): string => pattern.replaceAll('200', status)
  return operation('own org foreign missing note unnamed mine', {
    requesters: seen('200 404 404 404 404 404 200'),
    manager: seen('200 200 404 404 404 404 200'),
    agents: seen('200 404 404 404 200 404 200'),
    teamAgent: seen('200 200 404 404 200 404 200'),
    raisingAgent: seen('200 404 404 404 404 404 200'),
    admins: seen('200 200 200 404 200 200 200'),
    keyAgent: seen('200 404 404 404 200 404 200'),
  })
}

/** An internal note on one's own ticket: requesters do not know the word, and who sees the public side alone may not. */
function withNote(is: Operation['is']): Operation['is'] {
  const note: Partial<Record<Role, string>> = { requester: '422', manager: '422', colleague: '422', foreigner: '422', cc: '422' }
  return Object.fromEntries(
    roles.map((role) => {
      const isOut = role === 'keyNarrow' || signedOut.some((other) => other === role)
      return [role, isOut ? is[role] : `${is[role]} ${note[role] ?? (role === 'raisingAgent' ? '403' : '201')}`]
    }),
  ) as Operation['is']
}

/** The status that a role gets for each target of an operation. */
export function expectations({ on, is }: Operation, role: Role): { target: string; status: number }[] {
  const statuses = is[role].split(' ').map(Number)
  if (statuses.length !== 1 && statuses.length !== on.length)
    throw new Error(`${role} needs a status for each of ${on.join(', ')}`)
  return on.map((target, i) => ({ target, status: statuses[i] ?? statuses[0] ?? 0 }))
}

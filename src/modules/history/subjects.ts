import type { Static } from 'typebox'
import type { Actor } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { presentApiKeys } from '../accounts/index.ts'
import { presentAgents } from '../assignment/index.ts'
import { presentAttachments } from '../attachments/index.ts'
import { presentCategories, presentQueues } from '../desk/index.ts'
import { presentOrganizations, presentTeams, presentUsers } from '../directory/index.ts'
import { presentFields, presentTicketTypes } from '../fields/index.ts'
import { presentJobs } from '../jobs/index.ts'
import { findMessage, ticketsOfMessages, toMessage } from '../messages/index.ts'
import { presentRules } from '../routing/index.ts'
import { findVisibleTicket, toTicket } from '../tickets/index.ts'
import { presentLifecycles } from '../workflow/index.ts'
import type { SeenEvent } from './queries.ts'
import type { Event } from './schema.ts'

type Subject = Exclude<Static<typeof Event>['object'], 'event' | null>

/** How subjects that lie in no ticket are shown, and the scope that an API key needs for them; null: people only. */
interface View {
  scope: string | null
  present(db: Reader, actor: Actor, ids: readonly string[]): Promise<Subject[]>
}

// What happens outside tickets is for admins, who may see all of these.
const views: ReadonlyMap<string, View> = new Map<string, View>([
  ['user', { scope: 'users:read', present: (db, _, ids) => presentUsers(db, ids) }],
  ['organization', { scope: 'organizations:read', present: (db, _, ids) => presentOrganizations(db, ids) }],
  ['team', { scope: 'teams:read', present: (db, _, ids) => presentTeams(db, ids) }],
  ['queue', { scope: 'queues:read', present: presentQueues }],
  ['category', { scope: 'categories:read', present: presentCategories }],
  ['routing_rule', { scope: 'routing_rules:read', present: (db, _, ids) => presentRules(db, ids) }],
  ['agent', { scope: 'agents:read', present: (db, _, ids) => presentAgents(db, ids) }],
  ['job', { scope: 'jobs:read', present: (db, _, ids) => presentJobs(db, ids) }],
  ['lifecycle', { scope: 'lifecycles:read', present: (db, _, ids) => presentLifecycles(db, ids) }],
  ['field', { scope: 'fields:read', present: presentFields }],
  ['ticket_type', { scope: 'ticket_types:read', present: (db, _, ids) => presentTicketTypes(db, ids) }],
  ['attachment', { scope: 'attachments:read', present: (db, _, ids) => presentAttachments(db, ids) }],
  ['api_key', { scope: null, present: (db, _, ids) => presentApiKeys(db, ids) }],
])

/** Reads the subjects of events as an actor may see them now. One that is gone, hidden, or has no view of its own is not in it. */
export async function subjectsOf(db: Reader, actor: Actor, events: readonly SeenEvent[]): Promise<Map<string, Subject>> {
  const subjects = new Map<string, Subject>()
  for (const [ticket_id, within] of Map.groupBy(events, (event) => event.ticket_id)) {
    const found = ticket_id === null ? outsideTickets(db, actor, within) : insideTicket(db, actor, { ticket_id, within })
    for (const subject of await found) subjects.set(subject.id, subject)
  }
  return subjects
}

async function insideTicket(
  db: Reader,
  actor: Actor,
  { ticket_id, within }: { ticket_id: string; within: readonly SeenEvent[] },
): Promise<Subject[]> {
  const ticket = await findVisibleTicket(db, actor, ticket_id)
  if (!ticket) return []
  const found: Subject[] = [toTicket(ticket, actor)]
  const elsewhere: string[] = []
  for (const id of idsOf(within.filter(({ subject_type }) => subject_type === 'message'))) {
    const message = await findMessage(db, ticket, id)
    if (message) found.push(toMessage(message))
    else elsewhere.push(id)
  }
  return [...found, ...(await movedMessages(db, actor, elsewhere))]
}

/** Messages that a merge or a split has moved since: as their reader sees the tickets that they are in now. */
async function movedMessages(db: Reader, actor: Actor, ids: readonly string[]): Promise<Subject[]> {
  const found: Subject[] = []
  for (const [ticket_id, within] of Map.groupBy(await ticketsOfMessages(db, ids), ([, ticket_id]) => ticket_id)) {
    const ticket = await findVisibleTicket(db, actor, ticket_id)
    for (const [id] of ticket ? within : []) {
      const message = ticket && (await findMessage(db, ticket, id))
      if (message) found.push(toMessage(message))
    }
  }
  return found
}

async function outsideTickets(db: Reader, actor: Actor, events: readonly SeenEvent[]): Promise<Subject[]> {
  const found: Subject[] = []
  for (const [type, of] of Map.groupBy(events, ({ subject_type }) => subject_type)) {
    const view = views.get(type)
    if (view && mayRead(actor, view.scope)) found.push(...(await view.present(db, actor, idsOf(of))))
  }
  return found
}

function idsOf(events: readonly SeenEvent[]): string[] {
  return [...new Set(events.map(({ subject_id }) => subject_id))]
}

function mayRead({ type, scopes }: Actor, scope: string | null): boolean {
  if (scope === null) return type === 'user'
  return scopes === null || scopes.includes('*') || scopes.includes(scope)
}

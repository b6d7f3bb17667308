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
import { presentMailboxes, presentSendingDomains } from '../mailboxes/index.ts'
import { findMessages, ticketsOfMessages, toMessage } from '../messages/index.ts'
import { presentRules } from '../routing/index.ts'
import { findVisibleTickets, type SeenTicket, type Ticket, toTicket } from '../tickets/index.ts'
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
  ['mailbox', { scope: 'mailboxes:read', present: (db, _, ids) => presentMailboxes(db, ids) }],
  ['sending_domain', { scope: 'sending_domains:read', present: (db, _, ids) => presentSendingDomains(db, ids) }],
  ['api_key', { scope: null, present: (db, _, ids) => presentApiKeys(db, ids) }],
])

/** What events are about, and the tickets in which they happened, as an actor may see them now: what is gone or hidden is not in it. */
export interface Seen {
  subjects: ReadonlyMap<string, Subject>
  tickets: ReadonlyMap<string, Shown>
}

type Shown = Static<typeof Ticket>

/** Reads what belongs to events, each thing once; subjects only where they are wanted. */
export async function lookAt(
  db: Reader,
  actor: Actor,
  { events, withSubjects }: { events: readonly SeenEvent[]; withSubjects: boolean },
): Promise<Seen> {
  const within = events.filter(({ ticket_id }) => ticket_id !== null)
  const moved = withSubjects ? await ticketsOfMessages(db, idsOf(within.filter(isOfMessage))) : new Map<string, string>()
  const happenedIn = within.flatMap(({ ticket_id }) => ticket_id ?? [])
  // A merge or a split may have moved a message since: it is shown as its reader sees the ticket that it is in now.
  const seen = await findVisibleTickets(db, actor, [...happenedIn, ...moved.values()])
  const tickets = new Map([...seen].map(([id, ticket]) => [id, toTicket(ticket, actor)]))
  if (!withSubjects) return { subjects: new Map(), tickets }
  const found: Subject[] = [
    ...tickets.values(),
    ...(await messagesIn(db, seen, moved)),
    ...(await outsideTickets(
      db,
      actor,
      events.filter(({ ticket_id }) => ticket_id === null),
    )),
  ]
  return { subjects: new Map(found.map((subject) => [subject.id, subject])), tickets }
}

async function messagesIn(
  db: Reader,
  seen: ReadonlyMap<string, SeenTicket>,
  places: ReadonlyMap<string, string>,
): Promise<Subject[]> {
  const found: Subject[] = []
  for (const [view, of] of Map.groupBy(places, ([, ticket_id]) => seen.get(ticket_id)?.view)) {
    if (view === undefined) continue
    const ticket_ids = [...new Set(of.map(([, ticket_id]) => ticket_id))]
    const ids = of.map(([id]) => id)
    found.push(...(await findMessages(db, { ticket_ids, view }, ids)).map(toMessage))
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

/** Whether an event tells of a message. */
export function isOfMessage({ subject_type }: SeenEvent): boolean {
  return subject_type === 'message'
}

function idsOf(events: readonly SeenEvent[]): string[] {
  return [...new Set(events.map(({ subject_id }) => subject_id))]
}

function mayRead({ type, scopes }: Actor, scope: string | null): boolean {
  if (scope === null) return type === 'user'
  return scopes === null || scopes.includes('*') || scopes.includes(scope)
}

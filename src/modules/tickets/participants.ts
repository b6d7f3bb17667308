import { sql } from 'kysely'
import type { Static } from 'typebox'
import { type Actor, systemActor } from '../../platform/actor.ts'
import { toTimeOrNull } from '../../platform/codecs.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { agentsInQueue } from '../desk/index.ts'
import type { UserRow } from '../directory/index.ts'
import type { TicketFacts } from './facts.ts'
import { type Notify, type ParticipantRole, rolesByPerson, usualNotify } from './participant.ts'
import type { Participant } from './participant-schema.ts'
import { type Right, rightsIn } from './policy.ts'
import type { SeenTicket } from './present.ts'
import type { ParticipantRow, TicketRow } from './tables.ts'
import type { View } from './ticket.ts'
import { viewOf } from './visibility.ts'

/** Somebody who takes part in a ticket, as one side of it may know him. */
export interface TakesPart {
  user_id: string
  name: string
  roles: ParticipantRole[]
  may: Right[]
  notify: Notify
  /** When he was added; null for whom the ticket itself names. */
  added_at: number | null
}

/** Everybody who takes part, as far as the side of `ticket` shows it: the requester, the assignee, then the others as they came. */
export async function listParticipants(db: Reader, ticket: SeenTicket): Promise<TakesPart[]> {
  const added = await db.selectFrom('ticket_participants').selectAll().where('ticket_id', '=', ticket.id).execute()
  const roles = rolesByPerson(ticket, added, ticket.view)
  const ids = [...roles.keys()]
  const users = await db.selectFrom('users').selectAll().where('id', 'in', ids).execute()
  const said = await preferencesOf(db, ticket.id, ids)
  const mayDo = await rightsOf(db, ticket, { users, added })
  const found = users.map(({ id, name }): TakesPart => {
    const own = roles.get(id) ?? []
    const times = added.filter(({ user_id, role }) => user_id === id && own.includes(role)).map((row) => row.created_at)
    return {
      user_id: id,
      name,
      roles: own,
      may: mayDo.get(id) ?? [],
      notify: said.get(id) ?? usualNotify(own),
      added_at: own.includes('requester') || own.includes('assignee') || times.length === 0 ? null : Math.min(...times),
    }
  })
  return found.sort((a, b) => placeOf(a) - placeOf(b) || (a.user_id < b.user_id ? -1 : 1))
}

/** Where somebody stands in the list of participants; equals stand by their ids. */
export function placeOf({ roles, added_at }: TakesPart): number {
  return roles.includes('requester') ? -2 : (added_at ?? -1)
}

/** A participant as an actor may know him: what others want to hear is for staff. */
export function toParticipant(person: TakesPart, ticket: SeenTicket, actor: Actor): Static<typeof Participant> {
  const { added_at, notify, ...rest } = person
  return {
    object: 'participant',
    ...rest,
    ...(ticket.view === 'staff' || person.user_id === actor.id ? { notify } : {}),
    created_at: toTimeOrNull(added_at),
  }
}

/**
 * What these people want to hear of a ticket, which those say who take part in it; whoever does not is not in the answer. What
 * somebody may see is another question.
 */
export async function notifyOf(
  db: Reader,
  ticket: Pick<TicketFacts, 'id' | 'requester_id' | 'assignee_id' | 'participants'>,
  user_ids: readonly string[],
): Promise<Map<string, Notify>> {
  if (user_ids.length === 0) return new Map()
  const roles = rolesByPerson(ticket, ticket.participants, 'staff')
  const said = await preferencesOf(db, ticket.id, user_ids)
  const wanted = new Map<string, Notify>()
  for (const id of user_ids) {
    const own = roles.get(id)
    if (own) wanted.set(id, said.get(id) ?? usualNotify(own))
  }
  return wanted
}

/** How many take part in a ticket in this way. */
export async function countParticipants(db: Reader, ticket_id: string, role: ParticipantRow['role']): Promise<number> {
  const row = await db
    .selectFrom('ticket_participants')
    .select(sql<number>`count(*)`.as('count'))
    .where('ticket_id', '=', ticket_id)
    .where('role', '=', role)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

async function preferencesOf(db: Reader, ticket_id: string, ids: readonly string[]): Promise<Map<string, Notify>> {
  const rows = await db
    .selectFrom('ticket_preferences')
    .select(['user_id', 'notify'])
    .where('ticket_id', '=', ticket_id)
    .where('user_id', 'in', ids)
    .execute()
  return new Map(rows.map(({ user_id, notify }) => [user_id, notify]))
}

/** What each of them may do, by the very rules that decide when he does it. The public side hears of public rights only. */
async function rightsOf(
  db: Reader,
  ticket: SeenTicket,
  { users, added }: { users: readonly UserRow[]; added: readonly ParticipantRow[] },
): Promise<Map<string, Right[]>> {
  const agents = users.filter(({ role }) => role === 'agent').map(({ id }) => id)
  const inQueue = ticket.view === 'staff' ? await agentsInQueue(db, ticket.queue_id, agents) : new Set<string>()
  const facts = { ...ticket, participants: added }
  return new Map(
    users.map((user) => {
      const person = asActor(user, inQueue.has(user.id) ? ticket : undefined)
      const view = ticket.view === 'staff' ? user.active === 1 && viewOf(facts, person) : 'requester'
      return [user.id, view ? rightsIn(person, { requester_id: ticket.requester_id, view }) : []]
    }),
  )
}

/** From which side each of these people sees a ticket now; who does not see it is not in the answer. */
export async function whoSees(
  db: Reader,
  ticket: SeenTicket & Partial<Pick<TicketFacts, 'participants'>>,
  user_ids: readonly string[],
): Promise<Map<string, { user: UserRow; view: View }>> {
  if (user_ids.length === 0) return new Map()
  const found = db.selectFrom('users').selectAll().where('active', '=', 1)
  const users = await found
    .where('id', 'in', [...user_ids])
    .orderBy('id')
    .execute()
  const added = db.selectFrom('ticket_participants').select(['user_id', 'role']).where('ticket_id', '=', ticket.id)
  const facts = { ...ticket, participants: ticket.participants ?? (await added.execute()) }
  const agents = users.filter(({ role }) => role === 'agent').map(({ id }) => id)
  const inQueue = agents.length === 0 ? new Set<string>() : await agentsInQueue(db, ticket.queue_id, agents)
  const seeing = new Map<string, { user: UserRow; view: View }>()
  for (const user of users) {
    const view = viewOf(facts, asActor(user, inQueue.has(user.id) ? ticket : undefined))
    if (view) seeing.set(user.id, { user, view })
  }
  return seeing
}

/** Somebody as the rules look at him, as far as one ticket goes. */
function asActor({ id, role, name, organization_id, organization_role }: UserRow, queue?: Pick<TicketRow, 'queue_id'>): Actor {
  return {
    ...systemActor,
    type: 'user',
    id,
    role,
    name,
    organization_id,
    managed_organization_id: organization_role === 'manager' ? organization_id : null,
    queue_ids: queue ? [queue.queue_id] : [],
  }
}

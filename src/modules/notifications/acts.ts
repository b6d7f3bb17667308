import { fromJson } from '../../platform/codecs.ts'
import type { Reader } from '../../platform/database/schema.ts'
import type { StoredEvent } from '../../platform/events.ts'
import { idsMadeWith } from '../../platform/ids.ts'
import type { EventRow } from '../../platform/tables.ts'
import { messageMentioned } from '../conversation/index.ts'
import { movingNews } from '../merging/index.ts'
import { messageCreated } from '../messages/index.ts'
import { ticketAssigned, ticketCreated, ticketStatusChanged, ticketWoken } from '../tickets/index.ts'
import type { Act, Happening } from './choices.ts'

/** The news that somebody may be told of. */
export const told = [ticketCreated, messageCreated, ticketAssigned, messageMentioned, ticketStatusChanged, ticketWoken]

const toldTypes: ReadonlySet<string> = new Set(told.map(({ type }) => type))
// Messages that move were told of when they were written, and who has a ticket that goes or comes was told of that.
const movingTypes: ReadonlySet<string> = new Set(movingNews.map(({ type }) => type))

/** An act, and what decides about its mails beside the rules. */
export interface LoadedAct extends Act {
  /** Its first news: the act goes by that name, and is decided when that is delivered. */
  id: string
  actor_type: string
}

/** The act that an event is a part of; undefined where nobody is told of it, or another of its events stands for it. */
export async function actOf(db: Reader, event: StoredEvent): Promise<LoadedAct | undefined> {
  if (event.ticket_id === null) return undefined
  const rows = await eventsOfOneAct(db, event)
  if (rows.some(({ type }) => movingTypes.has(type))) return undefined
  const news = rows.filter(({ type }) => toldTypes.has(type))
  const [first] = news
  if (!first || first.id !== event.id) return undefined
  const happenings = news.map((row) => toHappening(row, news))
  return { id: first.id, actor_id: first.actor_id, actor_type: first.actor_type, happenings }
}

/** The events of a ticket that one transaction announced. They are looked up by their place among all ids: a ticket may have very many. */
async function eventsOfOneAct(db: Reader, { id, ticket_id }: StoredEvent): Promise<EventRow[]> {
  const [first, last] = idsMadeWith(id)
  // By the ids alone: with the ticket beside them a planner reads all that ever happened in it.
  const made = await db.selectFrom('events').selectAll().where('id', '>=', first).where('id', '<=', last).orderBy('id').execute()
  return made.filter((row) => row.ticket_id === ticket_id)
}

function toHappening(row: EventRow, all: readonly EventRow[]): Happening {
  const data = fromJson<Record<string, unknown>>(row.data)
  const previous = row.previous === null ? {} : fromJson<Record<string, unknown>>(row.previous)
  const about = { event_id: row.id, visibility: row.visibility }
  // The shapes of facts are those that the events declare.
  switch (row.type) {
    case ticketCreated.type: {
      const is_assigned = all.some((other) => other.type === ticketAssigned.type)
      return { ...about, what: 'raised', requester_id: String(data.requester_id), is_assigned }
    }
    case messageCreated.type:
      // Who that is stands in the message: a program, until it has been looked at.
      return { ...about, what: 'written', message_id: String(data.message_id), author_id: String(data.author_id), by: 'program' }
    case ticketAssigned.type:
      return { ...about, what: 'assigned', assignee_id: data.assignee_id as string | null }
    case messageMentioned.type:
      return { ...about, what: 'mentioned', user_id: String(data.user_id), message_id: String(data.message_id) }
    case ticketStatusChanged.type:
      return { ...about, what: 'stepped', from: previous.status_category as 'new', to: data.status_category as 'new' }
    default:
      return { ...about, what: 'woken' }
  }
}

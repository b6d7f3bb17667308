import type { Static } from 'typebox'
import type { Actor } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { type Answer, ok } from '../../platform/http/answer.ts'
import { everyone, type Route, route } from '../../platform/http/route.ts'
import { Forbidden } from '../../platform/problems.ts'
import { getVisibleTicket, TicketParams } from '../tickets/index.ts'
import { presentEvents } from './present.ts'
import { CursorExpired } from './problems.ts'
import { type EventPage, listEvents, listTicketEvents, type SeenEvents, withoutOverflow } from './queries.ts'
import { EventList, EventQuery } from './schema.ts'

const access = { roles: everyone, scope: 'events:read' }
const tag = 'Events'

/** With what is included an answer holds tickets and messages, which a key of events alone may not read. */
function requireSubjects({ scopes }: Actor, { include = [] }: Static<typeof EventQuery>): void {
  if (include.length === 0 || scopes === null || scopes.includes('*') || scopes.includes('tickets:read')) return
  throw Forbidden({ detail: `include=${include.join()} needs the scope tickets:read, too.` })
}

function pageOf({ after = 0, limit = 25, type = [] }: Static<typeof EventQuery>): EventPage {
  return { after, limit, types: type }
}

async function answerEvents(
  db: Reader,
  actor: Actor,
  { found, query }: { found: SeenEvents; query: Static<typeof EventQuery> },
): Promise<Answer> {
  const include = query.include ?? []
  const { events, next_after, has_more } = include.includes('object') ? await withoutOverflow(db, found) : found
  return ok({ object: 'list', data: await presentEvents(db, actor, events, { include }), has_more, next_after })
}

/** What happened, in order. */
export const historyRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/v1/events',
    operationId: 'listEvents',
    summary: 'Follow the log',
    description:
      'What happened on the desk, as far as you may see it, in order and without a gap. Come back with `after` = `next_after`. What happens outside tickets, such as `session.*` and `user.*`, is for admins. The log can be followed as far back as it is kept (`BECKON_EVENT_RETENTION_DAYS`): from an older position, or one that it has not reached within a second, the answer is 410 with `position`, from where to go on once all was read anew, and `oldest`, behind which the log begins.',
    tag,
    access,
    query: EventQuery,
    answers: { 200: EventList },
    problems: [CursorExpired],
    handle: async ({ actor, query, db }) => {
      requireSubjects(actor, query)
      return answerEvents(db, actor, { query, found: await listEvents(db, actor, pageOf(query)) })
    },
  }),
  route({
    method: 'GET',
    path: '/v1/tickets/:ticket/events',
    operationId: 'listTicketEvents',
    summary: 'Read the history of a ticket',
    description: 'What happened in one ticket, as far as you may see it, in order: all of it, however long ago.',
    tag,
    access,
    params: TicketParams,
    query: EventQuery,
    answers: { 200: EventList },
    handle: async ({ actor, params, query, db }) => {
      requireSubjects(actor, query)
      const ticket = await getVisibleTicket(db, actor, params.ticket)
      return answerEvents(db, actor, {
        query,
        found: await listTicketEvents(db, actor, { ticket_id: ticket.id, ...pageOf(query) }),
      })
    },
  }),
]

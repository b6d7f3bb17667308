import type { Actor } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { created, noContent, ok } from '../../platform/http/answer.ts'
import { type Cursors, toPage } from '../../platform/http/cursor.ts'
import { answerList } from '../../platform/http/list.ts'
import { CursorMismatch } from '../../platform/http/problems.ts'
import { type Route, route, staff } from '../../platform/http/route.ts'
import { Forbidden, NotFound } from '../../platform/problems.ts'
import { getVisibleTicket, type SeenTicket, TicketParams } from '../tickets/index.ts'
import { linkTickets } from './commands/link-tickets.ts'
import { unlinkTickets } from './commands/unlink-tickets.ts'
import { canLink } from './policy.ts'
import { toLink } from './present.ts'
import { HasParent, LinkCycle, LinkedOtherwise, LinkStays, TooManyLevels } from './problems.ts'
import { getLink, linksOf } from './queries.ts'
import * as shape from './schema.ts'

const read = { roles: staff, scope: 'tickets:read' }
const write = { roles: staff, scope: 'tickets:write' }
const tag = 'Links'
const path = '/v1/tickets/:ticket/links'

/** What a ticket has to do with others. */
export function linkRoutes({ cursors }: { cursors: Cursors }): Route[] {
  return [
    route({
      method: 'GET',
      path,
      operationId: 'listTicketLinks',
      summary: 'List the links of a ticket',
      description:
        'What other tickets are to this one, in the order in which the links were made: for staff, and only of tickets whose staff side you see.',
      tag,
      access: read,
      params: TicketParams,
      query: shape.LinkQuery,
      answers: { 200: shape.TicketLinkList },
      problems: [CursorMismatch],
      handle: async ({ db, actor, params, query }) => {
        const { limit = 25, cursor } = query
        const { id: ticket_id } = await linkable(db, actor, params.ticket)
        const bound = { list: 'links', ticket_id }
        const links = await linksOf(db, actor, { ticket_id, after: cursors.read(bound, cursor)?.id, limit: limit + 1 })
        const cursorAfter = ({ id }: { id: string }) => cursors.write(bound, { key: id, id })
        const called = `/v1/tickets/${encodeURIComponent(params.ticket)}/links`
        return answerList(toPage(links, { limit, toObject: toLink, cursorAfter }), { path: called, query })
      },
    }),
    route({
      method: 'POST',
      path,
      operationId: 'linkTickets',
      summary: 'Link two tickets',
      description:
        'Says what another ticket is to this one: `related`, `duplicates` or `duplicated_by`, `parent` or `child`. Both have the link from then on. A ticket has one parent, and at most ten stand one above the other, never in a circle. A link that is there is answered with 200. Closed tickets can be linked, too.',
      tag,
      access: write,
      params: TicketParams,
      body: shape.NewTicketLink,
      answers: { 200: shape.TicketLink, 201: shape.TicketLink },
      problems: [LinkedOtherwise, HasParent, LinkCycle, TooManyLevels],
      handle: ({ actor, params, body, transact }) =>
        transact(async (tx) => {
          const { link, was_there } = await linkTickets(tx, actor, { ...params, other: body.ticket_id, kind: body.kind })
          const extras = { etag: 'v1', subject: { id: link.ticket_id, view: 'staff' } }
          if (was_there) return ok(toLink(link), extras)
          return created(`/v1/tickets/${link.ticket_id}/links/${link.id}`, toLink(link), extras)
        }),
    }),
    route({
      method: 'GET',
      path: `${path}/:link`,
      operationId: 'getTicketLink',
      summary: 'Get a link',
      description: 'One link of a ticket.',
      tag,
      access: read,
      params: shape.LinkParams,
      answers: { 200: shape.TicketLink },
      problems: [NotFound],
      handle: async ({ db, actor, params }) => {
        const { id: ticket_id } = await linkable(db, actor, params.ticket)
        return ok(toLink(await getLink(db, actor, { ticket_id, link_id: params.link })), { etag: 'v1' })
      },
    }),
    route({
      method: 'DELETE',
      path: `${path}/:link`,
      operationId: 'unlinkTickets',
      summary: 'Remove a link',
      description: 'Takes a link away from both of its tickets. One that a split made stays.',
      tag,
      access: write,
      params: shape.LinkParams,
      answers: { 204: null },
      problems: [NotFound, LinkStays],
      handle: ({ actor, params, transact }) =>
        transact(async (tx) => {
          await unlinkTickets(tx, actor, params)
          return noContent()
        }),
    }),
  ]
}

async function linkable(db: Reader, actor: Actor, reference: string): Promise<SeenTicket> {
  const ticket = await getVisibleTicket(db, actor, reference)
  if (!canLink(actor, ticket)) throw Forbidden()
  return ticket
}

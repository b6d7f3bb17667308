import { created } from '../../platform/http/answer.ts'
import { type Cursors, toPage } from '../../platform/http/cursor.ts'
import { answerList } from '../../platform/http/list.ts'
import { CursorMismatch } from '../../platform/http/problems.ts'
import { type Route, route, staff } from '../../platform/http/route.ts'
import { Forbidden, VersionConflict } from '../../platform/problems.ts'
import {
  answerTicket,
  getVisibleTicket,
  Ticket,
  TicketClosed,
  TicketMerged,
  TicketParams,
  TooManyParticipants,
  TooManyTags,
  ticketEtag,
  toTicket,
} from '../tickets/index.ts'
import { mergeTicket } from './commands/merge-ticket.ts'
import { splitTicket } from './commands/split-ticket.ts'
import { unmergeTicket } from './commands/unmerge-ticket.ts'
import type { Moving } from './moving.ts'
import { canMerge } from './policy.ts'
import { toMerge } from './present.ts'
import { MergeUndoOver, NotMerged, TooManyMessages } from './problems.ts'
import { listMerges } from './queries.ts'
import * as shape from './schema.ts'

const look = { roles: staff, scope: 'tickets:read' }
const work = { roles: staff, scope: 'tickets:write' }
const tag = 'Merges'

/** Tickets that go into one another, come out again, and are split. */
export function mergeRoutes({ cursors, moving }: { cursors: Cursors; moving: Moving }): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/tickets/:ticket/merge',
      operationId: 'mergeTicket',
      summary: 'Merge a ticket into another',
      description:
        'Moves the messages of this ticket into the other one, where they stand by their times; its tags and people join there, who raised it as cc. This one is closed and keeps its number: what is written to it goes to the other one, as long as that is open and its writer sees it. Both must be open. It can be undone for 30 days.',
      tag,
      access: work,
      params: TicketParams,
      body: shape.NewMerge,
      answers: { 200: Ticket },
      problems: [VersionConflict, TicketClosed, TicketMerged, TooManyTags, TooManyParticipants, TooManyMessages],
      handle: ({ actor, params, body, if_match, transact }) =>
        transact(async (tx) =>
          answerTicket(await mergeTicket(tx, actor, { ...params, into: body.into_ticket_id, if_match, moving }), actor),
        ),
    }),
    route({
      method: 'POST',
      path: '/v1/tickets/:ticket/unmerge',
      operationId: 'unmergeTicket',
      summary: 'Undo a merge',
      description:
        'Gives this ticket back what came from it and is still in the other one, in the order that it had, and behind it what was written to it since. Everything else stays. It stands where it stood before. The other ticket may be closed by now, but not merged itself: that merge is undone first.',
      tag,
      access: work,
      params: TicketParams,
      answers: { 200: Ticket },
      problems: [VersionConflict, NotMerged, MergeUndoOver, TicketMerged, TooManyMessages],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => answerTicket(await unmergeTicket(tx, actor, { ...params, if_match, moving }), actor)),
    }),
    route({
      method: 'GET',
      path: '/v1/tickets/:ticket/merges',
      operationId: 'listTicketMerges',
      summary: 'List the merges of a ticket',
      description: 'What went into this ticket and where it went itself, newest first, and until when each can be undone.',
      tag,
      access: look,
      params: TicketParams,
      query: shape.MergeQuery,
      answers: { 200: shape.TicketMergeList },
      problems: [CursorMismatch],
      handle: async ({ db, actor, params, query }) => {
        const { limit = 25, cursor } = query
        const ticket = await getVisibleTicket(db, actor, params.ticket)
        if (!canMerge(actor, ticket)) throw Forbidden()
        const bound = { list: 'merges', ticket_id: ticket.id }
        const merges = await listMerges(db, {
          ticket_id: ticket.id,
          before: cursors.read(bound, cursor)?.id,
          limit: limit + 1,
        })
        const cursorAfter = ({ id }: { id: string }) => cursors.write(bound, { key: id, id })
        const path = `/v1/tickets/${encodeURIComponent(params.ticket)}/merges`
        return answerList(toPage(merges, { limit, toObject: toMerge, cursorAfter }), { path, query })
      },
    }),
    route({
      method: 'POST',
      path: '/v1/tickets/:ticket/split',
      operationId: 'splitTicket',
      summary: 'Split messages off into a new ticket',
      description:
        'Moves messages of an open ticket into a new one, in their order, and links the two. Only people who have seen them see them there: whoever wrote the first public one raised the new ticket, the others who wrote become its cc.',
      tag,
      access: work,
      params: TicketParams,
      body: shape.NewSplit,
      answers: { 201: Ticket },
      problems: [VersionConflict, TicketClosed, TicketMerged],
      handle: ({ actor, params, body, if_match, transact }) =>
        transact(async (tx) => {
          const { ticket, is_visible } = await splitTicket(tx, actor, { ...params, ...body, if_match, moving })
          const { id, view } = ticket
          return created(`/v1/tickets/${id}`, toTicket(ticket, actor), {
            etag: ticketEtag(ticket, view),
            ...(is_visible ? { subject: { id, view } } : {}),
          })
        }),
    }),
  ]
}

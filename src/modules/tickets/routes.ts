import type { Actor } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { type Answer, created, noContent, ok } from '../../platform/http/answer.ts'
import { toPage } from '../../platform/http/cursor.ts'
import { answerList } from '../../platform/http/list.ts'
import { admins, everyone, type Route, route, staff } from '../../platform/http/route.ts'
import { logBounds } from '../../platform/log-bounds.ts'
import type { Ground } from '../../platform/module.ts'
import { NotFound, VersionConflict } from '../../platform/problems.ts'
import type { Tx } from '../../platform/transaction.ts'
import { requireFew } from '../attachments/index.ts'
import { ExternalIdTaken } from '../directory/index.ts'
import { type Conversation, listMessages, type MessageParts, showMessages, toMessage, toText } from '../messages/index.ts'
import { Routing } from '../routing/index.ts'
import { addTags, removeTag } from './commands/change-tags.ts'
import { claimTicket, releaseTicket } from './commands/claim-ticket.ts'
import { type ChildrenOf, closeFamily } from './commands/close-family.ts'
import { closeTicket, reopenTicket } from './commands/close-ticket.ts'
import { deleteTicket } from './commands/delete-ticket.ts'
import { raiseTicket } from './commands/raise-ticket.ts'
import { routeTicket } from './commands/route-ticket.ts'
import { type TicketChanges as Changes, updateTicket } from './commands/update-ticket.ts'
import type { TicketFilters } from './filters.ts'
import { countTickets, listTickets, type Sort, sortKey } from './list-tickets.ts'
import { type SeenTicket, type ShownTicket, toTicket, toTransitions } from './present.ts'
import {
  AlreadyAssigned,
  ChildrenStayOpen,
  ClaimOnly,
  TicketClosed,
  TooManyChildren,
  TooManyTags,
  TransitionNotAllowed,
} from './problems.ts'
import { findConversation, getVisibleTicket, type TicketReference } from './queries.ts'
import { getRouting } from './routing.ts'
import * as shape from './schema.ts'
import { ticketEtag } from './ticket.ts'

const read = { roles: everyone, scope: 'tickets:read' }
const write = { roles: everyone, scope: 'tickets:write' }
const look = { roles: staff, scope: 'tickets:read' }
// The answer tells the names of rules.
const lookAtRules = { ...look, and_scope: 'routing_rules:read' }
const work = { roles: staff, scope: 'tickets:write' }
const administer = { roles: admins, scope: 'tickets:write' }
const tag = 'Tickets'

/** The whole ticket, as its reader sees it after what he did. */
export function answerTicket(ticket: SeenTicket, actor: Actor, body: object = toTicket(ticket, actor)): Answer {
  return ok(body, { etag: ticketEtag(ticket, ticket.view), subject: { id: ticket.id, view: ticket.view } })
}

/** What somebody has not read of a ticket. */
export interface Unread {
  count: number
  /** Whether it may have changed while the ticket did not. */
  has_moved: boolean
}

/** What somebody has not read of tickets that he sees, by their ids; nothing for who is no person. */
export type UnreadOf = (
  db: Reader,
  actor: Actor,
  tickets: readonly Pick<SeenTicket, 'id' | 'view' | 'version' | 'public_version'>[],
) => Promise<ReadonlyMap<string, Unread>>

/** A ticket as somebody sees it, and what he has not read of it. */
export interface TicketToRead {
  ticket: SeenTicket
  /**
   * Counts that: among the newest messages of the ticket as its side shows them, where they are at hand and go far enough. Undefined
   * for who is no person.
   */
  countUnread(newest?: Conversation): Promise<Unread | undefined>
}

/** What stands above tickets and has a part in what is done with them. */
export interface Upstairs {
  childrenOf: ChildrenOf
  unreadOf: UnreadOf
  /** As getVisibleTicket, for who is going to read the ticket. */
  getTicketToRead(db: Reader, actor: Actor, reference: TicketReference): Promise<TicketToRead>
  /** Locks a ticket together with those that a message mentions. */
  lockMentioned(tx: Tx, actor: Actor, given: { ticket: TicketReference; body: string }): Promise<void>
  /** Relates a ticket to those that a message mentions. */
  linkMentioned(tx: Tx, actor: Actor, given: { ticket: SeenTicket; body: string }): Promise<SeenTicket>
}

/** A ticket as an actor may see it, with how much of it he has not read. */
export function toListedTicket(
  ticket: ShownTicket,
  actor: Actor,
  unread: Pick<Unread, 'count'> | undefined,
): ReturnType<typeof toTicket> {
  const shown = toTicket(ticket, actor)
  if (unread) shown.unread_count = unread.count
  return shown
}

/** Where the log stands, for who asks: to be read before anything else. */
export async function positionFor(db: Reader, include: readonly string[] | undefined): Promise<{ position?: number }> {
  return include?.includes('position') ? { position: (await logBounds(db)).head } : {}
}

/** The operations on tickets. */
export function ticketRoutes({
  cursors,
  attachmentsPerMessage,
  childrenOf,
  unreadOf,
  getTicketToRead,
  lockMentioned,
  linkMentioned,
  ...stage
}: MessageParts & Upstairs & Pick<Ground, 'cursors' | 'renderer'>): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/tickets',
      operationId: 'createTicket',
      summary: 'Raise a ticket',
      description:
        'Raises a ticket with its first message. The first routing rule that matches decides, over what a requester chose and not over what staff say; without `queue_id` and a rule it goes to the default queue. Staff may raise it for somebody else by `requester`, who needs no account.',
      tag,
      access: write,
      longBody: true,
      body: shape.NewTicket,
      requesterBody: shape.NewTicketByRequester,
      answers: { 201: shape.Ticket },
      problems: [ExternalIdTaken, NotFound],
      handle: async ({ actor, body: { body, ...raised }, transact }) => {
        requireFew(raised.attachment_ids, attachmentsPerMessage)
        const text = await toText(stage.renderer, body)
        return transact(async (tx) => {
          const { is_visible, ...made } = await raiseTicket(tx, actor, { ...raised, text })
          // Nobody else can hold the new ticket yet: those that it mentions come first.
          await lockMentioned(tx, actor, { ticket: made.ticket.id, body })
          const ticket = await linkMentioned(tx, actor, { ticket: made.ticket, body })
          const subject = is_visible ? { subject: { id: ticket.id, view: ticket.view } } : {}
          return created(`/v1/tickets/${ticket.id}`, toTicket(ticket, actor), {
            etag: ticketEtag(ticket, ticket.view),
            ...subject,
          })
        })
      },
    }),
    route({
      method: 'GET',
      path: '/v1/tickets',
      operationId: 'listTickets',
      summary: 'List tickets',
      description:
        'The tickets that you may see, newest first. A comma in a filter means or; different filters are and. Filters on what requesters do not see match nothing for them.',
      tag,
      access: read,
      query: shape.TicketQuery,
      answers: { 200: shape.TicketList },
      handle: async ({ actor, query, db }) => {
        const { limit = 25, cursor, sort = '-created_at', include, ...filters } = query
        const bound = { list: 'tickets', sort, filters }
        const page = { filters: filters as TicketFilters, sort: sort as Sort, after: cursors.read(bound, cursor), limit }
        const position = await positionFor(db, include)
        const rows = await listTickets(db, actor, page)
        // To count it takes as long as to list them.
        const isCounted = include?.includes('unread_count') === true
        const unread = isCounted ? await unreadOf(db, actor, rows.slice(0, limit)) : new Map<string, Unread>()
        const list = toPage(rows, {
          limit,
          toObject: (ticket) => toListedTicket(ticket, actor, unread.get(ticket.id)),
          cursorAfter: (ticket) => cursors.write(bound, { key: sortKey(ticket, page.sort), id: ticket.id }),
        })
        const total = include?.includes('total') ? { total: await countTickets(db, actor, page.filters) } : {}
        return answerList({ ...list, ...total, ...position }, { path: '/v1/tickets', query })
      },
    }),
    route({
      method: 'GET',
      path: '/v1/tickets/:ticket',
      operationId: 'getTicket',
      summary: 'Get a ticket',
      description:
        'One ticket, by id, number or external id; with `include=messages` also its conversation, which is that of the ticket that it was merged into.',
      tag,
      access: read,
      params: shape.TicketParams,
      query: shape.OneTicketQuery,
      answers: { 200: shape.TicketWithMessages },
      handle: async ({ actor, params, query, db }) => {
        const { include, images = 'none' } = query
        const position = await positionFor(db, include)
        const { ticket, countUnread } = await getTicketToRead(db, actor, params.ticket)
        const conversation = include?.includes('messages') ? ((await findConversation(db, actor, ticket)) ?? ticket) : undefined
        const newest = conversation && (await listMessages(db, conversation, { order: 'desc', limit: 100 }))
        const unread = await countUnread(conversation === ticket ? newest : undefined)
        const messages = newest && (await showMessages(stage, db, newest.messages.toReversed(), images))
        const shown = messages ? { messages: messages.map(toMessage) } : {}
        const body = { ...toListedTicket(ticket, actor, unread), ...position, ...shown }
        // The tag is of this ticket: it tells nothing of what its reader has read since, of links that end, and of what happened elsewhere.
        const isElsewhere = messages !== undefined && (images !== 'none' || conversation !== ticket)
        const isMoving = isElsewhere || position.position !== undefined || unread?.has_moved === true
        return { ...answerTicket(ticket, actor, body), ...(isMoving ? { perishable: true } : {}) }
      },
    }),
    route({
      method: 'PATCH',
      path: '/v1/tickets/:ticket',
      operationId: 'updateTicket',
      summary: 'Change a ticket',
      description:
        'A merge patch (RFC 7396). A requester may change subject, priority, and the custom fields that are his to write, of his own. Staff give it to another requester by `requester_id`, or by `requester`, who needs no account: it goes to his organization, and the former one takes part no longer. A closed ticket does not change.',
      tag,
      access: write,
      params: shape.TicketParams,
      body: shape.TicketChanges,
      requesterBody: shape.TicketChangesByRequester,
      answers: { 200: shape.Ticket },
      problems: [VersionConflict, TransitionNotAllowed, TicketClosed, ExternalIdTaken, ClaimOnly],
      handle: ({ actor, params, body, if_match, transact }) =>
        transact(async (tx) =>
          answerTicket(await updateTicket(tx, actor, { ticket: params.ticket, changes: body as Changes, if_match }), actor),
        ),
    }),
    route({
      method: 'DELETE',
      path: '/v1/tickets/:ticket',
      operationId: 'deleteTicket',
      summary: 'Delete a ticket',
      description: 'Removes a ticket with everything that was written in it, for ever. A `ticket.deleted` event stays.',
      tag,
      access: administer,
      params: shape.TicketParams,
      answers: { 204: null },
      problems: [VersionConflict],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => {
          await deleteTicket(tx, actor, { ticket: params.ticket, if_match })
          return noContent()
        }),
    }),
    route({
      method: 'POST',
      path: '/v1/tickets/:ticket/close',
      operationId: 'closeTicket',
      summary: 'Close a ticket',
      description:
        'Closes a ticket, by way of solved, with a last public message if one is given: from every status in the standard lifecycle, in another where it has a step to a closed one, or one to a solved one and from there to a closed one. With `close_children` staff close its children, too: all that they work on and that are open, or nothing.',
      tag,
      access: write,
      params: shape.TicketParams,
      longBody: true,
      body: shape.CloseTicket,
      requesterBody: shape.CloseTicketByRequester,
      answers: { 200: shape.Ticket },
      problems: [VersionConflict, TransitionNotAllowed, ChildrenStayOpen, TooManyChildren],
      handle: async ({ actor, params, body, if_match, transact }) => {
        const text = body.message === undefined ? undefined : await toText(stage.renderer, body.message)
        const closing = { ticket: params.ticket, text, if_match }
        const said = body.message ?? ''
        return transact(async (tx) => {
          await lockMentioned(tx, actor, { ticket: params.ticket, body: said })
          const ticket = await (body.close_children === true
            ? closeFamily(tx, actor, { ...closing, childrenOf })
            : closeTicket(tx, actor, closing))
          return answerTicket(await linkMentioned(tx, actor, { ticket, body: said }), actor)
        })
      },
    }),
    route({
      method: 'POST',
      path: '/v1/tickets/:ticket/reopen',
      operationId: 'reopenTicket',
      summary: 'Reopen a solved ticket',
      description: 'Takes a solved ticket up again. A closed one stays closed: a reply to it opens a follow-up ticket.',
      tag,
      access: write,
      params: shape.TicketParams,
      answers: { 200: shape.Ticket },
      problems: [VersionConflict, TransitionNotAllowed],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => answerTicket(await reopenTicket(tx, actor, { ticket: params.ticket, if_match }), actor)),
    }),
    route({
      method: 'GET',
      path: '/v1/tickets/:ticket/transitions',
      operationId: 'listTicketTransitions',
      summary: 'List the steps of a ticket',
      description:
        'To which statuses you may bring the ticket from where it is, and what it still lacks for each. What needs nothing more also stands in its `allowed_transitions`.',
      tag,
      access: read,
      params: shape.TicketParams,
      answers: { 200: shape.TransitionList },
      handle: async ({ actor, params, db }) => {
        const ticket = await getVisibleTicket(db, actor, params.ticket)
        return ok({ object: 'list', data: toTransitions(ticket, actor), has_more: false, next_cursor: null })
      },
    }),
    route({
      method: 'POST',
      path: '/v1/tickets/:ticket/route',
      operationId: 'routeTicket',
      summary: 'Route a ticket',
      description: 'Applies the first routing rule that matches the ticket as it is. Without one nothing changes.',
      tag,
      access: work,
      params: shape.TicketParams,
      answers: { 200: shape.Ticket },
      problems: [VersionConflict, TicketClosed],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => answerTicket(await routeTicket(tx, actor, { ticket: params.ticket, if_match }), actor)),
    }),
    route({
      method: 'GET',
      path: '/v1/tickets/:ticket/routing',
      operationId: 'getTicketRouting',
      summary: 'See how a ticket would be routed',
      description: 'Which routing rule would match the ticket as it is, what would change, and why the other rules do not match.',
      tag,
      access: lookAtRules,
      params: shape.TicketParams,
      answers: { 200: Routing },
      handle: async ({ actor, params, db }) => ok(await getRouting(db, actor, params.ticket)),
    }),
    claimRoute({
      verb: 'claim',
      operationId: 'claimTicket',
      summary: 'Claim a ticket',
      description:
        'Makes you the assignee of a ticket that nobody has. One wins under any race; claiming your own again changes nothing.',
      problems: [VersionConflict, AlreadyAssigned, TicketClosed],
      act: claimTicket,
    }),
    claimRoute({
      verb: 'release',
      operationId: 'releaseTicket',
      summary: 'Release a ticket',
      description: 'Gives a ticket back to its queue.',
      problems: [VersionConflict, TicketClosed],
      act: releaseTicket,
    }),
    route({
      method: 'POST',
      path: '/v1/tickets/:ticket/tags',
      operationId: 'addTicketTags',
      summary: 'Add tags',
      description: 'Adds tags to a ticket, closed ones included. Tags that it has already are no change.',
      tag,
      access: work,
      params: shape.TicketParams,
      body: shape.NewTags,
      answers: { 200: shape.Ticket },
      problems: [VersionConflict, TooManyTags],
      handle: ({ actor, params, body, if_match, transact }) =>
        transact(async (tx) =>
          answerTicket(await addTags(tx, actor, { ticket: params.ticket, tags: body.tags, if_match }), actor),
        ),
    }),
    route({
      method: 'DELETE',
      path: '/v1/tickets/:ticket/tags/:tag',
      operationId: 'removeTicketTag',
      summary: 'Remove a tag',
      description: 'Removes a tag from a ticket. One that it has not is no change.',
      tag,
      access: work,
      params: shape.TagParams,
      answers: { 200: shape.Ticket },
      problems: [VersionConflict],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => answerTicket(await removeTag(tx, actor, { ...params, if_match }), actor)),
    }),
  ]
}

function claimRoute({
  verb,
  act,
  ...described
}: Pick<Route, 'operationId' | 'summary' | 'description'> & {
  verb: 'claim' | 'release'
  problems: NonNullable<Route['problems']>
  act: typeof claimTicket
}): Route {
  return route({
    ...described,
    method: 'POST',
    path: `/v1/tickets/:ticket/${verb}`,
    tag,
    access: work,
    params: shape.TicketParams,
    answers: { 200: shape.Ticket },
    handle: ({ actor, params, if_match, transact }) =>
      transact(async (tx) => answerTicket(await act(tx, actor, { ticket: params.ticket, if_match }), actor)),
  })
}

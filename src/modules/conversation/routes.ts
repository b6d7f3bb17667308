import { type Answer, created, ok } from '../../platform/http/answer.ts'
import { type Cursors, toPage } from '../../platform/http/cursor.ts'
import { answerList } from '../../platform/http/list.ts'
import { everyone, type Route, route } from '../../platform/http/route.ts'
import { Conflict, VersionConflict } from '../../platform/problems.ts'
import { getMessage, listMessages, Message, type SignedMessage, toMessage, toText } from '../messages/index.ts'
import { findConversation, getVisibleTicket, TicketClosed, TicketMerged, TicketParams } from '../tickets/index.ts'
import { editMessage, retractMessage } from './commands/change-message.ts'
import { postMessage } from './commands/post-message.ts'
import { EditWindowOver, MessageRetracted } from './problems.ts'
import * as shape from './schema.ts'

const read = { roles: everyone, scope: 'tickets:read' }
const write = { roles: everyone, scope: 'tickets:write' }
const tag = 'Messages'

function extrasOf(message: SignedMessage) {
  const view = message.visibility === 'internal' ? 'staff' : 'requester'
  return { etag: `v${message.version}`, subject: { id: message.ticket_id, view } }
}

function answerMessage(message: SignedMessage): Answer {
  return ok(toMessage(message), extrasOf(message))
}

const PAGE_CHARACTERS = 4_000_000

/** How many messages one page takes: the wanted number, or as many as are not too long together, at the least one. */
function fittingCount(rows: readonly SignedMessage[], limit: number): number {
  let characters = 0
  for (const [i, { body, body_html }] of rows.entries()) {
    characters += body.length + body_html.length
    if (characters > PAGE_CHARACTERS) return Math.min(limit, Math.max(1, i))
  }
  return limit
}

/** The operations on the conversation of a ticket. */
export function messageRoutes({ cursors }: { cursors: Cursors }): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/tickets/:ticket/messages',
      operationId: 'listMessages',
      summary: 'Read a conversation',
      description:
        'The messages of a ticket that you may see, oldest first. Those of a merged ticket are in the one that it was merged into, and are read there by either name; a cursor from before a merge is 400 `cursor_mismatch`.',
      tag,
      access: read,
      params: TicketParams,
      query: shape.MessageQuery,
      answers: { 200: shape.MessageList },
      handle: async ({ actor, params, query, db }) => {
        const { limit = 25, cursor, sort = 'created_at', include } = query
        const named = await getVisibleTicket(db, actor, params.ticket)
        const ticket = (await findConversation(db, actor, named)) ?? named
        const bound = { list: 'messages', ticket: ticket === named ? params.ticket : ticket.id, sort }
        const after = cursors.read(bound, cursor)
        const rows = await listMessages(db, ticket, {
          order: sort === 'created_at' ? 'asc' : 'desc',
          place: after === undefined ? undefined : Number(after.key),
          limit: limit + 1,
        })
        const list = toPage(rows, {
          limit: fittingCount(rows, limit),
          toObject: toMessage,
          cursorAfter: (message) => cursors.write(bound, { key: message.place, id: message.id }),
        })
        const total = include?.includes('total')
          ? { total: ticket.view === 'staff' ? ticket.message_count : ticket.public_message_count }
          : {}
        return answerList({ ...list, ...total }, { path: `/v1/tickets/${encodeURIComponent(params.ticket)}/messages`, query })
      },
    }),
    route({
      method: 'POST',
      path: '/v1/tickets/:ticket/messages',
      operationId: 'createMessage',
      summary: 'Reply, or write a note',
      description:
        'Posts a public reply, or as staff an internal note. A requester’s reply wakes a pending or solved ticket; to a closed one it opens a follow-up ticket, which `ticket_id` and `Location` name. What is written to a merged ticket goes to the one that it was merged into. The same `client_id` again answers 200 with the first message.',
      tag,
      access: write,
      params: TicketParams,
      body: shape.NewMessage,
      requesterBody: shape.NewMessageByRequester,
      answers: { 200: Message, 201: Message },
      problems: [VersionConflict, TicketClosed, TicketMerged, Conflict],
      handle: async ({ actor, params, body, if_match, transact }) => {
        const text = await toText(body.body)
        const { visibility = 'public', client_id } = body
        return transact(async (tx) => {
          const { message, was_there } = await postMessage(tx, actor, {
            ticket: params.ticket,
            text,
            visibility,
            client_id,
            if_match,
          })
          if (was_there) return answerMessage(message)
          return created(`/v1/tickets/${message.ticket_id}/messages/${message.id}`, toMessage(message), extrasOf(message))
        })
      },
    }),
    route({
      method: 'GET',
      path: '/v1/tickets/:ticket/messages/:message',
      operationId: 'getMessage',
      summary: 'Get a message',
      description: 'One message of a ticket, or of the one that it was merged into.',
      tag,
      access: read,
      params: shape.MessageParams,
      answers: { 200: Message },
      handle: async ({ actor, params, db }) => {
        const named = await getVisibleTicket(db, actor, params.ticket)
        const ticket = (await findConversation(db, actor, named)) ?? named
        return answerMessage(await getMessage(db, ticket, params.message))
      },
    }),
    route({
      method: 'PATCH',
      path: '/v1/tickets/:ticket/messages/:message',
      operationId: 'updateMessage',
      summary: 'Edit a message',
      description: 'Its author changes a message within the edit window. What it said before stays for staff.',
      tag,
      access: write,
      params: shape.MessageParams,
      body: shape.MessageChanges,
      answers: { 200: Message },
      problems: [VersionConflict, EditWindowOver, MessageRetracted, TicketClosed],
      handle: async ({ actor, params, body, if_match, transact }) => {
        const text = await toText(body.body)
        return transact(async (tx) => answerMessage(await editMessage(tx, actor, { ...params, text, if_match })))
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/tickets/:ticket/messages/:message',
      operationId: 'retractMessage',
      summary: 'Retract a message',
      description: 'Its author takes a message back within the edit window. An empty place with `retracted_at` stays.',
      tag,
      access: write,
      params: shape.MessageParams,
      answers: { 200: Message },
      problems: [VersionConflict, EditWindowOver, MessageRetracted, TicketClosed],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => answerMessage(await retractMessage(tx, actor, { ...params, if_match }))),
    }),
  ]
}

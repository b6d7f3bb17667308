import type { Static } from 'typebox'
import type { Reader } from '../../platform/database/schema.ts'
import { type Answer, created, ok } from '../../platform/http/answer.ts'
import { answerList } from '../../platform/http/list.ts'
import { everyone, type Route, route } from '../../platform/http/route.ts'
import type { Ground } from '../../platform/module.ts'
import { Conflict, VersionConflict } from '../../platform/problems.ts'
import {
  getMessage,
  listMessages,
  Message,
  type MessageDelivery,
  type MessageParts,
  type SignedMessage,
  showMessages,
  toMessage,
  toMessageWithQuote,
  toText,
} from '../messages/index.ts'
import {
  findConversation,
  getConversation,
  getVisibleTicket,
  TicketClosed,
  TicketMerged,
  TicketParams,
  TooManyParticipants,
} from '../tickets/index.ts'
import { changeMessage, retractMessage } from './commands/change-message.ts'
import type { PreparePost } from './posting.ts'
import { ConversationMovedOn, EditWindowOver, MessageRetracted } from './problems.ts'
import * as shape from './schema.ts'

const read = { roles: everyone, scope: 'tickets:read' }
const write = { roles: everyone, scope: 'tickets:write' }
const tag = 'Messages'

/** What goes with a message in an answer: its tag, and who may get the answer again. */
function extrasOf(message: SignedMessage) {
  const view = message.visibility === 'internal' ? 'staff' : 'requester'
  return { etag: `v${message.version}`, subject: { id: message.ticket_id, view } }
}

/** Answers a message. */
export function answerMessage(message: SignedMessage): Answer {
  return ok(toMessage(message), extrasOf(message))
}

/** To whom messages go by mail, and how far that is, by message. */
export type DeliveriesOf = (
  db: Reader,
  message_ids: readonly string[],
) => Promise<ReadonlyMap<string, Static<typeof MessageDelivery>[]>>

const idsOf = (messages: readonly { id: string }[]): string[] => messages.map(({ id }) => id)

/** The operations on the conversation of a ticket. */
export function messageRoutes({
  cursors,
  preparePost,
  deliveriesOf,
  ...stage
}: Pick<MessageParts, 'findImageLinks'> &
  Pick<Ground, 'cursors' | 'renderer'> & { preparePost: PreparePost; deliveriesOf: DeliveriesOf }): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/tickets/:ticket/messages',
      operationId: 'listMessages',
      summary: 'Read a conversation',
      description:
        'The messages of a ticket that you may see, oldest first. A page ends before it gets too long, with `has_more`. Those of a merged ticket are in the one that it was merged into, and are read there by either name; a cursor from before a merge is 400 `cursor_mismatch`.',
      tag,
      access: read,
      params: TicketParams,
      query: shape.MessageQuery,
      answers: { 200: shape.MessageList },
      handle: async ({ actor, params, query, db }) => {
        const { limit = 25, cursor, sort = 'created_at', include, images } = query
        const named = await getVisibleTicket(db, actor, params.ticket)
        const ticket = (await findConversation(db, actor, named)) ?? named
        const bound = { list: 'messages', ticket: ticket === named ? params.ticket : ticket.id, sort }
        const after = cursors.read(bound, cursor)
        const { messages, has_more } = await listMessages(db, ticket, {
          order: sort === 'created_at' ? 'asc' : 'desc',
          place: after === undefined ? undefined : Number(after.key),
          limit,
        })
        const shown = await showMessages(stage, db, messages, images)
        // Who gets mail is internal.
        const isTold = include?.includes('deliveries') === true && ticket.view === 'staff'
        const deliveries = isTold ? await deliveriesOf(db, idsOf(messages)) : undefined
        const data = shown.map((message) => ({
          ...toMessage(message),
          ...(deliveries ? { deliveries: deliveries.get(message.id) ?? [] } : {}),
        }))
        const last = messages.at(-1)
        const next_cursor = has_more && last ? cursors.write(bound, { key: last.place, id: last.id }) : null
        const total = include?.includes('total')
          ? { total: ticket.view === 'staff' ? ticket.message_count : ticket.public_message_count }
          : {}
        return answerList(
          { object: 'list', data, has_more, next_cursor, ...total },
          { path: `/v1/tickets/${encodeURIComponent(params.ticket)}/messages`, query },
        )
      },
    }),
    route({
      method: 'POST',
      path: '/v1/tickets/:ticket/messages',
      operationId: 'createMessage',
      summary: 'Reply, or write a note',
      description:
        'Posts a public reply, or as staff an internal note. An agent whom a note mentions, `@name@example.com` or `@usr_…`, follows the ticket from then on. A requester’s reply wakes a pending or solved ticket; to a closed one it opens a follow-up ticket, which `ticket_id` and `Location` name. What is written to a merged ticket goes to the one that it was merged into. The same `client_id` again answers 200 with the first message. With `draft_version` your draft goes with the message. With `expected_last_message_id` nothing is written past messages that you have not seen.',
      tag,
      access: write,
      params: TicketParams,
      body: shape.NewMessage,
      longBody: true,
      requesterBody: shape.NewMessageByRequester,
      answers: { 200: Message, 201: Message },
      problems: [VersionConflict, TicketClosed, TicketMerged, ConversationMovedOn, Conflict, TooManyParticipants],
      handle: async ({ actor, params, body, if_match, transact }) => {
        const post = await preparePost(actor, { ticket: params.ticket, body, if_match })
        return transact(async (tx) => {
          const { message, was_there } = await post(tx)
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
      query: shape.OneMessageQuery,
      answers: { 200: Message },
      handle: async ({ actor, params, query: { images = 'none', include }, db }) => {
        const ticket = await getConversation(db, actor, params.ticket)
        const message = await getMessage(db, ticket, params.message)
        if (images === 'none' && !include) return answerMessage(message)
        const [shown = message] = await showMessages(stage, db, [message], images)
        return { ...ok(include ? toMessageWithQuote(shown) : toMessage(shown), extrasOf(shown)), perishable: true }
      },
    }),
    route({
      method: 'PATCH',
      path: '/v1/tickets/:ticket/messages/:message',
      operationId: 'updateMessage',
      summary: 'Edit a message',
      description:
        'Its author changes a message within the edit window. What it said before stays for staff. With `visibility: internal` a public message is taken from the public side, for good: by its author, within the window, where he works on the ticket, or by an admin at any time.',
      tag,
      access: write,
      params: shape.MessageParams,
      body: shape.MessageChanges,
      longBody: true,
      requesterBody: shape.MessageChangesByRequester,
      answers: { 200: Message },
      problems: [VersionConflict, EditWindowOver, MessageRetracted, TicketClosed, TooManyParticipants],
      handle: async ({ actor, params, body, if_match, transact }) => {
        const text = body.body === undefined ? undefined : await toText(stage.renderer, body.body)
        return transact(async (tx) =>
          answerMessage(await changeMessage(tx, actor, { ...params, text, visibility: body.visibility, if_match })),
        )
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

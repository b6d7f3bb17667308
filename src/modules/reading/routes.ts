import type { Actor } from '../../platform/actor.ts'
import { ok } from '../../platform/http/answer.ts'
import { type Cursors, toPage } from '../../platform/http/cursor.ts'
import { answerList } from '../../platform/http/list.ts'
import { everyone, type Route, route } from '../../platform/http/route.ts'
import type { Tx } from '../../platform/transaction.ts'
import { getMessage } from '../messages/index.ts'
import { getConversation, type SeenTicket, TicketParams } from '../tickets/index.ts'
import type { Reached } from './commands/move-mark.ts'
import { toReadMark, toReceipt } from './present.ts'
import { listReading, showMarks } from './queries.ts'
import * as shape from './schema.ts'

const read = { roles: everyone, scope: 'tickets:read' }
const people = { roles: everyone, scope: null }
const tag = 'Realtime'

/** Who has read what. */
export function readingRoutes({
  cursors,
  markIn,
}: {
  cursors: Cursors
  markIn(tx: Tx, actor: Actor, reached: Reached): Promise<{ mark: shape.ReadMark; ticket: SeenTicket }>
}): Route[] {
  return [
    route({
      method: 'PUT',
      path: '/v1/tickets/:ticket/read',
      operationId: 'markTicketRead',
      summary: 'Say how far you have read',
      description:
        'Marks the conversation as read up to a message, or as delivered to you. A mark only goes forward: an older message answers 200 and changes nothing. It is no change of the ticket. In a merged ticket it goes to the one that holds the conversation. Others in the ticket can see it; of notes that you have read the public side learns nothing.',
      tag,
      access: people,
      params: TicketParams,
      body: shape.NewReadMark,
      answers: { 200: shape.ReadMark },
      handle: ({ actor, params, body: { message_id, state = 'read' }, transact }) =>
        transact(async (tx) => {
          const { mark, ticket } = await markIn(tx, actor, { ticket: params.ticket, message_id, state })
          return ok(mark, { subject: { id: ticket.id, view: ticket.view } })
        }),
    }),
    route({
      method: 'GET',
      path: '/v1/tickets/:ticket/read-marks',
      operationId: 'listReadMarks',
      summary: 'List how far everybody has read',
      description:
        'The marks of those who take part in the ticket, and of whoever else has read in it and still sees it, by their ids. Requesters see how far the public messages were read: of those who take part as far as they know them, and of who has read some.',
      tag,
      access: read,
      params: TicketParams,
      query: shape.ReadingQuery,
      answers: { 200: shape.ReadMarkList },
      handle: async ({ actor, params, query, db }) => {
        const { limit = 25, cursor } = query
        const ticket = await getConversation(db, actor, params.ticket)
        const bound = { list: 'read_marks', ticket: ticket.id }
        const page = pageOf(await listReading(db, ticket), { cursors, bound, cursor, limit })
        const shown = await showMarks(db, ticket, page.data)
        const data = page.data.map(({ user_id, name }, i) => toReadMark({ ticket_id: ticket.id, user_id, name }, shown[i]))
        return answerList({ ...page, data }, { path: `/v1/tickets/${encodeURIComponent(params.ticket)}/read-marks`, query })
      },
    }),
    route({
      method: 'GET',
      path: '/v1/tickets/:ticket/messages/:message/receipts',
      operationId: 'listReceipts',
      summary: 'List who has got and read a message',
      description:
        'What has become of a message with everybody but its author: of a public one those of `GET …/read-marks`, of a note those of them who may read it. `delivered_at` and `read_at` are the times at which their marks came to where they stand now, which may be a later message.',
      tag,
      access: read,
      params: shape.ReceiptParams,
      query: shape.ReadingQuery,
      answers: { 200: shape.ReceiptList },
      handle: async ({ actor, params, query, db }) => {
        const { limit = 25, cursor } = query
        const ticket = await getConversation(db, actor, params.ticket)
        const message = await getMessage(db, ticket, params.message)
        const isOpen = message.visibility === 'public'
        const told = (await listReading(db, ticket)).filter(
          ({ user_id, view }) => user_id !== message.author_id && (isOpen || view === 'staff'),
        )
        const bound = { list: 'receipts', message: message.id }
        const page = pageOf(told, { cursors, bound, cursor, limit })
        const path = `/v1/tickets/${encodeURIComponent(params.ticket)}/messages/${message.id}/receipts`
        return answerList({ ...page, data: page.data.map((one) => toReceipt(one, message)) }, { path, query })
      },
    }),
  ]
}

/** One page of people who were all read: there are some hundreds at most. */
function pageOf<P extends { user_id: string }>(
  all: readonly P[],
  { cursors, bound, cursor, limit }: { cursors: Cursors; bound: object; cursor: string | undefined; limit: number },
) {
  const after = cursors.read(bound, cursor)
  const rest = after ? all.filter(({ user_id }) => user_id > after.id) : all
  return toPage(rest.slice(0, limit + 1), {
    limit,
    toObject: (one) => one,
    cursorAfter: ({ user_id }) => cursors.write(bound, { key: user_id, id: user_id }),
  })
}

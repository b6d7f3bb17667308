import { toPage } from '../../platform/http/cursor.ts'
import { answerList } from '../../platform/http/list.ts'
import { admins, type Route, route, staff } from '../../platform/http/route.ts'
import type { Ground } from '../../platform/module.ts'
import { Conflict, NotFound, VersionConflict } from '../../platform/problems.ts'
import { redacted } from '../../platform/redaction.ts'
import { getMessage, listRevisions, Message, toRevision, toText } from '../messages/index.ts'
import { canWork, getConversation } from '../tickets/index.ts'
import { redactMessage } from './commands/redact-message.ts'
import { answerMessage } from './routes.ts'
import * as shape from './schema.ts'

const read = { roles: staff, scope: 'tickets:read' }
const redact = { roles: admins, scope: 'tickets:write' }
const tag = 'Messages'

/** What messages said before, and taking passages out of them for good. */
export function redactionRoutes({ cursors, renderer }: Pick<Ground, 'cursors' | 'renderer'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/tickets/:ticket/messages/:message/revisions',
      operationId: 'listMessageRevisions',
      summary: 'Read what a message said before',
      description:
        'The texts that a message had before it was edited or retracted, oldest first, for who works on the ticket; a page ends before it gets too long, with `has_more`; to whoever sees only its public side they are 404.',
      tag,
      access: read,
      params: shape.MessageParams,
      query: shape.RevisionQuery,
      answers: { 200: shape.RevisionList },
      handle: async ({ actor, params, query, db }) => {
        const { limit = 25, cursor } = query
        const ticket = await getConversation(db, actor, params.ticket)
        if (!canWork(ticket)) throw NotFound()
        const { id } = await getMessage(db, ticket, params.message)
        const bound = { list: 'revisions', id }
        const place = cursors.read(bound, cursor)
        const { revisions, has_more } = await listRevisions(db, { message_id: id, after: Number(place?.key ?? 0), limit })
        const page = toPage(revisions, {
          limit,
          has_more,
          toObject: toRevision,
          cursorAfter: (row) => cursors.write(bound, { key: row.version, id: row.id }),
        })
        return answerList(page, { path: `/v1/tickets/${encodeURIComponent(params.ticket)}/messages/${id}/revisions`, query })
      },
    }),
    route({
      method: 'POST',
      path: '/v1/tickets/:ticket/messages/:message/redact',
      operationId: 'redactMessage',
      summary: 'Redact a message',
      description:
        'Takes a passage out of a message wherever it stands in it, letter for letter, and puts `[redacted]` there: whatever its age, on closed tickets too, and of a retracted message out of what it said before. The passage goes as well from its revisions, from the names of its attachments, from search, from drafts in this ticket, from kept mails, from the subject of the ticket and of those that were merged into it, and from answers that are kept for retries. The event says who and when, never what.',
      tag,
      access: redact,
      params: shape.MessageParams,
      body: shape.Redaction,
      answers: { 200: Message },
      problems: [VersionConflict, Conflict],
      handle: async ({ actor, params, body: { passage }, if_match, db, transact }) => {
        const { body: from } = await getMessage(db, await getConversation(db, actor, params.ticket), params.message)
        const text = await toText(renderer, redacted(from, passage))
        return transact(async (tx) => answerMessage(await redactMessage(tx, actor, { ...params, passage, from, text, if_match })))
      },
    }),
  ]
}

import type { Reader } from '../../../platform/database/schema.ts'
import { created, noContent, ok } from '../../../platform/http/answer.ts'
import { CursorMismatch } from '../../../platform/http/problems.ts'
import { type Route, route, staff } from '../../../platform/http/route.ts'
import { strict } from '../../../platform/http/schemas.ts'
import type { Ground } from '../../../platform/module.ts'
import { NotFound, VersionConflict } from '../../../platform/problems.ts'
import { requireFew } from '../../attachments/index.ts'
import { Id } from '../../directory/index.ts'
import { type MessageParts, toText } from '../../messages/index.ts'
import { getVisibleTicket } from '../../tickets/index.ts'
import { copyFiles } from '../attachments.ts'
import { createMacro } from '../commands/create-macro.ts'
import { deleteMacro } from '../commands/delete-macro.ts'
import { updateMacro } from '../commands/update-macro.ts'
import { contentOf } from '../macro.ts'
import { toOneObject } from '../present.ts'
import { CannedReplyNotUsable, ShortcutTaken, TooManyCannedReplies } from '../problems.ts'
import { getVisibleMacro } from '../queries.ts'
import { renderMessage } from '../rendering.ts'
import * as shape from '../schema.ts'
import type { MacroRow } from '../tables.ts'
import { answerMacros } from './list-macros.ts'

const kind = 'canned_reply'
const read = { roles: staff, scope: 'canned_replies:read' }
const write = { roles: staff, scope: 'canned_replies:write' }
// The answer tells what stands in a ticket.
const use = { ...read, and_scope: 'tickets:read' }
const params = strict({ id: Id })
const tag = 'Canned replies'

async function shown(db: Reader, row: MacroRow) {
  return [await toOneObject(db, row), { etag: `v${row.version}` }] as const
}

/** Texts that staff keep to write them again. */
export function cannedReplyRoutes({
  cursors,
  renderer,
  attachmentsPerMessage,
}: Pick<Ground, 'cursors' | 'renderer'> & Pick<MessageParts, 'attachmentsPerMessage'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/canned-replies',
      operationId: 'listCannedReplies',
      summary: 'List canned replies',
      description:
        'Your own, those shared with a team of yours, and those of the whole staff, by name. Admins see every shared one, and those whose owner is no active agent any more. `faults` says what in one of them is no more.',
      tag,
      access: read,
      query: shape.MacroQuery,
      answers: { 200: shape.CannedReplyList },
      problems: [CursorMismatch],
      handle: ({ actor, query, db }) => answerMacros(kind, { actor, query, db, cursors }),
    }),
    route({
      method: 'POST',
      path: '/v1/canned-replies',
      operationId: 'createCannedReply',
      summary: 'Save a canned reply',
      description:
        'Keeps a text, in one language or several, for yourself, for a team of yours (admins: any team), or as an admin for the whole staff. It may stand in public messages, so it names only what requesters may see. An unknown placeholder is refused. Somebody has at most 500; an API key cannot have any.',
      tag,
      access: write,
      body: shape.NewCannedReply,
      answers: { 201: shape.CannedReply },
      problems: [TooManyCannedReplies, ShortcutTaken],
      handle: ({ actor, body: { variants, attachment_ids = [], ...head }, transact }) => {
        requireFew(attachment_ids, attachmentsPerMessage)
        return transact(async (tx) => {
          const content = { message: { visibility: 'public' as const, variants, attachment_ids }, changes: null }
          const row = await createMacro(tx, actor, { kind, head, content })
          return created(`/v1/canned-replies/${row.id}`, ...(await shown(tx.db, row)))
        })
      },
    }),
    route({
      method: 'GET',
      path: '/v1/canned-replies/:id',
      operationId: 'getCannedReply',
      summary: 'Get a canned reply',
      description: 'One canned reply. That of somebody else, which is not shared with you, is 404.',
      tag,
      access: read,
      params,
      answers: { 200: shape.CannedReply },
      problems: [NotFound],
      handle: async ({ actor, params, db }) =>
        ok(...(await shown(db, await getVisibleMacro(db, actor, { kind, id: params.id })))),
    }),
    route({
      method: 'PATCH',
      path: '/v1/canned-replies/:id',
      operationId: 'updateCannedReply',
      summary: 'Change a canned reply',
      description: 'Its owner and admins change it; an admin can also give it to another active agent by `owner_id`.',
      tag,
      access: write,
      params,
      body: shape.CannedReplyPatch,
      answers: { 200: shape.CannedReply },
      problems: [NotFound, TooManyCannedReplies, ShortcutTaken, VersionConflict],
      handle: ({ actor, params, body: { variants, attachment_ids, ...head }, if_match, transact }) => {
        requireFew(attachment_ids, attachmentsPerMessage)
        return transact(async (tx) => {
          const row = await updateMacro(tx, actor, {
            kind,
            id: params.id,
            head,
            content: ({ message, changes }) =>
              message && (variants ?? attachment_ids)
                ? {
                    changes,
                    message: {
                      ...message,
                      variants: variants ?? message.variants,
                      attachment_ids: attachment_ids ?? message.attachment_ids,
                    },
                  }
                : undefined,
            if_match,
          })
          return ok(...(await shown(tx.db, row)))
        })
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/canned-replies/:id',
      operationId: 'deleteCannedReply',
      summary: 'Delete a canned reply',
      description: 'What was written with it stays.',
      tag,
      access: write,
      params,
      answers: { 204: null },
      problems: [NotFound, VersionConflict],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => {
          await deleteMacro(tx, actor, { kind, id: params.id, if_match })
          return noContent()
        }),
    }),
    route({
      method: 'POST',
      path: '/v1/canned-replies/:id/render',
      operationId: 'renderCannedReply',
      summary: 'Fill in a canned reply',
      description:
        'The text for a ticket, in a language. Nothing is written to the ticket: what is sent in the end is your own message. Where a value is missing a mark stands in the text, and `missing` says why. Files are copied for you: `attachment_ids` are uploads of yours, for one message, and gone after a day if none names them.',
      tag,
      access: use,
      params,
      body: shape.ForTicket,
      answers: { 200: shape.RenderedReply },
      problems: [NotFound, CannedReplyNotUsable],
      handle: async ({ actor, params, body, db, transact }) => {
        const ticket = await getVisibleTicket(db, actor, body.ticket_id)
        const { message } = contentOf(await getVisibleMacro(db, actor, { kind, id: params.id }))
        if (!message) throw NotFound()
        const rendered = await renderMessage(db, actor, { ticket, message, given: body })
        const { body_html } = await toText(renderer, rendered.body)
        return transact(async (tx) => {
          const files = await copyFiles(tx, actor, { macro: { id: params.id, kind }, message })
          if ('errors' in files) throw CannedReplyNotUsable(files)
          const answer = { object: 'rendered_reply', ...rendered, body_html, ...files }
          return ok(answer, { subject: { id: ticket.id, view: ticket.view } })
        })
      },
    }),
  ]
}

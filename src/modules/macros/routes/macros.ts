import type { Reader } from '../../../platform/database/schema.ts'
import { created, noContent, ok } from '../../../platform/http/answer.ts'
import { CursorMismatch } from '../../../platform/http/problems.ts'
import { type Route, route, staff } from '../../../platform/http/route.ts'
import { strict } from '../../../platform/http/schemas.ts'
import type { Ground } from '../../../platform/module.ts'
import { Conflict, NotFound, VersionConflict } from '../../../platform/problems.ts'
import { requireFew } from '../../attachments/index.ts'
import { ConversationMovedOn } from '../../conversation/index.ts'
import { Id } from '../../directory/index.ts'
import type { MessageParts } from '../../messages/index.ts'
import {
  answerTicket,
  ClaimOnly,
  Ticket,
  TicketClosed,
  TicketMerged,
  TooManyTags,
  TransitionNotAllowed,
} from '../../tickets/index.ts'
import { applyMacro } from '../commands/apply-macro.ts'
import { createMacro } from '../commands/create-macro.ts'
import { deleteMacro } from '../commands/delete-macro.ts'
import { updateMacro } from '../commands/update-macro.ts'
import type { MessageTemplate } from '../macro.ts'
import { toOneObject } from '../present.ts'
import { tryMacro } from '../preview.ts'
import { MacroNotApplicable, PlaceholderMissing, ShortcutTaken, TooManyMacros } from '../problems.ts'
import { getVisibleMacro } from '../queries.ts'
import { rehearse } from '../rehearse.ts'
import * as shape from '../schema.ts'
import type { MacroRow } from '../tables.ts'
import { withTextFor } from '../text-for.ts'
import { answerMacros } from './list-macros.ts'

const kind = 'macro'
const read = { roles: staff, scope: 'macros:read' }
const write = { roles: staff, scope: 'macros:write' }
const look = { ...read, and_scope: 'tickets:read' }
const apply = { ...read, and_scope: 'tickets:write' }
const params = strict({ id: Id })
const tag = 'Macros'

async function shown(db: Reader, row: MacroRow) {
  return [await toOneObject(db, row), { etag: `v${row.version}` }] as const
}

function messageOf(message: shape.NewMessage): MessageTemplate {
  const { visibility = 'public', variants, attachment_ids = [] } = message
  return { visibility, variants, attachment_ids }
}

/** Messages and changes that staff keep to make them again, in one go. */
export function macroRoutes({
  cursors,
  renderer,
  attachmentsPerMessage,
  transact: rehearsing,
}: Pick<Ground, 'cursors' | 'renderer' | 'transact'> & Pick<MessageParts, 'attachmentsPerMessage'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/macros',
      operationId: 'listMacros',
      summary: 'List macros',
      description:
        'Your own, those shared with a team of yours, and those of the whole staff, by name. Admins see every shared one, and those whose owner is no active agent any more. `faults` says what in one of them is no more.',
      tag,
      access: read,
      query: shape.MacroQuery,
      answers: { 200: shape.MacroList },
      problems: [CursorMismatch],
      handle: ({ actor, query, db }) => answerMacros(kind, { actor, query, db, cursors }),
    }),
    route({
      method: 'POST',
      path: '/v1/macros',
      operationId: 'createMacro',
      summary: 'Save a macro',
      description:
        'Keeps a reply or a note, changes of a ticket, or both, for yourself, for a team of yours (admins: any team), or as an admin for the whole staff. What it names must be there; an unknown placeholder is refused, and in a public message one that requesters may not see. Somebody has at most 500; an API key cannot have any.',
      tag,
      access: write,
      body: shape.NewMacro,
      answers: { 201: shape.Macro },
      problems: [TooManyMacros, ShortcutTaken],
      handle: ({ actor, body: { message = null, changes = null, ...head }, transact }) => {
        requireFew(message?.attachment_ids, attachmentsPerMessage, '/message/attachment_ids')
        return transact(async (tx) => {
          const content = { message: message && messageOf(message), changes }
          const row = await createMacro(tx, actor, { kind, head, content })
          return created(`/v1/macros/${row.id}`, ...(await shown(tx.db, row)))
        })
      },
    }),
    route({
      method: 'GET',
      path: '/v1/macros/:id',
      operationId: 'getMacro',
      summary: 'Get a macro',
      description: 'One macro. That of somebody else, which is not shared with you, is 404.',
      tag,
      access: read,
      params,
      answers: { 200: shape.Macro },
      problems: [NotFound],
      handle: async ({ actor, params, db }) =>
        ok(...(await shown(db, await getVisibleMacro(db, actor, { kind, id: params.id })))),
    }),
    route({
      method: 'PATCH',
      path: '/v1/macros/:id',
      operationId: 'updateMacro',
      summary: 'Change a macro',
      description:
        'Its owner and admins change it; an admin can also give it to another active agent by `owner_id`. `message` and `changes` stand for themselves: what is sent takes the place of what was there, because null in `changes` means something.',
      tag,
      access: write,
      params,
      body: shape.MacroPatch,
      answers: { 200: shape.Macro },
      problems: [NotFound, TooManyMacros, ShortcutTaken, VersionConflict],
      handle: ({ actor, params, body: { message, changes, ...head }, if_match, transact }) => {
        requireFew(message?.attachment_ids, attachmentsPerMessage, '/message/attachment_ids')
        return transact(async (tx) => {
          const row = await updateMacro(tx, actor, {
            kind,
            id: params.id,
            head,
            content: (before) =>
              message === undefined && changes === undefined
                ? undefined
                : {
                    message: message === undefined ? before.message : message && messageOf(message),
                    changes: changes === undefined ? before.changes : changes,
                  },
            if_match,
          })
          return ok(...(await shown(tx.db, row)))
        })
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/macros/:id',
      operationId: 'deleteMacro',
      summary: 'Delete a macro',
      description: 'What was done with it stays.',
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
      path: '/v1/macros/:id/preview',
      operationId: 'previewMacro',
      summary: 'See what a macro would do',
      description:
        'What would be written to a ticket, what would change in it, and whether you could apply the macro now; if not, `problem` says what applying it would answer. It is applied, and undone: nothing is kept or announced. Its `attachment_ids` are the files that the macro keeps.',
      tag,
      access: look,
      params,
      body: shape.ForTicket,
      answers: { 200: shape.MacroPreview },
      problems: [NotFound, Conflict],
      handle: async ({ actor, params, body, db, transact }) => {
        const which = { macro_id: params.id, given: body }
        const preview = await withTextFor({ db, renderer }, actor, which, (text) =>
          rehearse(rehearsing, (tx) => tryMacro(tx, actor, { ...which, text })),
        )
        return transact(async () => ok(preview, { subject: { id: preview.ticket_id, view: 'staff' } }))
      },
    }),
    route({
      method: 'POST',
      path: '/v1/macros/:id/apply',
      operationId: 'applyMacro',
      summary: 'Apply a macro',
      description:
        'Writes the message and makes the changes, all or nothing, as if by hand: what you may not do to this ticket is refused in the same words. The message comes first, so the status of the macro wins over the one that follows from a message. A placeholder without a value is refused unless `values` has a text for it. The message gets copies of the files of the macro, as uploads of yours. `If-Match` takes the ETag of the ticket, and the answer is the whole ticket.',
      tag,
      access: apply,
      params,
      body: shape.AppliedToTicket,
      answers: { 200: Ticket },
      problems: [
        NotFound,
        VersionConflict,
        PlaceholderMissing,
        MacroNotApplicable,
        ConversationMovedOn,
        TransitionNotAllowed,
        TicketClosed,
        TicketMerged,
        TooManyTags,
        ClaimOnly,
        Conflict,
      ],
      handle: ({ actor, params, body, if_match, db, transact }) => {
        const { expected_last_message_id, ...given } = body
        const which = { macro_id: params.id, given }
        const known = { expected_last_message_id, if_match }
        return withTextFor({ db, renderer }, actor, which, (text) =>
          transact(async (tx) => answerTicket(await applyMacro(tx, actor, { ...which, text, ...known }), actor)),
        )
      },
    }),
  ]
}

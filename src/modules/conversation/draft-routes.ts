import type { Actor } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { type Answer, created, noContent, ok } from '../../platform/http/answer.ts'
import { type Cursors, toPage } from '../../platform/http/cursor.ts'
import { answerList } from '../../platform/http/list.ts'
import { everyone, type Route, route } from '../../platform/http/route.ts'
import { NotFound, VersionConflict } from '../../platform/problems.ts'
import { getVisibleTicket, TicketParams } from '../tickets/index.ts'
import { discardDraft } from './commands/discard-draft.ts'
import { saveDraft } from './commands/save-draft.ts'
import { draftEtag, type SeenDraft, toDraft } from './draft.ts'
import { findDraft, listDrafts } from './draft-queries.ts'
import * as shape from './draft-schema.ts'

// Drafts are for people: a program has no devices between which it would carry one, and nobody else would read it.
const own = { roles: everyone, scope: null }
const tag = 'Drafts'

function shown(draft: SeenDraft) {
  const subject = { id: draft.ticket_id, view: draft.visibility === 'internal' ? 'staff' : 'requester' }
  return [toDraft(draft), { etag: draftEtag(draft), subject }] as const
}

async function getDraft(db: Reader, actor: Actor, reference: string): Promise<SeenDraft> {
  const draft = await findDraft(db, actor, await getVisibleTicket(db, actor, reference))
  if (!draft) throw NotFound()
  return draft
}

/** What people have begun to write. */
export function draftRoutes({ cursors }: { cursors: Cursors }): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/me/drafts',
      operationId: 'listMyDrafts',
      summary: 'List your drafts',
      description:
        'What you have begun to write, in all tickets that you see, the last touched first. A page ends before it gets too long, with `has_more`. Nobody else sees your drafts.',
      tag,
      access: own,
      query: shape.DraftQuery,
      answers: { 200: shape.DraftList },
      handle: async ({ actor, query, db }): Promise<Answer> => {
        const { limit = 25, cursor } = query
        const bound = { list: 'drafts' }
        const { drafts, has_more } = await listDrafts(db, actor, { after: cursors.read(bound, cursor), limit })
        const page = toPage(drafts, {
          limit,
          has_more,
          toObject: toDraft,
          cursorAfter: ({ updated_at, ticket_id }) => cursors.write(bound, { key: updated_at, id: ticket_id }),
        })
        return answerList(page, { path: '/v1/me/drafts', query })
      },
    }),
    route({
      method: 'GET',
      path: '/v1/tickets/:ticket/draft',
      operationId: 'getDraft',
      summary: 'Get your draft',
      description:
        'What you have begun to write in this ticket; 404 where that is nothing. A draft of a note is 404 while you see only the public side. `is_stale` says that the conversation has gone on since. Nobody else sees it, admins included.',
      tag,
      access: own,
      params: TicketParams,
      answers: { 200: shape.Draft },
      handle: async ({ actor, params, db }) => ok(...shown(await getDraft(db, actor, params.ticket))),
    }),
    route({
      method: 'PUT',
      path: '/v1/tickets/:ticket/draft',
      operationId: 'saveDraft',
      summary: 'Save your draft',
      description:
        'Keeps what you have begun to write, one draft for each ticket. The first is 201. Over a draft that says something else it needs `If-Match` with its `ETag` (or `"v3"`), and is 412 without: another device of yours has written it. What is there already is 200 without a change. A draft changes nothing that others see, and nothing that they do changes it.',
      tag,
      access: own,
      params: TicketParams,
      body: shape.SavedDraft,
      longBody: true,
      requesterBody: shape.SavedDraftByRequester,
      answers: { 200: shape.Draft, 201: shape.Draft },
      problems: [VersionConflict],
      handle: ({ actor, params, body, if_match, transact }) =>
        transact(async (tx) => {
          const { visibility = 'public', attachment_ids = [], last_message_id } = body
          const given = { body: body.body, visibility, attachment_ids, last_message_id }
          const { draft, is_new } = await saveDraft(tx, actor, { ticket: params.ticket, ...given, if_match })
          return is_new ? created(`/v1/tickets/${draft.ticket_id}/draft`, ...shown(draft)) : ok(...shown(draft))
        }),
    }),
    route({
      method: 'DELETE',
      path: '/v1/tickets/:ticket/draft',
      operationId: 'discardDraft',
      summary: 'Discard your draft',
      description: 'Throws away what you have begun to write in this ticket.',
      tag,
      access: own,
      params: TicketParams,
      answers: { 204: null },
      problems: [VersionConflict],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => {
          await discardDraft(tx, actor, { ticket: params.ticket, if_match })
          return noContent()
        }),
    }),
  ]
}

import type { Static } from 'typebox'
import type { Actor } from '../../../platform/actor.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import { type Answer, created, noContent, ok } from '../../../platform/http/answer.ts'
import { type Cursors, toPage } from '../../../platform/http/cursor.ts'
import { after, answerList } from '../../../platform/http/list.ts'
import { CursorMismatch } from '../../../platform/http/problems.ts'
import { type Route, route, staff } from '../../../platform/http/route.ts'
import { strict } from '../../../platform/http/schemas.ts'
import { NotFound, VersionConflict } from '../../../platform/problems.ts'
import { Id } from '../../directory/index.ts'
import {
  countSavedTickets,
  listSavedTickets,
  positionFor,
  savedSort,
  sortKey,
  TicketList,
  toListedTicket,
  type Unread,
  type UnreadOf,
} from '../../tickets/index.ts'
import { createView } from '../commands/create-view.ts'
import { deleteView } from '../commands/delete-view.ts'
import { updateView } from '../commands/update-view.ts'
import { TooManyViews, ViewOutdated } from '../problems.ts'
import { countViews, current, getVisibleView, savedList, toView, visibleViews } from '../queries.ts'
import { NewView, View, ViewList, ViewPatch, ViewQuery, ViewTicketQuery } from '../schema.ts'
import type { ViewRow } from '../tables.ts'

const read = { roles: staff, scope: 'views:read' }
const write = { roles: staff, scope: 'views:write' }
const work = { roles: staff, scope: 'tickets:read' }
const params = strict({ id: Id })
const tag = 'Views'

interface Listing<Q> {
  actor: Actor
  db: Reader
  cursors: Cursors
  query: Q
}

function shown(row: ViewRow) {
  return [toView(row), { etag: `v${row.version}` }] as const
}

/** Work lists that people keep. */
export function viewRoutes({ cursors, unreadOf }: { cursors: Cursors; unreadOf: UnreadOf }): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/views',
      operationId: 'listViews',
      summary: 'List views',
      description:
        'Your own views and those shared with a team of yours, by `position`. Admins see every shared one, and those whose owner is no active agent any more. With `include=count` each tells how many tickets it shows you now. An API key is in no team: one of an admin sees what admins share, one of an agent sees none.',
      tag,
      access: read,
      query: ViewQuery,
      answers: { 200: ViewList },
      problems: [CursorMismatch],
      handle: ({ actor, query, db }) => answerViews({ actor, query, db, cursors }),
    }),
    route({
      method: 'POST',
      path: '/v1/views',
      operationId: 'createView',
      summary: 'Save a view',
      description:
        'Keeps filters and an order of `GET /v1/tickets` under a name, for yourself, or shared with a team of yours (admins: any team). Somebody has at most 200 views; an API key cannot have any.',
      tag,
      access: write,
      body: NewView,
      answers: { 201: View },
      problems: [TooManyViews],
      handle: ({ actor, body, transact }) =>
        transact(async (tx) => {
          const row = await createView(tx, actor, body)
          return created(`/v1/views/${row.id}`, ...shown(row))
        }),
    }),
    route({
      method: 'GET',
      path: '/v1/views/:id',
      operationId: 'getView',
      summary: 'Get a view',
      description: 'One view. That of somebody else, which is not shared with a team of yours, is 404.',
      tag,
      access: read,
      params,
      answers: { 200: View },
      problems: [NotFound],
      handle: async ({ actor, params, db }) => ok(...shown(await getVisibleView(db, actor, params.id))),
    }),
    route({
      method: 'PATCH',
      path: '/v1/views/:id',
      operationId: 'updateView',
      summary: 'Change a view',
      description:
        'A merge patch, also of `filters`: one that is null goes. The owner and admins change a view; an admin can also give it to another active agent by `owner_id`.',
      tag,
      access: write,
      params,
      body: ViewPatch,
      answers: { 200: View },
      problems: [NotFound, TooManyViews, VersionConflict],
      handle: ({ actor, params, body, if_match, transact }) =>
        transact(async (tx) => ok(...shown(await updateView(tx, actor, { view_id: params.id, changes: body, if_match })))),
    }),
    route({
      method: 'DELETE',
      path: '/v1/views/:id',
      operationId: 'deleteView',
      summary: 'Delete a view',
      description: 'Its tickets stay.',
      tag,
      access: write,
      params,
      answers: { 204: null },
      problems: [NotFound, VersionConflict],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => {
          await deleteView(tx, actor, { view_id: params.id, if_match })
          return noContent()
        }),
    }),
    route({
      method: 'GET',
      path: '/v1/views/:id/tickets',
      operationId: 'listViewTickets',
      summary: 'List the tickets of a view',
      description:
        'The tickets that match the view and that you may see, in its order; `me` is you. A queue, category or person that is gone matches nothing. Where the list itself would refuse the filters by now, it is 409 `view_outdated`, and `errors` says what is wrong. A cursor is good until the view is changed.',
      tag,
      access: work,
      params,
      query: ViewTicketQuery,
      answers: { 200: TicketList },
      problems: [NotFound, CursorMismatch, ViewOutdated],
      handle: async ({ actor, params, query, db }) =>
        answerTickets(await getVisibleView(db, actor, params.id), { actor, query, db, cursors, unreadOf }),
    }),
  ]
}

async function answerViews({ actor, query, db, cursors }: Listing<Static<typeof ViewQuery>>): Promise<Answer> {
  const { limit = 25, cursor, include = [], visibility, team_id, owner_id } = query
  const bound = { list: 'views', visibility, team_id, owner_id }
  const place = cursors.read(bound, cursor)
  const rows = visibleViews(db, actor)
    .$if(visibility !== undefined, (some) => some.where('views.visibility', '=', visibility ?? 'private'))
    .$if(team_id !== undefined, (some) => some.where('views.team_id', '=', team_id ?? ''))
    .$if(owner_id !== undefined, (some) => some.where('views.owner_id', '=', owner_id === 'me' ? actor.id : (owner_id ?? '')))
  const behind = place ? rows.where(after(place, { column: 'position', direction: 'asc' })) : rows
  const found = await behind
    .orderBy('position')
    .orderBy('id')
    .limit(limit + 1)
    .execute()
  const page = toPage(found, {
    limit,
    toObject: (row) => row,
    cursorAfter: ({ position, id }) => cursors.write(bound, { key: position, id }),
  })
  const counts = include.includes('count') ? await countViews(db, actor, page.data) : undefined
  const data = page.data.map((row) => (counts ? { ...toView(row), count: counts.get(row.id) ?? null } : toView(row)))
  const total = include.includes('total') ? { total: await countRows(rows) } : {}
  return answerList({ ...page, data, ...total }, { path: '/v1/views', query })
}

async function countRows(rows: ReturnType<typeof visibleViews>): Promise<number> {
  const row = await rows
    .clearSelect()
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  return Number(row.total)
}

async function answerTickets(
  view: ViewRow,
  { actor, query, db, cursors, unreadOf }: Listing<Static<typeof ViewTicketQuery>> & { unreadOf: UnreadOf },
): Promise<Answer> {
  const { limit = 25, cursor, include = [] } = query
  const bound = { list: 'view', id: view.id, version: view.version }
  const place = cursors.read(bound, cursor)
  const saved = savedList(view)
  const position = await positionFor(db, include)
  const rows = await current(() => listSavedTickets(db, actor, { saved, after: place, limit }))
  const isCounted = include.includes('unread_count')
  const unread = isCounted ? await unreadOf(db, actor, rows.slice(0, limit)) : new Map<string, Unread>()
  const page = toPage(rows, {
    limit,
    toObject: (ticket) => toListedTicket(ticket, actor, unread.get(ticket.id)),
    cursorAfter: (ticket) => cursors.write(bound, { key: sortKey(ticket, savedSort(saved)), id: ticket.id }),
  })
  const total = include.includes('total') ? { total: await current(() => countSavedTickets(db, actor, saved)) } : {}
  return answerList({ ...page, ...total, ...position }, { path: `/v1/views/${view.id}/tickets`, query })
}

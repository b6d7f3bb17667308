import { type RawBuilder, sql } from 'kysely'
import type { Actor } from '../../platform/actor.ts'
import { fromJson } from '../../platform/codecs.ts'
import { forUpdate, limitTo } from '../../platform/database/dialect.ts'
import { prepare } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'
import type { Place } from '../../platform/http/cursor.ts'
import { ownUploads } from '../attachments/index.ts'
import { fittingCount } from '../messages/index.ts'
import { type SeenTicket, scopeShape, scopeValues, seesAnySide, seesStaffSide } from '../tickets/index.ts'
import type { SeenDraft } from './draft.ts'
import type { DraftRow } from './tables.ts'

// A draft is for its author alone, admins included, and only as long as he sees its ticket on the side that it is for.

/** Somebody's drafts that were not discarded, with what came into their tickets since; `seesInside` says where he sees notes. */
function shownDrafts(db: Reader, author_id: string, seesInside: RawBuilder<boolean>) {
  return (
    db
      .selectFrom('drafts')
      .innerJoin('tickets', 'tickets.id', 'drafts.ticket_id')
      .leftJoin('messages as base', 'base.id', 'drafts.last_message_id')
      .select(['drafts.author_id', 'drafts.ticket_id', 'drafts.body', 'drafts.visibility', 'drafts.attachment_ids'])
      .select('drafts.attachment_count')
      .select(['drafts.created_at', 'drafts.updated_at', 'drafts.version', 'tickets.merged_into_id'])
      // What was made internal since must not be named to one who does not see it.
      .select(sql<string | null>`case when base.visibility = 'public' or ${seesInside} then base.id end`.as('last_message_id'))
      .select(
        sql<number>`(select count(*) from messages as later where later.ticket_id = drafts.ticket_id and later.place > drafts.base_place
        and later.author_id <> drafts.author_id and later.retracted_at is null
        and (later.visibility = 'public' or ${seesInside}))`.as('new_message_count'),
      )
      .where('drafts.author_id', '=', author_id)
      // MariaDB would begin with all that anybody has not discarded: the author leads to far fewer.
      .where(sql<boolean>`coalesce(drafts.discarded_at, 0) = 0`)
      .where(sql<boolean>`(drafts.visibility = 'public' or ${seesInside})`)
  )
}

type Found = Omit<SeenDraft, 'is_merged' | 'lost_attachment_ids'> & { merged_into_id: string | null }

/** An author's drafts with those of their attachments that are lost. */
async function toSeen(db: Reader, author: Pick<Actor, 'id'>, found: readonly Found[]): Promise<SeenDraft[]> {
  const named = found.map(({ attachment_count, attachment_ids }) =>
    attachment_count > 0 ? fromJson<string[]>(attachment_ids) : [],
  )
  const uploads = await ownUploads(db, author, [...new Set(named.flat())])
  const usable = new Set(uploads.filter(({ scan_state }) => scan_state !== 'infected').map(({ id }) => id))
  return found.map(({ merged_into_id, ...row }, i) => ({
    ...row,
    new_message_count: Number(row.new_message_count),
    is_merged: merged_into_id !== null,
    lost_attachment_ids: (named[i] ?? []).filter((id) => !usable.has(id)),
  }))
}

const draftIn = prepare((db, slots: { author_id: string; ticket_id: string }, shape: string) =>
  shownDrafts(db, slots.author_id, shape === 'staff' ? sql<boolean>`1 = 1` : sql<boolean>`1 = 0`).where(
    'drafts.ticket_id',
    '=',
    slots.ticket_id,
  ),
)

/** An actor's own draft in a ticket that he sees. */
export async function findDraft(
  db: Reader,
  actor: Actor,
  ticket: Pick<SeenTicket, 'id' | 'view'>,
): Promise<SeenDraft | undefined> {
  const found = await draftIn(db, { author_id: actor.id, ticket_id: ticket.id }, ticket.view)
  return (await toSeen(db, actor, found))[0]
}

type ListSlots = Readonly<Record<string, unknown>> & { me: string; at: number; ticket_id: string; limit: number }

function list(db: Reader, actor: Actor, slots: ListSlots) {
  return shownDrafts(db, slots.me, seesStaffSide(slots, actor))
    .where('tickets.deleted_at', 'is', null)
    .where(seesAnySide(slots, actor))
    .where('drafts.updated_at', '<=', slots.at)
    .where((eb) => eb.or([eb('drafts.updated_at', '<', slots.at), eb('drafts.ticket_id', '<', slots.ticket_id)]))
    .orderBy('drafts.updated_at', 'desc')
    .orderBy('drafts.ticket_id', 'desc')
    .limit(limitTo(db, slots.limit))
}

function prepareLists(actor: Actor) {
  const measured = (db: Reader, slots: ListSlots) =>
    list(db, actor, slots).clearSelect().select(sql<number>`octet_length(drafts.body)`.as('bytes'))
  return {
    measure: prepare<ListSlots, ReturnType<typeof measured>>(measured),
    read: prepare<ListSlots, ReturnType<typeof list>>((db, slots) => list(db, actor, slots)),
  }
}

// Statements per kind of actor: he is looked at through the slots only.
const lists = new Map<string, ReturnType<typeof prepareLists>>()

/**
 * An actor's own drafts in tickets that he sees, the last touched first: behind a place, at most `limit`, and no more than are not
 * too long together.
 */
export async function listDrafts(
  db: Reader,
  actor: Actor,
  { after, limit }: { after: Place | undefined; limit: number },
): Promise<{ drafts: SeenDraft[]; has_more: boolean }> {
  const shape = scopeShape(actor)
  let statements = lists.get(shape)
  if (!statements) {
    statements = prepareLists(actor)
    lists.set(shape, statements)
  }
  const place = after ? { at: Number(after.key), ticket_id: after.id } : { at: Number.MAX_SAFE_INTEGER, ticket_id: '' }
  const slots = { ...scopeValues(actor), me: actor.id, ...place }
  const lengths = await statements.measure(db, { ...slots, limit: limit + 1 })
  const count = fittingCount(lengths, limit)
  const drafts = count === 0 ? [] : await statements.read(db, { ...slots, limit: count })
  return { drafts: await toSeen(db, actor, drafts), has_more: lengths.length > count }
}

/** An actor's draft in a ticket under its lock, discarded or not, whether he sees it or not. */
export function lockDraft(
  db: Reader,
  { author_id, ticket_id }: Pick<DraftRow, 'author_id' | 'ticket_id'>,
): Promise<DraftRow | undefined> {
  const row = db.selectFrom('drafts').selectAll().where('author_id', '=', author_id).where('ticket_id', '=', ticket_id)
  return forUpdate(db, row).executeTakeFirst()
}

/** Which of some uploads stand in somebody's draft: they are needed still, though no message names them yet. */
export async function attachmentsInDrafts(db: Reader, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom('drafts').select('attachment_ids').where('attachment_count', '>', 0).execute()
  const named = new Set(rows.flatMap(({ attachment_ids }) => fromJson<string[]>(attachment_ids)))
  return new Set(ids.filter((id) => named.has(id)))
}

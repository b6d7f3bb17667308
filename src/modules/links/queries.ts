import type { Actor } from '../../platform/actor.ts'
import { limitTo } from '../../platform/database/dialect.ts'
import { prepare } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { NotFound } from '../../platform/problems.ts'
import { type ScopeSlots, scopeShape, scopeValues, seesStaffSide } from '../tickets/index.ts'
import type { LinkRow } from './tables.ts'

/** A link, with the number by which people call the ticket at its other end. */
export interface SeenLink extends LinkRow {
  ticket_number: number
}

/** The links of a ticket that an actor sees: those whose other ticket he sees on the staff side. */
function visibleLinks(db: Reader, actor: Actor, slots: ScopeSlots) {
  return db
    .selectFrom('ticket_links')
    .innerJoin('tickets', 'tickets.id', 'ticket_links.other_id')
    .selectAll('ticket_links')
    .select('tickets.number as ticket_number')
    .where('tickets.deleted_at', 'is', null)
    .where(seesStaffSide(slots, actor))
}

type Page = { ticket_id: string; after: string; limit: number }

// One statement per kind of actor: he is looked at through the slots only.
const statements = new Map<string, ReturnType<typeof preparePage>>()

function preparePage(actor: Actor) {
  return prepare<Record<string, unknown> & Page, ReturnType<typeof onePage>>((db, slots) => onePage(db, actor, slots))
}

function onePage(db: Reader, actor: Actor, slots: ScopeSlots & Page) {
  return visibleLinks(db, actor, slots)
    .where('ticket_links.ticket_id', '=', slots.ticket_id)
    .where('ticket_links.id', '>', slots.after)
    .orderBy('ticket_links.id')
    .limit(limitTo(db, slots.limit))
}

/** Links of a ticket that the actor sees on the staff side, in the order in which they were made. */
export async function linksOf(
  db: Reader,
  actor: Actor,
  { ticket_id, after = '', limit }: { ticket_id: string; after?: string | undefined; limit: number },
): Promise<SeenLink[]> {
  const shape = scopeShape(actor)
  let statement = statements.get(shape)
  if (!statement) {
    statement = preparePage(actor)
    statements.set(shape, statement)
  }
  return statement(db, { ...scopeValues(actor), ticket_id, after, limit })
}

/** One link of a ticket; hidden and missing are the same. */
export async function getLink(
  db: Reader,
  actor: Actor,
  { ticket_id, link_id }: { ticket_id: string; link_id: string },
): Promise<SeenLink> {
  const link = await visibleLinks(db, actor, scopeValues(actor))
    .where('ticket_links.ticket_id', '=', ticket_id)
    .where('ticket_links.id', '=', link_id)
    .executeTakeFirst()
  if (!link) throw NotFound()
  return link
}

/** The rows of a ticket's links with others of these, whoever sees them. */
export async function linksBetween(
  db: Reader,
  { ticket_id, other_id }: { ticket_id: string; other_id: string },
): Promise<LinkRow[]> {
  return db.selectFrom('ticket_links').selectAll().where('ticket_id', '=', ticket_id).where('other_id', '=', other_id).execute()
}

/** The ticket that another is a part of. */
export async function parentOf(db: Reader, ticket_id: string): Promise<string | undefined> {
  const parents = db.selectFrom('ticket_links').select('other_id').where('ticket_id', '=', ticket_id).where('kind', '=', 'parent')
  return (await parents.executeTakeFirst())?.other_id
}

/** The tickets that are parts of these. */
export async function childrenOf(db: Reader, ticket_ids: readonly string[]): Promise<string[]> {
  if (ticket_ids.length === 0) return []
  const children = db
    .selectFrom('ticket_links')
    .select('other_id')
    .where('ticket_id', 'in', [...ticket_ids])
    .where('kind', '=', 'child')
  return (await children.execute()).map(({ other_id }) => other_id)
}

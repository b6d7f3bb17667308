import { type RawBuilder, sql } from 'kysely'
import type { Actor } from '../../platform/actor.ts'
import { forUpdate } from '../../platform/database/dialect.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { NotFound } from '../../platform/problems.ts'
import { foldName } from './macro.ts'
import type { MacroKind, MacroRow } from './tables.ts'

/**
 * What an actor sees of a kind: his own, what is shared with a team of his or with the whole staff. Admins see all that is shared,
 * and also what people keep for themselves who are no active agents any more, so that somebody can take it over.
 */
export function visibleMacros(db: Reader, actor: Actor, kind: MacroKind) {
  const rows = db.selectFrom('macros').selectAll().where('kind', '=', kind)
  if (actor.role === 'admin')
    return rows.where(sql<boolean>`(macros.owner_id = ${actor.id} or macros.visibility != 'private' or not exists (
      select 1 from users where users.id = macros.owner_id and users.active = 1 and users.role in ('agent', 'admin')))`)
  return rows.where(sql<boolean>`(macros.visibility = 'shared' or macros.owner_id = ${actor.id} or (macros.visibility = 'team'
    and exists (select 1 from team_members where team_members.team_id = macros.team_id and team_members.user_id = ${actor.id})))`)
}

/** What a list asks for beside the page. */
interface MacroFilters {
  visibility?: MacroRow['visibility'] | undefined
  team_id?: string | undefined
  /** Somebody's id, or `me`. */
  owner_id?: string | undefined
  /** A part of the name, or the beginning of the shortcut. */
  q?: string | undefined
}

/** Those that an actor sees and that the filters of a list let through. */
export function filterMacros(db: Reader, actor: Actor, { kind, filters }: { kind: MacroKind; filters: MacroFilters }) {
  const { visibility, team_id, owner_id, q } = filters
  let rows = visibleMacros(db, actor, kind)
  if (visibility !== undefined) rows = rows.where('visibility', '=', visibility)
  if (team_id !== undefined) rows = rows.where('team_id', '=', team_id)
  if (owner_id !== undefined) rows = rows.where('owner_id', '=', owner_id === 'me' ? actor.id : owner_id)
  if (q !== undefined) rows = rows.where(isFound(foldName(q)))
  return rows
}

function isFound(wanted: string): RawBuilder<boolean> {
  const part = wanted.replace(/[!%_]/g, '!$&')
  const byName = sql<boolean>`macros.name_key like ${`%${part}%`} escape '!'`
  // MySQL compares a column of ASCII with nothing else.
  if (!/^[a-z0-9_-]+$/.test(wanted)) return byName
  return sql<boolean>`(${byName} or macros.shortcut like ${`${part}%`} escape '!')`
}

/** One that the actor sees, or 404. With `for update` its row is locked. */
export async function getVisibleMacro(
  db: Reader,
  actor: Actor,
  { kind, id }: { kind: MacroKind; id: string },
  lock?: 'for update',
): Promise<MacroRow> {
  // Only the row itself is locked, not those of its owner and its team.
  if (lock) await forUpdate(db, db.selectFrom('macros').select('id').where('id', '=', id)).executeTakeFirst()
  const row = await visibleMacros(db, actor, kind).where('macros.id', '=', id).executeTakeFirst()
  if (!row) throw NotFound()
  return row
}

/** How many of a kind somebody owns. */
export async function countMacrosOf(db: Reader, { owner_id, kind }: { owner_id: string; kind: MacroKind }): Promise<number> {
  const row = await db
    .selectFrom('macros')
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .where('owner_id', '=', owner_id)
    .where('kind', '=', kind)
    .executeTakeFirstOrThrow()
  return Number(row.total)
}

import type { Static } from 'typebox'
import { toTime } from '../../../platform/codecs.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import { NotFound } from '../../../platform/problems.ts'
import type { Team, TeamQuery } from '../schema.ts'
import type { TeamRow } from '../tables.ts'

/** Teams with their members. */
export async function toTeams(db: Reader, rows: readonly TeamRow[]): Promise<Team[]> {
  const ids = rows.map(({ id }) => id)
  const members =
    ids.length === 0
      ? []
      : await db
          .selectFrom('team_members')
          .select(['team_id', 'user_id'])
          .where('team_id', 'in', ids)
          .orderBy('team_id')
          .orderBy('user_id')
          .execute()
  const membersOf = Map.groupBy(members, ({ team_id }) => team_id)
  return rows.map((row) => ({
    id: row.id,
    object: 'team',
    name: row.name,
    member_ids: (membersOf.get(row.id) ?? []).map(({ user_id }) => user_id),
    created_at: toTime(row.created_at),
    updated_at: toTime(row.updated_at),
    version: row.version,
  }))
}

/** Those of these teams that there are. */
export async function presentTeams(db: Reader, ids: readonly string[]): Promise<Team[]> {
  return toTeams(db, await db.selectFrom('teams').selectAll().where('id', 'in', ids).execute())
}

/** The team, or 404. */
export async function getTeam(db: Reader, id: string): Promise<TeamRow> {
  const row = await db.selectFrom('teams').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row) throw NotFound()
  return row
}

/** The teams that the filters of a list let through. */
export function filterTeams(db: Reader, { member_id }: Static<typeof TeamQuery>) {
  const rows = db.selectFrom('teams').selectAll()
  if (member_id === undefined) return rows
  return rows.where('id', 'in', db.selectFrom('team_members').select('team_id').where('user_id', '=', member_id))
}

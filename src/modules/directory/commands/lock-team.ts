import { forUpdate } from '../../../platform/database/dialect.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { TeamRow } from '../tables.ts'

/** The team, which nobody else changes until the transaction ends; 404 without it, 412 when it is not as the caller read it. */
export async function lockTeam(
  tx: Tx,
  { team_id, if_match }: { team_id: string; if_match: readonly string[] | undefined },
): Promise<TeamRow> {
  const row = await forUpdate(tx.db, tx.db.selectFrom('teams').selectAll().where('id', '=', team_id)).executeTakeFirst()
  if (!row) throw NotFound()
  requireMatch(if_match, `v${row.version}`, row.version)
  return row
}

/** Writes a locked team with what changed in it, and its next version. */
export async function stampTeam(tx: Tx, row: TeamRow, changes: { name?: string } = {}): Promise<TeamRow> {
  const stamped = { ...changes, updated_at: tx.now, version: row.version + 1 }
  await tx.db.updateTable('teams').set(stamped).where('id', '=', row.id).execute()
  return { ...row, ...stamped }
}

/** Locks these teams, so that none of them goes away before the transaction ends; answers those that are not there. */
export async function missingTeams(tx: Tx, team_ids: readonly string[]): Promise<string[]> {
  if (team_ids.length === 0) return []
  const teams = tx.db.selectFrom('teams').select('id').where('id', 'in', team_ids).orderBy('id')
  const found = new Set((await forUpdate(tx.db, teams).execute()).map(({ id }) => id))
  return team_ids.filter((id) => !found.has(id))
}

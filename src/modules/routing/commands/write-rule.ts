import type { Actor } from '../../../platform/actor.ts'
import { toBool } from '../../../platform/codecs.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce, changedKeys } from '../../directory/index.ts'
import { routingRuleUpdated } from '../events.ts'
import { toRoutingRule } from '../queries.ts'
import type { RoutingRuleRow } from '../tables.ts'

type Who = Pick<Actor, 'type' | 'id'>

/** Writes what changed in a locked rule and announces it; nothing where nothing differs. */
export async function writeRule(
  tx: Tx,
  actor: Who,
  { row, next }: { row: RoutingRuleRow; next: RoutingRuleRow },
): Promise<RoutingRuleRow> {
  const changed = changedKeys(toRoutingRule(row), toRoutingRule(next))
  if (changed.length === 0) return row
  const { id, created_at: _, ...columns } = { ...next, updated_at: tx.now, version: row.version + 1 }
  await tx.db.updateTable('routing_rules').set(columns).where('id', '=', id).execute()
  const written = { ...next, ...columns }
  const data = { changed, position: written.position, enabled: toBool(written.enabled) }
  announce(tx, routingRuleUpdated, { actor, row: written, data })
  return written
}

/** Gives each of the locked rules the place at which it stands in `rows`. */
export async function placeRules(tx: Tx, actor: Who, rows: readonly RoutingRuleRow[]): Promise<void> {
  for (const [i, row] of rows.entries()) await writeRule(tx, actor, { row, next: { ...row, position: i + 1 } })
}

import { requireMatch } from '../../../platform/http/etag.ts'
import { NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { lockSettings } from '../../desk/index.ts'
import { forgetRules } from '../queries.ts'
import type { RoutingRuleRow } from '../tables.ts'

/** Every rule in order, which nobody else changes, moves or adds to until the transaction ends. */
export async function lockRules(tx: Tx): Promise<RoutingRuleRow[]> {
  await lockSettings(tx)
  tx.afterCommit(() => forgetRules(tx.db))
  return tx.db.selectFrom('routing_rules').selectAll().orderBy('position').orderBy('id').execute()
}

/** One of the locked rules; 404 without it, 412 when it is not as the caller read it. */
export function requireRule(
  rows: readonly RoutingRuleRow[],
  { rule_id, if_match }: { rule_id: string; if_match: readonly string[] | undefined },
): RoutingRuleRow {
  const row = rows.find(({ id }) => id === rule_id)
  if (!row) throw NotFound()
  requireMatch(if_match, `v${row.version}`, row.version)
  return row
}

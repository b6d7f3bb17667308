import type { Actor } from '../../../platform/actor.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce } from '../../directory/index.ts'
import { routingRuleDeleted } from '../events.ts'
import { lockRules, requireRule } from './lock-rules.ts'
import { placeRules } from './write-rule.ts'

/** Takes a rule away; those behind it move up. */
export async function deleteRule(
  tx: Tx,
  actor: Pick<Actor, 'type' | 'id'>,
  what: { rule_id: string; if_match: readonly string[] | undefined },
): Promise<void> {
  const rows = await lockRules(tx)
  const row = requireRule(rows, what)
  await tx.db.deleteFrom('routing_rules').where('id', '=', row.id).execute()
  announce(tx, routingRuleDeleted, { actor, row: { id: row.id, version: row.version + 1 }, data: {} })
  await placeRules(
    tx,
    actor,
    rows.filter(({ id }) => id !== row.id),
  )
}

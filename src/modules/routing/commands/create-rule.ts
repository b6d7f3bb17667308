import type { Static } from 'typebox'
import type { Actor } from '../../../platform/actor.ts'
import { fromBool, toJson } from '../../../platform/codecs.ts'
import { insertRow } from '../../../platform/database/prepared.ts'
import { newId } from '../../../platform/ids.ts'
import { invalidField } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce } from '../../directory/index.ts'
import { routingRuleCreated } from '../events.ts'
import { TooManyRules } from '../problems.ts'
import { inOrder } from '../queries.ts'
import type { NewRoutingRule } from '../schema.ts'
import type { RoutingRuleRow } from '../tables.ts'
import { lockRules } from './lock-rules.ts'
import { requireRuleParts, withFoldedTags } from './require-rule-parts.ts'

/** So many rules are looked at for each new ticket, and no more. */
const RULES_MAX = 200

/** Makes a rule; it stands behind all others. */
export async function createRule(
  tx: Tx,
  actor: Pick<Actor, 'type' | 'id'>,
  { name, enabled = true, conditions = {}, actions }: Static<typeof NewRoutingRule>,
): Promise<RoutingRuleRow> {
  const rows = await lockRules(tx)
  if (rows.length >= RULES_MAX) throw TooManyRules()
  requireAction(actions)
  const parts = withFoldedTags({ conditions, actions })
  await requireRuleParts(tx, parts)
  const kept = inOrder(parts)
  const row: RoutingRuleRow = {
    id: newId('rul'),
    position: rows.length + 1,
    name,
    enabled: fromBool(enabled),
    conditions: toJson(kept.conditions),
    actions: toJson(kept.actions),
    created_at: tx.now,
    updated_at: tx.now,
    version: 1,
  }
  await insertRow(tx.db, 'routing_rules', row)
  announce(tx, routingRuleCreated, { actor, row, data: { position: row.position, enabled } })
  return row
}

/** A rule that does nothing is no rule. */
export function requireAction(actions: object): void {
  if (Object.keys(actions).length === 0) throw invalidField('/actions', 'required', 'A rule does at least one thing.')
}

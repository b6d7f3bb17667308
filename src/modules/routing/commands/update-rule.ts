import type { Static } from 'typebox'
import type { Actor } from '../../../platform/actor.ts'
import { fromBool, fromJson, toBool, toJson } from '../../../platform/codecs.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { inOrder } from '../queries.ts'
import type { Actions, Conditions } from '../routing.ts'
import type { RoutingRulePatch } from '../schema.ts'
import type { RoutingRuleRow } from '../tables.ts'
import { requireAction } from './create-rule.ts'
import { lockRules, requireRule } from './lock-rules.ts'
import { requireRuleParts, withFoldedTags } from './require-rule-parts.ts'
import { placeRules, writeRule } from './write-rule.ts'

type Changes = Static<typeof RoutingRulePatch>

/** Changes a rule, or moves it, and others with it. Nothing is written or announced where nothing differs. */
export async function updateRule(
  tx: Tx,
  actor: Pick<Actor, 'type' | 'id'>,
  what: { rule_id: string; changes: Changes; if_match: readonly string[] | undefined },
): Promise<RoutingRuleRow> {
  const rows = await lockRules(tx)
  const row = requireRule(rows, what)
  const { name = row.name, enabled = toBool(row.enabled), position = row.position } = what.changes
  const parts = await partsAfter(tx, row, what.changes)
  const next = { ...row, ...parts, name, enabled: fromBool(enabled), position: Math.min(position, rows.length) }
  const written = await writeRule(tx, actor, { row, next })
  const others = rows.filter(({ id }) => id !== row.id)
  await placeRules(tx, actor, others.toSpliced(next.position - 1, 0, written))
  return written
}

/** A patch merges into conditions and actions (RFC 7396); only what it brings must be there. */
async function partsAfter(
  tx: Tx,
  row: RoutingRuleRow,
  { conditions = {}, actions = {} }: Changes,
): Promise<Pick<RoutingRuleRow, 'conditions' | 'actions'>> {
  // Without what is null these are the parts of a rule, by the schema.
  const brought = withFoldedTags({ conditions: withoutNull(conditions) as Conditions, actions: withoutNull(actions) as Actions })
  await requireRuleParts(tx, brought)
  const merged = inOrder({
    conditions: withoutNull({ ...fromJson<Conditions>(row.conditions), ...conditions, ...brought.conditions }) as Conditions,
    actions: withoutNull({ ...fromJson<Actions>(row.actions), ...actions, ...brought.actions }) as Actions,
  })
  requireAction(merged.actions)
  return { conditions: toJson(merged.conditions), actions: toJson(merged.actions) }
}

function withoutNull(given: object): object {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
}

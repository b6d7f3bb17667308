import type { Actor } from '../../../platform/actor.ts'
import { toJson } from '../../../platform/codecs.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { toRule } from '../queries.ts'
import { withTagRenamed } from '../routing.ts'
import { lockRules } from './lock-rules.ts'
import { writeRule } from './write-rule.ts'

/** Gives a tag another name in every rule that looks for it or gives it. */
export async function renameTagInRules(
  tx: Tx,
  actor: Pick<Actor, 'type' | 'id'>,
  names: { from: string; to: string },
): Promise<void> {
  for (const row of await lockRules(tx)) {
    const { conditions, actions } = withTagRenamed(toRule(row), names)
    await writeRule(tx, actor, { row, next: { ...row, conditions: toJson(conditions), actions: toJson(actions) } })
  }
}

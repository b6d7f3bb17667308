import type { Plan } from './plan.ts'
import type { Rule, Tried } from './routing.ts'
import type { Routing } from './schema.ts'

/** Which rule matches, what it would do, and how each rule came out. */
export function toRouting({
  ticket_id,
  rule,
  plan,
  trace,
}: {
  ticket_id: string | null
  rule: Rule | null
  plan: Plan | undefined
  trace: Tried[]
}): Routing {
  const { actions = {}, skipped = [] } = plan ?? {}
  return { object: 'routing', ticket_id, rule_id: rule?.id ?? null, actions, skipped, trace }
}

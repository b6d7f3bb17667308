import { searchWords } from '../../platform/search-words.ts'
import type { Priority } from '../desk/index.ts'

/** What a ticket must be for a rule to match: all that are given hold, each by any of its values. */
export interface Conditions {
  category_ids?: string[]
  organization_ids?: string[]
  channels?: string[]
  mailbox_ids?: string[]
  priorities?: Priority[]
  tags?: string[]
  subject_words?: string[]
}
type Condition = keyof Conditions

/** What a rule does with the ticket that it matches. */
export interface Actions {
  queue_id?: string
  priority?: Priority
  add_tags?: string[]
  assignee_id?: string
}

export interface Rule {
  id: string
  position: number
  name: string
  enabled: boolean
  conditions: Conditions
  actions: Actions
  version: number
}

/** What rules look at in a ticket. */
export interface Facts {
  /** Its category and all above it, itself first; empty for none. */
  category_line: readonly string[]
  organization_id: string | null
  channel: string
  mailbox_id: string | null
  priority: Priority
  /** Folded. */
  tags: readonly string[]
  subject: string
}

/** How one condition of a rule came out for a ticket. */
export interface Look {
  condition: Condition
  holds: boolean
  expected: string[]
  actual: string[]
}

/** How one rule came out: `matched` is the first whose conditions all hold. */
export interface Tried {
  rule_id: string
  name: string
  position: number
  matched: boolean
  reason: 'matched' | 'disabled' | 'conditions' | 'earlier_rule_matched'
  conditions: Look[]
}

/** The order in which conditions are told. */
export const conditionNames = [
  'category_ids',
  'organization_ids',
  'channels',
  'mailbox_ids',
  'priorities',
  'tags',
  'subject_words',
] as const satisfies readonly Condition[]

/** Which rule is the first to match, and how each came out, in order. */
export function evaluate(rules: readonly Rule[], facts: Facts): { rule: Rule | null; trace: Tried[] } {
  let rule: Rule | null = null
  const trace: Tried[] = []
  for (const one of rules) {
    const conditions = looksOf(one, facts)
    const holds = conditions.every((look) => look.holds)
    const reason = !one.enabled ? 'disabled' : !holds ? 'conditions' : rule ? 'earlier_rule_matched' : 'matched'
    if (reason === 'matched') rule = one
    trace.push({ rule_id: one.id, name: one.name, position: one.position, matched: reason === 'matched', reason, conditions })
  }
  return { rule, trace }
}

/** The first rule that matches; as `evaluate`, without a trace. */
export function firstMatch(rules: readonly Rule[], facts: Facts): Rule | null {
  return rules.find((rule) => rule.enabled && looksOf(rule, facts).every(({ holds }) => holds)) ?? null
}

function looksOf({ conditions }: Rule, facts: Facts): Look[] {
  const looks: Look[] = []
  for (const condition of conditionNames) {
    const expected = conditions[condition]
    if (expected === undefined) continue
    const actual = actualOf(condition, facts)
    const holds =
      condition === 'subject_words'
        ? expected.some((entry) => hasPhrase(actual, searchWords(entry)))
        : expected.some((value) => actual.includes(value))
    looks.push({ condition, holds, expected, actual })
  }
  return looks
}

function actualOf(condition: Condition, facts: Facts): string[] {
  switch (condition) {
    case 'category_ids':
      return [...facts.category_line]
    case 'organization_ids':
      return facts.organization_id === null ? [] : [facts.organization_id]
    case 'channels':
      return [facts.channel]
    case 'mailbox_ids':
      return facts.mailbox_id === null ? [] : [facts.mailbox_id]
    case 'priorities':
      return [facts.priority]
    case 'tags':
      return [...facts.tags]
    case 'subject_words':
      return searchWords(facts.subject)
  }
}

/** Whether these words stand side by side in a text; no words stand nowhere. */
function hasPhrase(text: readonly string[], phrase: readonly string[]): boolean {
  if (phrase.length === 0) return false
  return text.some((_, start) => phrase.every((word, i) => text[start + i] === word))
}

/** Whether a rule names this object, in what it looks at or in what it does. */
export function names({ conditions, actions }: Rule, id: string): boolean {
  const { category_ids = [], organization_ids = [] } = conditions
  return category_ids.includes(id) || organization_ids.includes(id) || actions.queue_id === id
}

/** The rule's conditions and actions with another name for a tag. */
export function withTagRenamed(
  { conditions, actions }: Pick<Rule, 'conditions' | 'actions'>,
  { from, to }: { from: string; to: string },
): Pick<Rule, 'conditions' | 'actions'> {
  const renamed = (tags: readonly string[]) => [...new Set(tags.map((tag) => (tag === from ? to : tag)))].sort()
  return {
    conditions: conditions.tags ? { ...conditions, tags: renamed(conditions.tags) } : conditions,
    actions: actions.add_tags ? { ...actions, add_tags: renamed(actions.add_tags) } : actions,
  }
}

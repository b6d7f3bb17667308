import { sql } from 'kysely'
import { fromJson, toBool, toTime } from '../../platform/codecs.ts'
import { forShare } from '../../platform/database/dialect.ts'
import { keep } from '../../platform/database/kept.ts'
import { prepare } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { NotFound } from '../../platform/problems.ts'
import { type Actions, type Conditions, conditionNames, names, type Rule } from './routing.ts'
import type { RoutingRule } from './schema.ts'
import type { RoutingRuleRow } from './tables.ts'

export function toRule({ id, position, name, enabled, conditions, actions, version }: RoutingRuleRow): Rule {
  return {
    id,
    position,
    name,
    enabled: toBool(enabled),
    conditions: fromJson<Conditions>(conditions),
    actions: fromJson<Actions>(actions),
    version,
  }
}

export function toRoutingRule(row: RoutingRuleRow): RoutingRule {
  const { id, name, position, enabled, conditions, actions, version } = toRule(row)
  return {
    id,
    object: 'routing_rule',
    name,
    position,
    enabled,
    conditions,
    actions,
    created_at: toTime(row.created_at),
    updated_at: toTime(row.updated_at),
    version,
  }
}

const allRules = prepare((db, _: object) => db.selectFrom('routing_rules').selectAll().orderBy('position').orderBy('id'))
const oneRule = prepare((db, { id }: { id: string }, shape) => {
  const query = db.selectFrom('routing_rules').selectAll().where('id', '=', id)
  return shape === '' ? query : forShare(db, query)
})

/** Every rule, in order. */
export async function listRules(db: Reader): Promise<Rule[]> {
  return (await allRules(db, {})).map(toRule)
}

const kept = keep((db) => listRules(db))

/** Every rule, in order, as of at most half a second ago: for what is done with every ticket. */
export function recentRules(db: Reader): Promise<Rule[]> {
  return kept.get(db)
}

/** Makes this process read the rules again. */
export function forgetRules(db: Reader): void {
  kept.forget(db)
}

/** A rule. With `for share` it stays as it is until the transaction ends. */
export async function findRule(db: Reader, id: string, lock?: 'for share'): Promise<RoutingRuleRow | undefined> {
  return (await oneRule(db, { id }, lock))[0]
}

/** The rule, or 404. */
export async function getRule(db: Reader, id: string): Promise<RoutingRuleRow> {
  const row = await findRule(db, id)
  if (!row) throw NotFound()
  return row
}

/** The rules behind a place, one more than `limit`. */
export async function pageOfRules(
  db: Reader,
  { after, limit }: { after: { key: string | number; id: string } | undefined; limit: number },
): Promise<RoutingRuleRow[]> {
  return db
    .selectFrom('routing_rules')
    .selectAll()
    .where('position', '>', after === undefined ? 0 : Number(after.key))
    .orderBy('position')
    .orderBy('id')
    .limit(limit + 1)
    .execute()
}

export async function countRules(db: Reader): Promise<number> {
  const { total } = await db.selectFrom('routing_rules').select(sql<number>`count(*)`.as('total')).executeTakeFirstOrThrow()
  return Number(total)
}

/** Whether a rule names this queue, category or organization. */
export async function isNamedByRules(db: Reader, id: string): Promise<boolean> {
  return (await listRules(db)).some((rule) => names(rule, id))
}

/** Whether a rule looks for this tag or gives it. */
export async function isTagInRules(db: Reader, tag: string): Promise<boolean> {
  return (await listRules(db)).some(({ conditions, actions }) =>
    [...(conditions.tags ?? []), ...(actions.add_tags ?? [])].includes(tag),
  )
}

/** Conditions or actions in the order in which they are told, so that the same ones are the same text. */
export function inOrder({ conditions, actions }: Pick<Rule, 'conditions' | 'actions'>): Pick<Rule, 'conditions' | 'actions'> {
  const { queue_id, priority, add_tags, assignee_id } = actions
  return {
    conditions: Object.fromEntries(
      conditionNames.flatMap((name) => (conditions[name] === undefined ? [] : [[name, conditions[name]]])),
    ),
    // JSON leaves out what is undefined.
    actions: JSON.parse(JSON.stringify({ queue_id, priority, add_tags, assignee_id })),
  }
}

/** Those of these rules that there are. */
export async function presentRules(db: Reader, ids: readonly string[]): Promise<RoutingRule[]> {
  return (await db.selectFrom('routing_rules').selectAll().where('id', 'in', ids).execute()).map(toRoutingRule)
}

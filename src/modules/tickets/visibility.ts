import { type RawBuilder, sql } from 'kysely'
import type { Actor } from '../../platform/actor.ts'
import type { TicketRow } from './tables.ts'
import type { View } from './ticket.ts'

// Who may see which ticket, and on which side: said once, compiled to SQL and to a plain check. Every get, list, count, search,
// stream, export, attachment and mail starts from here.

/** What a rule looks at. */
export interface ScopeFacts extends Pick<TicketRow, 'requester_id' | 'organization_id' | 'assignee_id' | 'queue_id'> {
  participants: readonly { user_id: string; role: 'cc' | 'follower' }[]
}

/** The actor as places in a statement: what the values of `scopeValues` are bound to. */
export type ScopeSlots = Readonly<Record<string, unknown>>

interface Rule {
  /** The condition on a row of `tickets`. */
  where(slots: ScopeSlots, actor: Actor): RawBuilder<boolean>
  /** The same condition as an index can begin with it, where that is said differently. */
  from?(slots: ScopeSlots, actor: Actor): RawBuilder<boolean>
  /** It begins with the ids of a few tickets, whatever else they must be. */
  isOfFew?: true
  /** The same condition on facts. */
  holds(facts: ScopeFacts, actor: Actor): boolean
}

const everything: Rule = {
  where: () => sql<boolean>`1 = 1`,
  holds: () => true,
}
const inMyQueues: Rule = {
  where: (slots, actor) => {
    if (actor.queue_ids.length === 0) return sql<boolean>`1 = 0`
    return sql<boolean>`tickets.queue_id in (${sql.join(queueNames(actor).map((name) => slots[name]))})`
  },
  holds: (facts, actor) => actor.queue_ids.includes(facts.queue_id),
}
const assignedToMe: Rule = {
  where: (slots) => sql<boolean>`tickets.assignee_id = ${slots.me}`,
  holds: (facts, actor) => facts.assignee_id === actor.id,
}
const followedByMe: Rule = {
  where: (slots) =>
    sql<boolean>`exists (select 1 from ticket_participants where ticket_id = tickets.id and user_id = ${slots.me} and role = 'follower')`,
  from: (slots) =>
    sql<boolean>`tickets.id in (select ticket_id from ticket_participants where user_id = ${slots.me} and role = 'follower')`,
  isOfFew: true,
  holds: (facts, actor) => facts.participants.some(({ user_id, role }) => user_id === actor.id && role === 'follower'),
}
const raisedByMe: Rule = {
  where: (slots) => sql<boolean>`tickets.requester_id = ${slots.me}`,
  holds: (facts, actor) => facts.requester_id === actor.id,
}
const takenPartInByMe: Rule = {
  where: (slots) =>
    sql<boolean>`tickets.id in (select ticket_id from ticket_participants where user_id = ${slots.me} and role = 'cc')`,
  holds: (facts, actor) => facts.participants.some(({ user_id, role }) => user_id === actor.id && role === 'cc'),
}
const ofMyOrganization: Rule = {
  where: (slots) => sql<boolean>`tickets.organization_id = ${slots.organization}`,
  holds: (facts, actor) => facts.organization_id !== null && facts.organization_id === actor.managed_organization_id,
}

/** The rules by which an actor sees both sides of a ticket; any one is enough. */
function staffRules(actor: Actor): readonly Rule[] {
  if (actor.role === 'admin') return [everything]
  if (actor.role === 'agent') return actor.type === 'user' ? [inMyQueues, assignedToMe, followedByMe] : [inMyQueues]
  return []
}

/** The rules by which an actor sees the public side; any one is enough. */
function publicRules(actor: Actor): readonly Rule[] {
  if (actor.type !== 'user' || actor.role === 'admin') return []
  return actor.managed_organization_id === null ? [raisedByMe, takenPartInByMe] : [raisedByMe, takenPartInByMe, ofMyOrganization]
}

/** What a statement's text depends on in an actor, and the values that its slots for the actor are bound to. */
interface Scope {
  shape: string
  values: Readonly<Record<string, unknown>>
}

// An actor does not change once he is loaded, and asks again and again.
const scopes = new WeakMap<Actor, Scope>()

function scopeOf(actor: Actor): Scope {
  let scope = scopes.get(actor)
  if (!scope) {
    scope = { shape: shapeOfActor(actor), values: valuesOfActor(actor) }
    scopes.set(actor, scope)
  }
  return scope
}

/** What a statement's text depends on in an actor. */
export function scopeShape(actor: Actor): string {
  return scopeOf(actor).shape
}

/** The values that a statement's slots for the actor are bound to. */
export function scopeValues(actor: Actor): Readonly<Record<string, unknown>> {
  return scopeOf(actor).values
}

function shapeOfActor(actor: Actor): string {
  const manages = actor.managed_organization_id === null ? '' : '+'
  return `${actor.type}:${actor.role}:${actor.role === 'agent' ? queueNames(actor).length : 0}${manages}`
}

function valuesOfActor(actor: Actor): Record<string, unknown> {
  const values: Record<string, unknown> = { me: actor.id, organization: actor.managed_organization_id ?? '' }
  if (actor.role === 'agent')
    for (const [i, name] of queueNames(actor).entries()) values[name] = actor.queue_ids[Math.min(i, actor.queue_ids.length - 1)]
  return values
}

/** As many places as the next power of two, the last queue repeated: so statements have few shapes. */
function queueNames(actor: Actor): string[] {
  const count = actor.queue_ids.length
  if (count === 0) return []
  return Array.from({ length: 2 ** Math.ceil(Math.log2(count)) }, (_, i) => `queue_${i}`)
}

function any(rules: readonly Rule[], slots: ScopeSlots, actor: Actor): RawBuilder<boolean> {
  if (rules.length === 0) return sql<boolean>`1 = 0`
  return sql<boolean>`(${sql.join(
    rules.map((rule) => rule.where(slots, actor)),
    sql` or `,
  )})`
}

/** The condition under which an actor sees both sides. */
export function seesStaffSide(slots: ScopeSlots, actor: Actor): RawBuilder<boolean> {
  return any(staffRules(actor), slots, actor)
}

/** The condition under which an actor sees at least the public side. */
export function seesAnySide(slots: ScopeSlots, actor: Actor): RawBuilder<boolean> {
  return any([...staffRules(actor), ...publicRules(actor)], slots, actor)
}

/** One part of a list: tickets that an actor sees on one side, and a condition that one index can carry. */
export interface Arm {
  view: View
  where: RawBuilder<boolean>
}

/**
 * The tickets that an actor sees, as parts whose union is everything. Parts of the public side may overlap each other, never
 * the staff side.
 */
export function visibleArms(slots: ScopeSlots, actor: Actor): Arm[] {
  const arms: Arm[] = []
  const staff = staffRules(actor)
  // A column that is null makes its rule null, and `not null` is no row: hence the coalesce.
  if (staff.length > 0) arms.push({ view: 'staff', where: any(staff, slots, actor) })
  for (const rule of publicRules(actor)) {
    const where = rule.where(slots, actor)
    arms.push({
      view: 'requester',
      where: staff.length === 0 ? where : sql<boolean>`(${where} and not coalesce(${any(staff, slots, actor)}, 0))`,
    })
  }
  return arms
}

/**
 * The tickets that an actor sees, as parts that have none in common, so that they can be counted one by one: each begins with
 * one rule, which an index carries, and leaves out what an earlier rule shows.
 */
export function disjointArms(slots: ScopeSlots, actor: Actor): (Arm & { isOfFew: boolean })[] {
  const staff = staffRules(actor)
  const rules = [...staff, ...publicRules(actor)]
  return rules.map((rule, i) => {
    const where = (rule.from ?? rule.where)(slots, actor)
    const earlier = rules.slice(0, i)
    return {
      view: i < staff.length ? ('staff' as const) : ('requester' as const),
      isOfFew: rule.isOfFew === true,
      where: i === 0 ? where : sql<boolean>`(${where} and not coalesce(${any(earlier, slots, actor)}, 0))`,
    }
  })
}

/** The side on which an actor sees a ticket; null when he does not. The same rules as in SQL, on facts. */
export function viewOf(facts: ScopeFacts, actor: Actor): View | null {
  if (staffRules(actor).some((rule) => rule.holds(facts, actor))) return 'staff'
  return publicRules(actor).some((rule) => rule.holds(facts, actor)) ? 'requester' : null
}

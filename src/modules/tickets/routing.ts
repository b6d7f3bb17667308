import type { Static } from 'typebox'
import { type Actor, isStaff, systemActor } from '../../platform/actor.ts'
import { fromJson } from '../../platform/codecs.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { type News, news } from '../../platform/events.ts'
import { Forbidden } from '../../platform/problems.ts'
import type { Tx } from '../../platform/transaction.ts'
import { categoryLine, type QueueRow } from '../desk/index.ts'
import { mailboxOfTicket } from '../mail/index.ts'
import {
  evaluate,
  type Facts,
  findRule,
  firstMatch,
  listRules,
  type Plan,
  planActions,
  type Routing,
  type Rule,
  recentRules,
  toRouting,
  toRule,
} from '../routing/index.ts'
import { ticketAssigned, ticketRouted } from './events.ts'
import { canWork } from './policy.ts'
import { getVisibleTicket, type TicketReference } from './queries.ts'
import { requireQueue } from './references.ts'
import type { TicketRow } from './tables.ts'
import { priorityRank, toPriority } from './ticket.ts'

// Where the rules of routing meet tickets: what they look at, and what is done of what they say.

type Routed = Pick<TicketRow, 'subject' | 'category_id' | 'organization_id' | 'priority' | 'channel'> & {
  tags: readonly string[]
  /** The mailbox that it came by; null where it came another way. */
  mailbox_id: string | null
}

const TAGS_MAX = 50

/** What the rules look at in a ticket. */
export async function routingFacts(db: Reader, ticket: Routed, rules: readonly Rule[]): Promise<Facts> {
  const { subject, category_id, organization_id, priority, channel, tags, mailbox_id } = ticket
  // The tree is read only for rules that ask for it.
  const asksForCategory = rules.some(({ conditions }) => conditions.category_ids !== undefined)
  return {
    subject,
    category_line: asksForCategory ? await categoryLine(db, category_id) : [],
    organization_id,
    priority: toPriority(priority),
    channel,
    tags,
    mailbox_id,
  }
}

/** A ticket that there is, as the rules look at it. */
export async function routed(db: Reader, ticket: TicketRow): Promise<Routed> {
  const mailbox_id = ticket.channel === 'mail' ? await mailboxOfTicket(db, ticket.id) : null
  return { ...ticket, tags: fromJson<string[]>(ticket.tags), mailbox_id }
}

/** What of a rule would change in a ticket that there is. */
export async function planFor(db: Reader, ticket: TicketRow, rule: Rule, lock?: 'for share'): Promise<Plan> {
  const { actions, skipped } = await planActions(db, rule.actions, lock)
  const present = fromJson<string[]>(ticket.tags)
  const plan: Plan = { actions: {}, skipped }
  if (actions.queue_id !== undefined && actions.queue_id !== ticket.queue_id) plan.actions.queue_id = actions.queue_id
  if (actions.priority !== undefined && priorityRank(actions.priority) !== ticket.priority)
    plan.actions.priority = actions.priority
  if (actions.assignee_id !== undefined && actions.assignee_id !== ticket.assignee_id)
    plan.actions.assignee_id = actions.assignee_id
  planTags(plan, { present, wanted: actions.add_tags })
  return plan
}

function planTags(plan: Plan, { present, wanted = [] }: { present: readonly string[]; wanted?: readonly string[] | undefined }) {
  const added = wanted.filter((tag) => !present.includes(tag))
  if (added.length === 0) return
  if (present.length + added.length > TAGS_MAX) plan.skipped.push({ action: 'add_tags', reason: 'too_many_tags' })
  else plan.actions.add_tags = added
}

/** What was routed, as it is announced: for staff alone. */
export function routedNews(rule: Rule, { actions, skipped }: Plan): News {
  const applied = (['queue_id', 'priority', 'add_tags', 'assignee_id'] as const).filter((action) => actions[action] !== undefined)
  return news(ticketRouted, { visibility: 'internal', data: { rule_id: rule.id, applied, skipped: [...skipped] } })
}

/** Which rule would match a ticket as it is, what would change, and how each rule came out; for who sees its staff side. */
export async function getRouting(db: Reader, actor: Actor, reference: TicketReference): Promise<Static<typeof Routing>> {
  const ticket = await getVisibleTicket(db, actor, reference)
  if (!canWork(ticket)) throw Forbidden()
  const rules = await listRules(db)
  const facts = await routingFacts(db, await routed(db, ticket), rules)
  const { rule, trace } = evaluate(rules, facts)
  return toRouting({ ticket_id: ticket.id, rule, plan: rule ? await planFor(db, ticket, rule) : undefined, trace })
}

/** A ticket that is about to be raised, as its raiser wants it. */
export interface Wanted extends Omit<Routed, 'mailbox_id'> {
  queue: QueueRow
  tags: string[]
}

/** What a raiser said himself, beside what was filled in for him. */
export interface Said {
  queue_id?: string | undefined
  priority?: string | undefined
}

/**
 * Routes a ticket that is about to be raised, in its transaction. What staff said wins; what a requester said is a wish. The rule
 * stays as it is until the transaction ends, so that one that was changed or deleted is not applied any more.
 */
export async function routeNewTicket<W extends Wanted>(
  tx: Tx,
  actor: Actor,
  { wanted, said, mailbox_id }: { wanted: W; said: Said; mailbox_id: string | null },
): Promise<W & { assignee_id: string | null; routed: News[] }> {
  const recent = await recentRules(tx.db)
  if (recent.length === 0) return { ...wanted, assignee_id: null, routed: [] }
  const rule = await matchFor(tx, { ...wanted, mailbox_id }, recent)
  if (!rule) return { ...wanted, assignee_id: null, routed: [] }
  const plan = planForNew(await planActions(tx.db, rule.actions, 'for share'), { wanted, said: isStaff(actor) ? said : {} })
  const { queue_id = wanted.queue.id, priority, add_tags = [], assignee_id = null } = plan.actions
  const routed: News[] = []
  if (assignee_id !== null)
    routed.push(
      news(ticketAssigned, {
        visibility: 'internal',
        data: { assignee_id, reason: 'assigned' },
        previous: { assignee_id: null },
      }),
    )
  routed.push(routedNews(rule, plan))
  return {
    ...wanted,
    queue: queue_id === wanted.queue.id ? wanted.queue : await requireQueue(tx, queue_id),
    priority: priority === undefined ? wanted.priority : priorityRank(priority),
    tags: [...wanted.tags, ...add_tags].sort(),
    assignee_id,
    // Beckon did it, whoever raised the ticket.
    routed: routed.map((one) => ({ ...one, actor: systemActor })),
  }
}

async function matchFor(tx: Tx, wanted: Routed, recent: readonly Rule[]): Promise<Rule | null> {
  for (let rules = recent; ; rules = await listRules(tx.db)) {
    const rule = firstMatch(rules, await routingFacts(tx.db, wanted, rules))
    if (!rule) return null
    const now = await findRule(tx.db, rule.id, 'for share')
    if (now && now.version === rule.version) return toRule(now)
  }
}

function planForNew({ actions, skipped }: Plan, { wanted, said }: { wanted: Wanted; said: Said }): Plan {
  const { add_tags, ...fields } = actions
  const plan: Plan = { actions: fields, skipped: [...skipped] }
  for (const action of ['queue_id', 'priority'] as const) {
    if (fields[action] === undefined || said[action] === undefined) continue
    delete plan.actions[action]
    plan.skipped.push({ action, reason: 'set_by_staff' })
  }
  planTags(plan, { present: wanted.tags, wanted: add_tags })
  return plan
}

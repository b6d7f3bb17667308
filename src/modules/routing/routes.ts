import type { Static } from 'typebox'
import type { Reader } from '../../platform/database/schema.ts'
import { created, noContent, ok } from '../../platform/http/answer.ts'
import { type Cursors, toPage } from '../../platform/http/cursor.ts'
import { answerList } from '../../platform/http/list.ts'
import { CursorMismatch } from '../../platform/http/problems.ts'
import { admins, type Route, route, staff } from '../../platform/http/route.ts'
import { strict } from '../../platform/http/schemas.ts'
import { invalidField, NotFound, VersionConflict } from '../../platform/problems.ts'
import { categoryLine, findCategory, foldTags } from '../desk/index.ts'
import { findOrganization, Id } from '../directory/index.ts'
import { createRule } from './commands/create-rule.ts'
import { deleteRule } from './commands/delete-rule.ts'
import { updateRule } from './commands/update-rule.ts'
import { planActions } from './plan.ts'
import { toRouting } from './present.ts'
import { TooManyRules } from './problems.ts'
import { countRules, getRule, listRules, pageOfRules, toRoutingRule } from './queries.ts'
import { evaluate } from './routing.ts'
import {
  DraftTicket,
  NewRoutingRule,
  Routing,
  RoutingRule,
  RoutingRuleList,
  RoutingRulePatch,
  RoutingRuleQuery,
} from './schema.ts'
import type { RoutingRuleRow } from './tables.ts'

/** Where tickets go by themselves: staff look at the rules, admins keep them. */
export function routingRoutes({ cursors }: { cursors: Cursors }): Route[] {
  const read = { roles: staff, scope: 'routing_rules:read' }
  const preview = { roles: admins, scope: 'routing_rules:read' }
  const write = { roles: admins, scope: 'routing_rules:write' }
  const params = strict({ id: Id })
  const tag = 'Routing'
  const path = '/v1/routing-rules'
  const shown = (row: RoutingRuleRow) => [toRoutingRule(row), { etag: `v${row.version}` }] as const

  return [
    route({
      method: 'GET',
      path,
      operationId: 'listRoutingRules',
      summary: 'List routing rules',
      description: 'In order: the first that matches a ticket decides.',
      tag,
      access: read,
      query: RoutingRuleQuery,
      answers: { 200: RoutingRuleList },
      problems: [CursorMismatch],
      handle: async ({ db, query }) => {
        const { limit = 25, cursor, include } = query
        const page = toPage(await pageOfRules(db, { after: cursors.read([path], cursor), limit }), {
          limit,
          toObject: toRoutingRule,
          cursorAfter: ({ position, id }) => cursors.write([path], { key: position, id }),
        })
        const total = include?.includes('total') ? { total: await countRules(db) } : {}
        return answerList({ ...page, ...total }, { path, query })
      },
    }),
    route({
      method: 'POST',
      path,
      operationId: 'createRoutingRule',
      summary: 'Create a routing rule',
      description: 'It stands behind all others; PATCH moves it. There are at most 200.',
      tag,
      access: write,
      body: NewRoutingRule,
      answers: { 201: RoutingRule },
      problems: [TooManyRules],
      handle: ({ actor, body, transact }) =>
        transact(async (tx) => {
          const row = await createRule(tx, actor, body)
          return created(`${path}/${row.id}`, ...shown(row))
        }),
    }),
    route({
      method: 'POST',
      path: '/v1/routing-rules/preview',
      operationId: 'previewRouting',
      summary: 'Try the routing rules',
      description: 'Which rule would match a ticket like this, and why the others would not. Nothing is kept.',
      tag,
      access: preview,
      body: DraftTicket,
      answers: { 200: Routing },
      handle: ({ body, transact }) => transact(async ({ db }) => ok(await tryDraft(db, body))),
    }),
    route({
      method: 'GET',
      path: '/v1/routing-rules/:id',
      operationId: 'getRoutingRule',
      summary: 'Get a routing rule',
      description: 'One rule.',
      tag,
      access: read,
      params,
      answers: { 200: RoutingRule },
      problems: [NotFound],
      handle: async ({ db, params }) => ok(...shown(await getRule(db, params.id))),
    }),
    route({
      method: 'PATCH',
      path: '/v1/routing-rules/:id',
      operationId: 'updateRoutingRule',
      summary: 'Change or move a routing rule',
      description: 'A merge patch, into `conditions` and `actions` too. With `position` the rule moves, and others make room.',
      tag,
      access: write,
      params,
      body: RoutingRulePatch,
      answers: { 200: RoutingRule },
      problems: [NotFound, VersionConflict],
      handle: ({ actor, params, body, if_match, transact }) =>
        transact(async (tx) => ok(...shown(await updateRule(tx, actor, { rule_id: params.id, changes: body, if_match })))),
    }),
    route({
      method: 'DELETE',
      path: '/v1/routing-rules/:id',
      operationId: 'deleteRoutingRule',
      summary: 'Delete a routing rule',
      description: 'Those behind it move up. Tickets that it routed stay as they are.',
      tag,
      access: write,
      params,
      answers: { 204: null },
      problems: [NotFound, VersionConflict],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => {
          await deleteRule(tx, actor, { rule_id: params.id, if_match })
          return noContent()
        }),
    }),
  ]
}

async function tryDraft(db: Reader, draft: Static<typeof DraftTicket>): Promise<Static<typeof Routing>> {
  const {
    subject = '',
    category_id = null,
    priority = 'normal',
    tags = [],
    organization_id = null,
    channel = 'api',
    mailbox_id = null,
  } = draft
  if (category_id !== null && !(await findCategory(db, category_id)))
    throw invalidField('/category_id', 'not_found', 'There is no such category.')
  if (organization_id !== null && !(await findOrganization(db, organization_id)))
    throw invalidField('/organization_id', 'not_found', 'There is no such organization.')
  const category_line = await categoryLine(db, category_id)
  const facts = { subject, category_line, priority, tags: foldTags(tags), organization_id, channel, mailbox_id }
  const { rule, trace } = evaluate(await listRules(db), facts)
  const plan = rule ? await planActions(db, rule.actions) : undefined
  return toRouting({ ticket_id: null, rule, plan, trace })
}

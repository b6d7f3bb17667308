import { created, noContent, ok } from '../../platform/http/answer.ts'
import { listByCreation } from '../../platform/http/list.ts'
import { CursorMismatch } from '../../platform/http/problems.ts'
import { admins, everyone, type Route, route } from '../../platform/http/route.ts'
import { strict } from '../../platform/http/schemas.ts'
import type { Ground } from '../../platform/module.ts'
import { NotFound, VersionConflict } from '../../platform/problems.ts'
import { getUser, Id } from '../directory/index.ts'
import { createTemplate } from './commands/create-template.ts'
import { endSubscription } from './commands/end-subscription.ts'
import { keepPreferences, type PreferenceChanges } from './commands/keep-preferences.ts'
import { deleteTemplate, updateTemplate } from './commands/update-template.ts'
import { toMailTemplate, toNotificationPreferences } from './present.ts'
import { previewMail } from './preview.ts'
import { InvalidUnsubscribeToken, MailTemplateTaken } from './problems.ts'
import { filterTemplates, getPreferences, getTemplate } from './queries.ts'
import * as shape from './schema.ts'
import type { MailTemplateRow } from './tables.ts'
import { readUnsubscribeToken } from './unsubscribe.ts'

const mine = { roles: everyone, scope: null }
const read = { roles: admins, scope: 'mail_templates:read' }
const write = { roles: admins, scope: 'mail_templates:write' }
const look = { ...read, and_scope: 'tickets:read' }
const params = strict({ id: Id })
const tag = 'Mail templates'

function shown(row: MailTemplateRow) {
  return [toMailTemplate(row), { etag: `v${row.version}` }] as const
}

/** What people want to hear by mail, and in which words it comes. */
export function notificationRoutes({ cursors, secrets }: Pick<Ground, 'cursors' | 'secrets'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/me/notifications',
      operationId: 'getMyNotifications',
      summary: 'Get what I hear by mail',
      description:
        'When you are told of what: what you said, and the usual for the rest. What you want to hear of one ticket is said there, as a participant.',
      tag: 'Me',
      access: mine,
      answers: { 200: shape.NotificationPreferences },
      handle: async ({ actor, db }) => {
        const row = await getPreferences(db, actor.id)
        return ok(toNotificationPreferences(row, await getUser(db, actor.id)), { etag: `v${row.version}` })
      },
    }),
    route({
      method: 'PATCH',
      path: '/v1/me/notifications',
      operationId: 'updateMyNotifications',
      summary: 'Say what I want to hear by mail',
      description:
        'A merge patch. What is told in a `digest` comes in one mail, by ticket. In the quiet hours mail about tickets waits until they end; mail about your account does not.',
      tag: 'Me',
      access: mine,
      body: shape.NotificationPatch,
      requesterBody: shape.NotificationPatchByRequester,
      answers: { 200: shape.NotificationPreferences },
      problems: [VersionConflict],
      handle: ({ actor, body, if_match, transact }) =>
        transact(async (tx) => {
          // Its choices are checked by that very shape, which is made from the kinds.
          const { row, user } = await keepPreferences(tx, actor, { changes: body as PreferenceChanges, if_match })
          return ok(toNotificationPreferences(row, user), { etag: `v${row.version}` })
        }),
    }),
    route({
      method: 'POST',
      path: '/v1/unsubscribe',
      operationId: 'unsubscribe',
      summary: 'Stop a kind of mail',
      description:
        'Turns off what the link in a mail is for: a kind of mail, what is told of a ticket, or digests. Twice is the same as once. It can be turned on again by `PATCH /v1/me/notifications`.',
      tag: 'Me',
      access: 'open',
      body: shape.Unsubscribe,
      answers: { 200: shape.Unsubscription },
      problems: [InvalidUnsubscribeToken],
      handle: ({ body, transact }) => {
        const subscription = readUnsubscribeToken(secrets, body.token)
        if (!subscription) throw InvalidUnsubscribeToken()
        return transact(async (tx) => {
          await endSubscription(tx, subscription)
          return ok({ object: 'unsubscription', status: 'unsubscribed' })
        })
      },
    }),
    route({
      method: 'GET',
      path: '/v1/mail-templates',
      operationId: 'listMailTemplates',
      summary: 'List mail templates',
      description: 'What mail says in other words than those that are built in.',
      tag,
      access: read,
      query: shape.MailTemplateQuery,
      answers: { 200: shape.MailTemplateList },
      problems: [CursorMismatch],
      handle: ({ db, query }) =>
        listByCreation(filterTemplates(db, query), {
          path: '/v1/mail-templates',
          query,
          cursors,
          toObjects: (rows) => rows.map(toMailTemplate),
        }),
    }),
    route({
      method: 'POST',
      path: '/v1/mail-templates',
      operationId: 'createMailTemplate',
      summary: 'Word a kind of mail',
      description:
        'Says in other words what a kind of mail tells, for a queue and a language, or for all of them. Of several that fit, each part comes from the closest that says it: queue and language, then the queue, then the language. Texts are plain, with placeholders and no logic; one that is unknown is refused. To an address that nobody proved, mail keeps its fixed text.',
      tag,
      access: write,
      body: shape.NewMailTemplate,
      answers: { 201: shape.MailTemplate },
      problems: [MailTemplateTaken],
      handle: ({ actor, body, transact }) =>
        transact(async (tx) => {
          const row = await createTemplate(tx, actor, body)
          return created(`/v1/mail-templates/${row.id}`, ...shown(row))
        }),
    }),
    route({
      method: 'POST',
      path: '/v1/mail-templates/preview',
      operationId: 'previewMail',
      summary: 'Preview a mail',
      description:
        'A kind of mail as it would leave, about a ticket that you see or a made-up one, with parts that are tried out in place of those that are kept. Nothing is written or sent.',
      tag,
      access: look,
      body: shape.PreviewOf,
      answers: { 200: shape.MailPreview },
      problems: [NotFound],
      handle: ({ actor, body, transact }) =>
        transact(async (tx) => {
          const { preview, ticket } = await previewMail(tx.db, actor, body)
          return ok(preview, ticket ? { subject: { id: ticket.id, view: ticket.view } } : {})
        }),
    }),
    route({
      method: 'GET',
      path: '/v1/mail-templates/:id',
      operationId: 'getMailTemplate',
      summary: 'Get a mail template',
      description: 'One template.',
      tag,
      access: read,
      params,
      answers: { 200: shape.MailTemplate },
      problems: [NotFound],
      handle: async ({ db, params }) => ok(...shown(await getTemplate(db, params.id))),
    }),
    route({
      method: 'PATCH',
      path: '/v1/mail-templates/:id',
      operationId: 'updateMailTemplate',
      summary: 'Change a mail template',
      description:
        'A merge patch: a part that is null is as it is built in. Mail that has not left yet says it in the new words.',
      tag,
      access: write,
      params,
      body: shape.MailTemplatePatch,
      answers: { 200: shape.MailTemplate },
      problems: [NotFound, VersionConflict],
      handle: ({ actor, params, body, if_match, transact }) =>
        transact(async (tx) => ok(...shown(await updateTemplate(tx, actor, { id: params.id, changes: body, if_match })))),
    }),
    route({
      method: 'DELETE',
      path: '/v1/mail-templates/:id',
      operationId: 'deleteMailTemplate',
      summary: 'Delete a mail template',
      description: 'Its mail says again what is built in, or what a wider template says.',
      tag,
      access: write,
      params,
      answers: { 204: null },
      problems: [NotFound, VersionConflict],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => {
          await deleteTemplate(tx, actor, { id: params.id, if_match })
          return noContent()
        }),
    }),
  ]
}

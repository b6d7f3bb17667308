import { foldEmail } from '../../platform/codecs.ts'
import { created, noContent, ok } from '../../platform/http/answer.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import { listByCreation } from '../../platform/http/list.ts'
import { CursorMismatch } from '../../platform/http/problems.ts'
import { admins, type Route, route, staff } from '../../platform/http/route.ts'
import { NotFound } from '../../platform/problems.ts'
import { cancelMail } from './commands/cancel-mail.ts'
import { liftSuppression } from './commands/lift-suppression.ts'
import { retryMail } from './commands/retry-mail.ts'
import { suppressAddress } from './commands/suppress-address.ts'
import { toOutboundMail, toSuppression } from './present.ts'
import { MailOver, MailSent, MailUnderway } from './problems.ts'
import { getSuppression, getVisibleMail, suppressions, visibleMails } from './queries.ts'
import * as shape from './schema.ts'
import type { OutboundMailRow, SuppressionRow } from './tables.ts'

const read = { roles: staff, scope: 'outbound_mails:read' }
const write = { roles: staff, scope: 'outbound_mails:write' }
const readList = { roles: admins, scope: 'suppressions:read' }
const writeList = { roles: admins, scope: 'suppressions:write' }
const tag = 'Mail'
const path = '/v1/outbound-mails'

/** Mail that went out, or will: staff see that of the tickets whose staff side they see, admins all. */
export function sendingRoutes({ cursors, wake }: { cursors: Cursors; wake: () => void }): Route[] {
  const shown = (row: OutboundMailRow) => [toOutboundMail(row), { etag: `v${row.version}` }] as const
  const shownAddress = (row: SuppressionRow) => [toSuppression(row), { etag: `v${row.version}` }] as const
  return [
    route({
      method: 'GET',
      path,
      operationId: 'listOutboundMails',
      summary: 'List mails that go out',
      description:
        'One for each recipient, with what became of it. An agent sees those about the tickets whose staff side he sees, an admin all. What ended is kept for some months.',
      tag,
      access: read,
      query: shape.OutboundMailQuery,
      answers: { 200: shape.OutboundMailList },
      problems: [CursorMismatch],
      handle: async ({ db, actor, query }) => {
        const { state, ticket_id, message_id, to } = query
        const rows = visibleMails(db, actor)
          .$if(state !== undefined, (found) => found.where('state', 'in', state ?? []))
          .$if(ticket_id !== undefined, (found) => found.where('ticket_id', '=', ticket_id ?? ''))
          .$if(message_id !== undefined, (found) => found.where('message_id', '=', message_id ?? ''))
          .$if(to !== undefined, (found) => found.where('to_key', '=', foldEmail(to ?? '')))
        return listByCreation(rows, {
          ...{ path, query, cursors, view: actor.role },
          toObjects: (found: OutboundMailRow[]) => found.map(toOutboundMail),
        })
      },
    }),
    route({
      method: 'GET',
      path: `${path}/:id`,
      operationId: 'getOutboundMail',
      summary: 'Get a mail that goes out',
      description: 'One mail to one recipient, and what the mail server said of it.',
      tag,
      access: read,
      params: shape.OutboundMailParams,
      answers: { 200: shape.OutboundMail },
      problems: [NotFound],
      handle: async ({ db, actor, params }) => ok(...shown(await getVisibleMail(db, actor, params.id))),
    }),
    route({
      method: 'POST',
      path: `${path}/:id/retry`,
      operationId: 'retryOutboundMail',
      summary: 'Send a mail now',
      description:
        'Tries a mail at once, with a fresh count of attempts: one that waits, failed, bounced or was called back. It is the same mail, by its Message-ID. To an address that is suppressed nothing is sent until that is lifted.',
      tag,
      access: write,
      params: shape.OutboundMailParams,
      answers: { 200: shape.OutboundMail },
      problems: [NotFound, MailSent, MailUnderway],
      handle: ({ actor, params, transact }) =>
        transact(async (tx) => {
          const mail = await retryMail(tx, actor, { mail_id: params.id })
          tx.afterCommit(wake)
          return ok(...shown(mail))
        }),
    }),
    route({
      method: 'POST',
      path: `${path}/:id/cancel`,
      operationId: 'cancelOutboundMail',
      summary: 'Call a mail back',
      description: 'A mail that has not left will not leave.',
      tag,
      access: write,
      params: shape.OutboundMailParams,
      answers: { 200: shape.OutboundMail },
      problems: [NotFound, MailSent, MailUnderway, MailOver],
      handle: ({ actor, params, transact }) =>
        transact(async (tx) => ok(...shown(await cancelMail(tx, actor, { mail_id: params.id })))),
    }),
    route({
      method: 'GET',
      path: '/v1/suppressions',
      operationId: 'listSuppressions',
      summary: 'List addresses that get no mail',
      description: 'Those that do not exist, as a mail server said, and those that an admin put on the list.',
      tag,
      access: readList,
      query: shape.SuppressionQuery,
      answers: { 200: shape.SuppressionList },
      problems: [CursorMismatch],
      handle: ({ db, query }) => {
        const { address } = query
        const rows = suppressions(db).$if(address !== undefined, (found) =>
          found.where('address_key', '=', foldEmail(address ?? '')),
        )
        return listByCreation(rows, {
          ...{ path: '/v1/suppressions', query, cursors },
          toObjects: (found: SuppressionRow[]) => found.map(toSuppression),
        })
      },
    }),
    route({
      method: 'POST',
      path: '/v1/suppressions',
      operationId: 'createSuppression',
      summary: 'Send nothing to an address',
      description: 'No mail about tickets goes to it any more. An address that is there already is answered with 200.',
      tag,
      access: writeList,
      body: shape.NewSuppression,
      answers: { 200: shape.Suppression, 201: shape.Suppression },
      handle: ({ actor, body: { address, detail = null }, transact }) =>
        transact(async (tx) => {
          const what = { address, reason: 'manual' as const, detail, outbound_mail_id: null }
          const { suppression, was_there } = await suppressAddress(tx, actor, what)
          if (was_there) return ok(...shownAddress(suppression))
          return created(`/v1/suppressions/${suppression.id}`, ...shownAddress(suppression))
        }),
    }),
    route({
      method: 'GET',
      path: '/v1/suppressions/:id',
      operationId: 'getSuppression',
      summary: 'Get an address that gets no mail',
      description: 'The address, and why it gets none.',
      tag,
      access: readList,
      params: shape.SuppressionParams,
      answers: { 200: shape.Suppression },
      problems: [NotFound],
      handle: async ({ db, params }) => ok(...shownAddress(await getSuppression(db, params.id))),
    }),
    route({
      method: 'DELETE',
      path: '/v1/suppressions/:id',
      operationId: 'deleteSuppression',
      summary: 'Send mail to an address again',
      description: 'Takes an address off the list. Mails that were suppressed meanwhile stay so, unless somebody retries them.',
      tag,
      access: writeList,
      params: shape.SuppressionParams,
      answers: { 204: null },
      problems: [NotFound],
      handle: ({ actor, params, transact }) =>
        transact(async (tx) => {
          await liftSuppression(tx, actor, { suppression_id: params.id })
          return noContent()
        }),
    }),
  ]
}

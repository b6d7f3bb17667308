import { created, noContent, ok } from '../../../platform/http/answer.ts'
import { listByCreation } from '../../../platform/http/list.ts'
import { CursorMismatch } from '../../../platform/http/problems.ts'
import { admins, type Route, route, staff } from '../../../platform/http/route.ts'
import { strict } from '../../../platform/http/schemas.ts'
import type { Ground } from '../../../platform/module.ts'
import { NotFound, VersionConflict } from '../../../platform/problems.ts'
import { Id } from '../../directory/index.ts'
import { createMailbox } from '../commands/create-mailbox.ts'
import { deleteMailbox } from '../commands/delete-mailbox.ts'
import { updateMailbox } from '../commands/update-mailbox.ts'
import { toMailbox, toStatus } from '../present.ts'
import { MailboxAddressTaken } from '../problems.ts'
import { cursorOf, filterMailboxes, getMailbox } from '../queries.ts'
import { Mailbox, MailboxList, MailboxPatch, MailboxQuery, MailboxStatus, NewMailbox } from '../schema.ts'
import type { MailboxRow } from '../tables.ts'

/** Support addresses: staff look at them, admins keep them. */
export function mailboxRoutes({ clock, cursors, secrets }: Pick<Ground, 'clock' | 'cursors' | 'secrets'>): Route[] {
  const read = { roles: staff, scope: 'mailboxes:read' }
  const write = { roles: admins, scope: 'mailboxes:write' }
  const params = strict({ id: Id })
  const tag = 'Mailboxes'
  const path = '/v1/mailboxes'
  const shown = (row: MailboxRow) => [toMailbox(row), { etag: `v${row.version}` }] as const

  return [
    route({
      method: 'GET',
      path,
      operationId: 'listMailboxes',
      summary: 'List mailboxes',
      description: 'The support addresses of the desk. Passwords are never shown.',
      tag,
      access: read,
      query: MailboxQuery,
      answers: { 200: MailboxList },
      problems: [CursorMismatch],
      handle: ({ db, query }) =>
        listByCreation(filterMailboxes(db, query), { path, query, cursors, toObjects: (rows) => rows.map(toMailbox) }),
    }),
    route({
      method: 'POST',
      path,
      operationId: 'createMailbox',
      summary: 'Create a mailbox',
      description:
        'Mail to the address becomes tickets of its queue, and mail about tickets of that queue leaves from it. With `imap` its mail is fetched; SMTP, LMTP and `POST /v1/inbound/raw` take in mail for every enabled mailbox.',
      tag,
      access: write,
      body: NewMailbox,
      answers: { 201: Mailbox },
      problems: [MailboxAddressTaken],
      handle: ({ actor, body, transact }) =>
        transact(async (tx) => {
          const row = await createMailbox(tx, actor, { mailbox: body, secrets })
          return created(`${path}/${row.id}`, ...shown(row))
        }),
    }),
    route({
      method: 'GET',
      path: '/v1/mailboxes/:id',
      operationId: 'getMailbox',
      summary: 'Get a mailbox',
      description: 'One support address.',
      tag,
      access: read,
      params,
      answers: { 200: Mailbox },
      problems: [NotFound],
      handle: async ({ db, params }) => ok(...shown(await getMailbox(db, params.id))),
    }),
    route({
      method: 'GET',
      path: '/v1/mailboxes/:id/status',
      operationId: 'getMailboxStatus',
      summary: 'Get how a mailbox is read',
      description: 'How far its folder has been read over IMAP, and what went wrong. `beckon mailbox check` says more.',
      tag,
      access: read,
      params,
      answers: { 200: MailboxStatus },
      problems: [NotFound],
      handle: async ({ db, params }) => {
        const row = await getMailbox(db, params.id)
        return ok(toStatus(row, await cursorOf(db, row), clock.now()))
      },
    }),
    route({
      method: 'PATCH',
      path: '/v1/mailboxes/:id',
      operationId: 'updateMailbox',
      summary: 'Change a mailbox',
      description: 'A merge patch, into `imap` too. A new server or user needs the password again.',
      tag,
      access: write,
      params,
      body: MailboxPatch,
      answers: { 200: Mailbox },
      problems: [NotFound, MailboxAddressTaken, VersionConflict],
      handle: ({ actor, params, body, if_match, transact }) =>
        transact(async (tx) =>
          ok(...shown(await updateMailbox(tx, actor, { mailbox_id: params.id, changes: body, if_match, secrets }))),
        ),
    }),
    route({
      method: 'DELETE',
      path: '/v1/mailboxes/:id',
      operationId: 'deleteMailbox',
      summary: 'Delete a mailbox',
      description: 'Mail to the address is refused or left where it is from then on. Tickets stay.',
      tag,
      access: write,
      params,
      answers: { 204: null },
      problems: [NotFound, VersionConflict],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => {
          await deleteMailbox(tx, actor, { mailbox_id: params.id, if_match })
          return noContent()
        }),
    }),
  ]
}

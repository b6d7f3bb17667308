import { created, noContent, ok } from '../../../platform/http/answer.ts'
import { listByCreation } from '../../../platform/http/list.ts'
import { CursorMismatch } from '../../../platform/http/problems.ts'
import { admins, type Route, route } from '../../../platform/http/route.ts'
import { strict } from '../../../platform/http/schemas.ts'
import type { Ground } from '../../../platform/module.ts'
import { NotFound, VersionConflict } from '../../../platform/problems.ts'
import { Id } from '../../directory/index.ts'
import { deleteSendingDomain, updateSendingDomain } from '../commands/change-sending-domain.ts'
import { createSendingDomain } from '../commands/create-sending-domain.ts'
import { newDkimPair } from '../dkim-pair.ts'
import { toSendingDomain } from '../present.ts'
import { SendingDomainTaken } from '../problems.ts'
import { checkPublished, type LookUpTxt } from '../published.ts'
import { getSendingDomain } from '../queries.ts'
import {
  NewSendingDomain,
  SendingDomain,
  SendingDomainCheck,
  SendingDomainList,
  SendingDomainPatch,
  SendingDomainQuery,
} from '../schema.ts'
import type { SendingDomainRow } from '../tables.ts'

/** The domains whose mail is signed: for admins. */
export function sendingDomainRoutes({
  cursors,
  secrets,
  lookUp,
}: Pick<Ground, 'cursors' | 'secrets'> & { lookUp: LookUpTxt }): Route[] {
  const read = { roles: admins, scope: 'sending_domains:read' }
  const write = { roles: admins, scope: 'sending_domains:write' }
  const params = strict({ id: Id })
  const tag = 'Mailboxes'
  const path = '/v1/sending-domains'
  const shown = (row: SendingDomainRow) => [toSendingDomain(row), { etag: `v${row.version}` }] as const

  return [
    route({
      method: 'GET',
      path,
      operationId: 'listSendingDomains',
      summary: 'List sending domains',
      description: 'The domains whose mail is signed by DKIM (RFC 6376).',
      tag,
      access: read,
      query: SendingDomainQuery,
      answers: { 200: SendingDomainList },
      problems: [CursorMismatch],
      handle: ({ db, query }) =>
        listByCreation(db.selectFrom('sending_domains').selectAll(), {
          path,
          query,
          cursors,
          toObjects: (rows) => rows.map(toSendingDomain),
        }),
    }),
    route({
      method: 'POST',
      path,
      operationId: 'createSendingDomain',
      summary: 'Create a sending domain',
      description:
        'Makes a key, and says which record to publish. Its mail is signed from now on: until the record is published, receivers find no key and take the mail as not signed.',
      tag,
      access: write,
      body: NewSendingDomain,
      answers: { 201: SendingDomain },
      problems: [SendingDomainTaken],
      handle: async ({ actor, body: { domain, selector = 'beckon', enabled = true }, transact }) => {
        const parts = { domain, selector, enabled, pair: await newDkimPair() }
        return transact(async (tx) => {
          const row = await createSendingDomain(tx, actor, { parts, secrets })
          return created(`${path}/${row.id}`, ...shown(row))
        })
      },
    }),
    route({
      method: 'GET',
      path: '/v1/sending-domains/:id',
      operationId: 'getSendingDomain',
      summary: 'Get a sending domain',
      description: 'One domain, with the record to publish.',
      tag,
      access: read,
      params,
      answers: { 200: SendingDomain },
      problems: [NotFound],
      handle: async ({ db, params }) => ok(...shown(await getSendingDomain(db, params.id))),
    }),
    route({
      method: 'POST',
      path: '/v1/sending-domains/:id/verify',
      operationId: 'verifySendingDomain',
      summary: 'Look whether a key is published',
      description: 'Asks the DNS. What was published a moment ago may take a while until it is seen everywhere.',
      tag,
      access: read,
      params,
      answers: { 200: SendingDomainCheck },
      problems: [NotFound],
      momentary: true,
      handle: async ({ db, params }) => {
        const row = await getSendingDomain(db, params.id)
        const checked = await checkPublished(row, lookUp)
        return ok({ object: 'sending_domain_check', sending_domain_id: row.id, ...checked })
      },
    }),
    route({
      method: 'PATCH',
      path: '/v1/sending-domains/:id',
      operationId: 'updateSendingDomain',
      summary: 'Change a sending domain',
      description: 'Switches signing on or off. For another key, delete it and make a new one with another selector.',
      tag,
      access: write,
      params,
      body: SendingDomainPatch,
      answers: { 200: SendingDomain },
      problems: [NotFound, VersionConflict],
      handle: ({ actor, params, body: { enabled }, if_match, transact }) =>
        transact(async (tx) => ok(...shown(await updateSendingDomain(tx, actor, { domain_id: params.id, enabled, if_match })))),
    }),
    route({
      method: 'DELETE',
      path: '/v1/sending-domains/:id',
      operationId: 'deleteSendingDomain',
      summary: 'Delete a sending domain',
      description: 'Its private key is gone for ever, and its mail leaves without a signature.',
      tag,
      access: write,
      params,
      answers: { 204: null },
      problems: [NotFound, VersionConflict],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => {
          await deleteSendingDomain(tx, actor, { domain_id: params.id, if_match })
          return noContent()
        }),
    }),
  ]
}

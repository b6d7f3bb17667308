import { fromTime } from '../../../platform/codecs.ts'
import { created, noContent, ok } from '../../../platform/http/answer.ts'
import { listByCreation } from '../../../platform/http/list.ts'
import { CursorMismatch } from '../../../platform/http/problems.ts'
import { admins, type Route, route } from '../../../platform/http/route.ts'
import { NotFound, VersionConflict } from '../../../platform/problems.ts'
import { newApiSecret } from '../api-key.ts'
import { createApiKey } from '../commands/create-api-key.ts'
import { revokeApiKey } from '../commands/revoke-api-key.ts'
import type { Parts } from '../parts.ts'
import { toApiKey } from '../present.ts'
import { findApiKey, usableApiKeys } from '../queries.ts'
import { ApiKey, ApiKeyList, ApiKeyQuery, ApiKeyWithSecret, IdParams, NewApiKey } from '../schema.ts'

const tag = 'API keys'
/** People only: a key that could make keys would be all of them. */
const access = { roles: admins, scope: null }

/** The credentials of programs. */
export function apiKeyRoutes({ cursors, forget }: Parts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/api-keys',
      operationId: 'listApiKeys',
      summary: 'List API keys',
      description: 'The keys that were not revoked, without their secrets.',
      tag,
      access,
      query: ApiKeyQuery,
      answers: { 200: ApiKeyList },
      problems: [CursorMismatch],
      handle: ({ db, query }) =>
        listByCreation(usableApiKeys(db), {
          path: '/v1/api-keys',
          query,
          cursors,
          toObjects: (rows) => rows.map(toApiKey),
        }),
    }),
    route({
      method: 'POST',
      path: '/v1/api-keys',
      operationId: 'createApiKey',
      summary: 'Create an API key',
      description: 'Makes a credential for a program. Its `secret` is in this answer and nowhere else.',
      tag,
      access,
      body: NewApiKey,
      answers: { 201: ApiKeyWithSecret },
      secret: true,
      handle: ({ actor, body, transact }) =>
        transact(async (tx) => {
          const { name, role = 'agent', scopes = ['*'] } = body
          const expires_at = body.expires_at == null ? null : (fromTime(body.expires_at) ?? null)
          const secret = newApiSecret()
          const row = await createApiKey(tx, actor, { name, role, scopes, expires_at, secret })
          return created(`/v1/api-keys/${row.id}`, { ...toApiKey(row), secret }, { etag: `v${row.version}` })
        }),
    }),
    route({
      method: 'GET',
      path: '/v1/api-keys/:id',
      operationId: 'getApiKey',
      summary: 'Get an API key',
      description: 'One key, without its secret.',
      tag,
      access,
      params: IdParams,
      answers: { 200: ApiKey },
      problems: [NotFound],
      handle: async ({ db, params }) => {
        const row = await findApiKey(db, params.id)
        if (!row) throw NotFound()
        return ok(toApiKey(row), { etag: `v${row.version}` })
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/api-keys/:id',
      operationId: 'revokeApiKey',
      summary: 'Revoke an API key',
      description: 'The key opens nothing from here on. There is no way back.',
      tag,
      access,
      params: IdParams,
      answers: { 204: null },
      problems: [NotFound, VersionConflict],
      handle: ({ actor, params: { id }, if_match, transact }) =>
        transact(async (tx) => {
          await revokeApiKey(tx, actor, { id, if_match, forget })
          return noContent()
        }),
    }),
  ]
}

import assert from 'node:assert/strict'
import type { OpenApiDocument } from '../src/platform/http/openapi.ts'
import type { Caller, Reply } from './desk.ts'
import type { Exchange, Watch } from './replies.ts'

/** A caller who tries, with every request that succeeds, whether the conditional headers do what is published. */
export type MakeCareful = (caller: Caller) => Caller

type Headers = Record<string, string> | undefined
type Send = (headers?: Headers) => Promise<Reply>

const STALE = '"stale"'

/**
 * Before each change a stale If-Match is tried: 412 where it is published, 400 where it cannot be checked. After it the same request
 * is sent again with the same Idempotency-Key, and each object that was read is asked for again with its ETag.
 */
export function createCareful(document: () => OpenApiDocument): { makeCareful: MakeCareful; watch: Watch } {
  let last: Exchange | undefined
  let keys = 0
  const publishes = (header: string): boolean => {
    const operations = Object.values(document().paths).flatMap((methods) => Object.values(methods))
    const { parameters = [] } = operations.find(({ operationId }) => operationId === last?.operation?.operationId) ?? {}
    return parameters.some(({ $ref }) => $ref === `#/components/parameters/${header}`)
  }
  const read = async (send: Send): Promise<Reply> => {
    const reply = await send()
    const { etag } = reply.headers
    if (reply.status !== 200 || etag === undefined) return reply
    const again = await send({ 'if-none-match': etag })
    // Where the log stands moves without the object.
    const status = last?.url.includes('include=position') ? 200 : 304
    assert.equal(again.status, status, `If-None-Match of ${last?.url}`)
    return reply
  }
  const change = async (send: Send): Promise<Reply> => {
    const key = { 'idempotency-key': `story-${++keys}` }
    const stale = await send({ ...key, 'if-match': STALE })
    const isRefused = stale.status === 412 || (stale.status === 400 && stale.text.includes('If-Match'))
    if (!isRefused) return stale
    assert.equal(stale.status === 412, publishes('If-Match'), `If-Match of ${last?.operation?.operationId}: ${stale.status}`)
    return replayed(() => send(key), await send(key))
  }
  const replayed = async (send: () => Promise<Reply>, first: Reply): Promise<Reply> => {
    if (first.status >= 300 || !publishes('Idempotency-Key')) return first
    // Nothing was there, and nothing changed: the next look is a fresh one.
    if (first.status === 204 && last?.operation?.operationId === 'claimNextTicket') return first
    const again = await send()
    // Whoever was signed out by the change is asked who he is first.
    if (again.status === 401) return first
    assert.deepEqual([again.status, again.text], [first.status, first.text], `a replay of ${last?.operation?.operationId}`)
    assert.equal(again.headers['idempotent-replayed'], 'true', `a replay of ${last?.operation?.operationId}`)
    return first
  }
  return {
    watch: (exchange) => {
      last = exchange
    },
    makeCareful: (caller) => ({
      get: (path, headers) => read((more) => caller.get(path, { ...headers, ...more })),
      post: (path, body, headers) => change((more) => caller.post(path, body, { ...headers, ...more })),
      patch: (path, body, headers) => change((more) => caller.patch(path, body, { ...headers, ...more })),
      put: (path, body, headers) => change((more) => caller.put(path, body, { ...headers, ...more })),
      delete: (path, headers) => change((more) => caller.delete(path, { ...headers, ...more })),
      upload: (file, headers) => change((more) => caller.upload(file, { ...headers, ...more })),
    }),
  }
}

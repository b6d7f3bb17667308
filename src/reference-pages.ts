import { createHash } from 'node:crypto'
import { errorPages } from './error-pages.ts'
import type { AsyncApiDocument } from './platform/http/asyncapi.ts'
import { type Compress, createCompress } from './platform/http/compress.ts'
import { parseEntityTags } from './platform/http/etag.ts'
import type { OpenApiDocument } from './platform/http/openapi.ts'
import type { Page, PageAnswer, PageRequest } from './platform/http/page.ts'
import { RouteNotFound } from './platform/http/problems.ts'
import { loadReference, type Reference, referencePolicy } from './platform/http/reference.ts'
import { loadRealtimePage } from './realtime-page.ts'

/**
 * What tells people and programs about the API: `/openapi.json` and `/asyncapi.json`, the reference under `/docs`, the page of the
 * streams, and a page per problem. Nothing is read or built before somebody asks; each description is made once.
 */
export function referencePages(describe: { api: () => OpenApiDocument; realtime: () => AsyncApiDocument }): Page[] {
  const compress = createCompress()
  const api = once(describe.api)
  const realtime = once(describe.realtime)
  const reference = once(async () => new Map([...(await loadReference()), ...(await loadRealtimePage(realtime()))]))

  return [
    documentPage('/openapi.json', { describe: api, compress }),
    documentPage('/asyncapi.json', { describe: realtime, compress }),
    ...(['/docs', '/docs/', '/docs/realtime', '/docs/:asset'] as const).map((path) => assetPage(path, { reference, compress })),
    ...errorPages(api),
  ]
}

/** A description for programs, in full or as "you have it". */
function documentPage(path: Page['path'], { describe, compress }: { describe: () => object; compress: Compress }): Page {
  const text = once(() => {
    const body = Buffer.from(JSON.stringify(describe()))
    return { body, tag: createHash('sha256').update(body).digest('base64url').slice(0, 22) }
  })
  const handle = async (request: PageRequest): Promise<PageAnswer> => {
    const { body, tag } = text()
    const answer = await compress(request, { status: 200, type: 'application/json; charset=utf-8', body })
    // Two encodings are two representations (RFC 9110 §8.8.3.3).
    const etag = answer.headers?.['Content-Encoding'] ? `${tag}-gzip` : tag
    const headers = { ...answer.headers, ETag: `"${etag}"`, 'Cache-Control': 'no-cache' }
    const known = parseEntityTags(request.headers['if-none-match'], 'If-None-Match') ?? []
    if (!known.some((given) => given === '*' || given === etag || given === `W/${etag}`)) return { ...answer, headers }
    return { status: 304, type: answer.type, body: '', headers: { Vary: 'Accept-Encoding', ETag: `"${etag}"` } }
  }
  return { method: 'GET', path, handle }
}

/** A page for people, or something that it loads: an asset's name changes with what is in it. */
function assetPage(
  path: Page['path'],
  { reference, compress }: { reference: () => Promise<Reference>; compress: Compress },
): Page {
  const handle = async (request: PageRequest): Promise<PageAnswer> => {
    const found = (await reference()).get(path.replace(':asset', request.params.asset ?? ''))
    if (!found) throw RouteNotFound()
    const isHashed = /\.[0-9a-f]{12}\./.test(request.params.asset ?? '')
    const headers = {
      'Content-Security-Policy': referencePolicy,
      'Cache-Control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    }
    return compress(request, { status: 200, ...found, headers })
  }
  return { method: 'GET', path, handle }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

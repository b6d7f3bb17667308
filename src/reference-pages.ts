import { createHash } from 'node:crypto'
import { errorPages } from './error-pages.ts'
import { createCompress } from './platform/http/compress.ts'
import { parseEntityTags } from './platform/http/etag.ts'
import type { OpenApiDocument } from './platform/http/openapi.ts'
import type { Page, PageAnswer, PageRequest } from './platform/http/page.ts'
import { RouteNotFound } from './platform/http/problems.ts'
import { loadReference, referencePolicy } from './platform/http/reference.ts'

/**
 * What tells people and programs about the API: `/openapi.json`, the reference under `/docs`, and a page per problem.
 * Nothing is read or built before somebody asks; `describe` is called once.
 */
export function referencePages(describe: () => OpenApiDocument): Page[] {
  const compress = createCompress()
  const document = once(describe)
  const text = once(() => {
    const body = Buffer.from(JSON.stringify(document()))
    return { body, tag: createHash('sha256').update(body).digest('base64url').slice(0, 22) }
  })
  const reference = once(loadReference)

  const answerDocument = async (request: PageRequest): Promise<PageAnswer> => {
    const { body, tag } = text()
    const answer = await compress(request, { status: 200, type: 'application/json; charset=utf-8', body })
    // Two encodings are two representations (RFC 9110 §8.8.3.3).
    const etag = answer.headers?.['Content-Encoding'] ? `${tag}-gzip` : tag
    const headers = { ...answer.headers, ETag: `"${etag}"`, 'Cache-Control': 'no-cache' }
    const known = parseEntityTags(request.headers['if-none-match'], 'If-None-Match') ?? []
    if (!known.some((given) => given === '*' || given === etag || given === `W/${etag}`)) return { ...answer, headers }
    return { status: 304, type: answer.type, body: '', headers: { Vary: 'Accept-Encoding', ETag: `"${etag}"` } }
  }
  const answerReference =
    (path: string) =>
    async (request: PageRequest): Promise<PageAnswer> => {
      const found = (await reference()).get(path.replace(':asset', request.params.asset ?? ''))
      if (!found) throw RouteNotFound()
      const isHashed = /\.[0-9a-f]{12}\./.test(request.params.asset ?? '')
      const headers = {
        'Content-Security-Policy': referencePolicy,
        'Cache-Control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
      }
      return compress(request, { status: 200, ...found, headers })
    }
  return [
    { method: 'GET', path: '/openapi.json', handle: answerDocument },
    ...(['/docs', '/docs/', '/docs/:asset'] as const).map((path) => ({
      method: 'GET' as const,
      path,
      handle: answerReference(path),
    })),
    ...errorPages(document),
  ]
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

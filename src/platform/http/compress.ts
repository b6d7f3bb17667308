import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { PageAnswer, PageRequest } from './page.ts'

/** Answers a body compressed where the client takes that. */
export type Compress = (request: PageRequest, answer: PageAnswer) => Promise<PageAnswer>

/** Compresses each body once: for the few that are large and always the same. */
export function createCompress(): Compress {
  const compressed = new Map<string | Buffer, Promise<Buffer>>()

  return async (request, answer) => {
    const headers = { ...answer.headers, Vary: 'Accept-Encoding' }
    if (answer.status !== 200 || !takesGzip(request.headers['accept-encoding'])) return { ...answer, headers }
    const known = compressed.get(answer.body) ?? promisify(gzip)(answer.body)
    compressed.set(answer.body, known)
    return { ...answer, body: await known, headers: { ...headers, 'Content-Encoding': 'gzip' } }
  }
}

function takesGzip(header: string | string[] | undefined): boolean {
  return [header]
    .flat()
    .join(',')
    .split(',')
    .some((coding) => /^\s*(gzip|\*)\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(coding))
}

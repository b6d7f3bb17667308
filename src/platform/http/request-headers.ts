import type { IncomingMessage } from 'node:http'
import { BadRequest, HeadersTooLarge } from './problems.ts'

const HEADERS_MAX = 200

/** Refuses what a proxy in front of us might read in another way: no Host or two of them (RFC 9112 §3.2), and hordes of headers. */
export function requireSoundHeaders({ rawHeaders, httpVersion }: IncomingMessage): void {
  if (rawHeaders.length > 2 * HEADERS_MAX) throw HeadersTooLarge({ detail: `There may be ${HEADERS_MAX} headers at most.` })
  let hosts = 0
  for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i]?.length === 4 && /^host$/i.test(rawHeaders[i] ?? '')) hosts++
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) throw BadRequest({ detail: 'Send one Host header.' })
}

/** The trace id of a W3C traceparent header; null when there is none, or none that is well-formed. */
export function readTraceparent(header: string | string[] | undefined): string | null {
  if (typeof header !== 'string') return null
  return /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(header)?.[1] ?? null
}

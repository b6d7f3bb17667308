import { isIP } from 'node:net'
import type { Page, PageRequest } from './platform/http/page.ts'
import { RouteNotFound } from './platform/http/problems.ts'
import type { Metrics } from './platform/metrics/metrics.ts'
import { isSameSecret } from './platform/secrets.ts'

/**
 * `/metrics` for Prometheus: for whoever has the token, and without one from this machine. Behind a proxy on the same machine everybody
 * comes from loopback: what was passed on by one is from elsewhere.
 */
export function metricsPage(metrics: Metrics, token: string | undefined): Page {
  return {
    method: 'GET',
    path: '/metrics',
    async handle(request) {
      // To all others there is no such thing.
      if (!mayRead(request, token)) throw RouteNotFound()
      const { type, body } = await metrics.read()
      return { status: 200, type, body, headers: { 'Cache-Control': 'no-store' } }
    },
  }
}

function mayRead({ address, headers }: PageRequest, token: string | undefined): boolean {
  const given = /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  if (given !== undefined) return token !== undefined && isSameSecret(given, token)
  const wasPassedOn = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => headers[name] !== undefined)
  return isLoopback(address) && !wasPassedOn
}

function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:/, '')
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'))
}

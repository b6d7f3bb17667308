import { isIPv4 } from 'node:net'

/** What is known of a request for a page that only a developer at his own machine may see. Header names are in lower case. */
interface LocalRequest {
  /** The address at the other end of the socket. */
  address: string
  headers: Readonly<Record<string, string | string[] | undefined>>
}

// Whatever a proxy, a tunnel or a content network adds. One of them means that the request came from somewhere else.
const FORWARDING = new Set([
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-original-host',
  'x-original-forwarded-for',
  'x-envoy-external-address',
  'x-appengine-user-ip',
  'x-azure-clientip',
  'true-client-ip',
  'fastly-client-ip',
  'fly-client-ip',
  'do-connecting-ip',
  'cdn-loop',
  'ngrok-skip-browser-warning',
])
const FORWARDING_FAMILY = /^(x-forwarded|cf|tailscale|x-vercel|x-amz|x-amzn)-/

/**
 * Whether a request was made on this machine, for this machine. The `Host` must be loopback too: else a page on the web could
 * point its own name at 127.0.0.1 and read along (DNS rebinding).
 */
export function isLocalRequest({ address, headers }: LocalRequest): boolean {
  if (!isLoopback(address)) return false
  if (Object.keys(headers).some((name) => FORWARDING.has(name) || FORWARDING_FAMILY.test(name))) return false
  const host = headers.host
  return typeof host === 'string' && isLoopback(nameInHost(host)) && !isForeign(headers, host)
}

/** Whether a page of another site, or on another port, asks. */
function isForeign(headers: LocalRequest['headers'], host: string): boolean {
  const { origin, 'sec-fetch-site': site } = headers
  if (origin !== undefined && (typeof origin !== 'string' || URL.parse(origin)?.host !== host.toLowerCase())) return true
  return site !== undefined && site !== 'same-origin' && site !== 'none'
}

/** `localhost`, `127.0.0.0/8` or `::1`, also as IPv4 within IPv6. */
export function isLoopback(name: string): boolean {
  const address = name.toLowerCase().replace(/^::ffff:/, '')
  return address === 'localhost' || address === '::1' || (isIPv4(address) && address.startsWith('127.'))
}

/** The name in a Host header (RFC 9110 §7.2), without its port and without the brackets of IPv6; empty when it is malformed. */
function nameInHost(host: string): string {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+))(?::\d{1,5})?$/i.exec(host) ?? []
  return bracketed ?? plain ?? ''
}

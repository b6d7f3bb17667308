import { domainToASCII } from 'node:url'
import { foldEmail } from '../../platform/codecs.ts'

/** An address for comparison: folded, its domain as mail servers write it (`xn--…`, RFC 5891). */
export function addressKey(address: string): string {
  const folded = foldEmail(address)
  const at = folded.lastIndexOf('@')
  if (at < 0) return folded
  // An address literal, `[192.0.2.1]`, is no name: it stays as it is.
  return `${folded.slice(0, at)}@${domainToASCII(folded.slice(at + 1)) || folded.slice(at + 1)}`
}

/** The keys under which an address may be known: its own, then the one without what stands behind the first `+` (RFC 5233). */
export function addressKeys(address: string): string[] {
  const key = addressKey(address)
  const at = key.lastIndexOf('@')
  const plus = key.indexOf('+')
  return plus > 0 && plus < at ? [key, key.slice(0, plus) + key.slice(at)] : [key]
}

/** The domain of an address, folded. */
export function domainOf(address: string): string {
  const key = addressKey(address)
  return key.slice(key.lastIndexOf('@') + 1)
}

/** A domain and those above it, the nearest first; a top-level domain alone is none. */
export function domainLine(domain: string): string[] {
  const labels = domain.split('.')
  return labels.slice(0, Math.max(1, labels.length - 1)).map((_, i) => labels.slice(i).join('.'))
}

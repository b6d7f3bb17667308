import { domainToASCII } from 'node:url'

/** One result of a check, as another server wrote it down (RFC 8601 §2.2). */
export interface CheckResult {
  method: string
  result: string
  /** `header.from`, `smtp.mailfrom` and the like, in lower case. */
  properties: ReadonlyMap<string, string>
}

export interface AuthenticationResults {
  authserv_id: string
  results: CheckResult[]
}

/** What a trusted server says: whether the domain of `From` vouches for the mail. `absent`: it says nothing. */
export interface Alignment {
  verdict: 'aligned' | 'not_aligned' | 'absent'
  /** What it was decided by: `dmarc=pass`. */
  by: string | null
}

const LONGEST = 16_384
const RESULTS_MAX = 64

/** Reads a field `Authentication-Results`; undefined where it is none. Comments and quoted texts hold no results. */
export function parseAuthenticationResults(value: string): AuthenticationResults | undefined {
  if (value.length > LONGEST) return undefined
  const parts = splitOutside(withoutComments(value), ';')
  if (!parts) return undefined
  const [head = '', ...rest] = parts
  const authserv_id = unquoted(words(head)[0] ?? '').toLowerCase()
  if (authserv_id === '') return undefined
  const results: CheckResult[] = []
  for (const part of rest.slice(0, RESULTS_MAX)) {
    const [first = '', ...more] = words(part.replaceAll(/\s*=\s*/g, '='))
    const [, method, result] = /^([a-z][a-z0-9-]*)(?:\/\d+)?=([a-z]+)$/i.exec(first) ?? []
    if (!method || !result) continue
    const properties = new Map<string, string>()
    for (const word of more) {
      const at = word.indexOf('=')
      // Said twice, the first counts.
      const name = word.slice(0, at).toLowerCase()
      if (at > 0 && !properties.has(name)) properties.set(name, unquoted(word.slice(at + 1)).toLowerCase())
    }
    results.push({ method: method.toLowerCase(), result: result.toLowerCase(), properties })
  }
  return { authserv_id, results }
}

/**
 * Whether the server that a mailbox trusts says that the domain of `From` vouches for the mail. Only its topmost field counts: what
 * stands below may have come with the mail. Where it checked no DMARC, a signature or a return path of that domain is as good.
 */
export function trustedAlignment(
  values: readonly string[],
  { authserv_id, from_domain }: { authserv_id: string; from_domain: string },
): Alignment {
  const trusted = authserv_id.trim().toLowerCase()
  const own = values.map(parseAuthenticationResults).find((one) => one?.authserv_id === trusted)
  if (!own) return { verdict: 'absent', by: null }
  const dmarc = own.results.filter(({ method }) => method === 'dmarc')
  if (dmarc.some(({ result }) => result !== 'pass' && result !== 'none'))
    return { verdict: 'not_aligned', by: `dmarc=${dmarc.find(({ result }) => result !== 'pass')?.result}` }
  const isOfFrom = (name: string | undefined): boolean => name === undefined || domainOf(name) === from_domain
  const passed = dmarc.find(({ result }) => result === 'pass')
  // A pass for another domain is none for this.
  if (passed) return { verdict: isOfFrom(passed.properties.get('header.from')) ? 'aligned' : 'not_aligned', by: 'dmarc=pass' }
  for (const { method, result, properties } of own.results) {
    if (result !== 'pass') continue
    const name =
      method === 'dkim'
        ? (properties.get('header.d') ?? properties.get('header.i'))
        : method === 'spf'
          ? properties.get('smtp.mailfrom')
          : undefined
    if (name !== undefined && isSameOrganization(domainOf(name), from_domain)) return { verdict: 'aligned', by: `${method}=pass` }
  }
  return { verdict: 'not_aligned', by: null }
}

/**
 * Whether two domains are one, or one lies below the other. Without a list of public suffixes that is all that can be told: two
 * neighbours are strangers here, and a suffix of one label is nobody's.
 */
export function isSameOrganization(a: string, b: string): boolean {
  if (a === b) return a.includes('.')
  const [longer, shorter] = a.length > b.length ? [a, b] : [b, a]
  return shorter.includes('.') && longer.endsWith(`.${shorter}`)
}

/** The domain of an address, or of `@domain`, or the domain itself: lower case, in ASCII, without a dot at its end. */
export function domainOf(name: string): string {
  const domain = name
    .slice(name.lastIndexOf('@') + 1)
    .toLowerCase()
    .replace(/\.$/, '')
  return domainToASCII(domain) || domain
}

/** A value without its comments, which may be nested (RFC 5322 §3.2.2). */
function withoutComments(value: string): string {
  let text = ''
  let depth = 0
  let isQuoted = false
  for (let i = 0; i < value.length; i++) {
    const c = value[i] ?? ''
    if (c === '\\' && (isQuoted || depth > 0)) {
      if (depth === 0) text += c + (value[i + 1] ?? '')
      i++
    } else if (depth === 0 && c === '"') {
      isQuoted = !isQuoted
      text += c
    } else if (!isQuoted && c === '(') depth++
    else if (!isQuoted && depth > 0 && c === ')') depth--
    else if (depth === 0) text += c
  }
  return text
}

/** The parts between separators that stand in no quoted text; undefined where a quoted text does not end. */
function splitOutside(text: string, separator: string): string[] | undefined {
  const parts: string[] = []
  let part = ''
  let isQuoted = false
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? ''
    if (c === '\\' && isQuoted) {
      part += c + (text[i + 1] ?? '')
      i++
    } else if (c === '"') {
      isQuoted = !isQuoted
      part += c
    } else if (c === separator && !isQuoted) {
      parts.push(part)
      part = ''
    } else part += c
  }
  return isQuoted ? undefined : [...parts, part]
}

function words(text: string): string[] {
  return splitOutside(text.trim().replaceAll(/[\t\r\n]/g, ' '), ' ')?.filter((word) => word !== '') ?? []
}

function unquoted(text: string): string {
  return text.replaceAll(/"((?:[^"\\]|\\.)*)"/g, (_, inner: string) => inner.replaceAll(/\\(.)/g, '$1'))
}

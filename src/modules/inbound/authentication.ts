import { Resolver } from 'node:dns/promises'
import type { Logger } from '../../platform/log.ts'
import { domainOf, isSameOrganization, trustedAlignment } from './authentication-results.ts'
import type { ParsedMail } from './parsed-mail.ts'
import type { InboundMailRow } from './tables.ts'

/** Looks up records of a name: the shape of `dns.promises.resolve`. Rejects with `code`, `ENOTFOUND` and `ENODATA` where there are none. */
export type Resolve = (name: string, type: string) => Promise<unknown>

/** Whether the domain of `From` vouches for a mail, and by what that is known. */
export interface Authenticated {
  aligned: boolean
  by: 'authentication_results' | 'own_check' | 'unsigned' | 'no_answer' | 'sender'
  detail: string | null
}

/** The checks could not be made now: try again later. */
export class CannotCheckYet extends Error {}

const DNS_TIMEOUT_MS = 5000
const WHOLE_CHECK_MS = 30_000
/** After so many tries of a mail it is taken for what can be told without the names that do not answer. */
const TRIES = 3

/** Asks the servers of this machine. */
export function systemResolve(): Resolve {
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: 1 })
  return (name, type) => resolver.resolve(name, type as 'TXT')
}

/** How mail is checked. */
export type Authenticate = (checked: {
  row: Pick<InboundMailRow, 'source' | 'envelope_from' | 'attempts'>
  mail: Pick<ParsedMail, 'headers'>
  from_domain: string
  /** What the mailbox trusts; null for nothing. */
  authserv_id: string | null
  raw: () => Promise<Buffer>
}) => Promise<Authenticated>

/**
 * Makes the check: what a server says that the mailbox trusts, else our own, by DKIM (RFC 6376), SPF (RFC 7208) where Beckon took the
 * mail from its sender's server itself, and DMARC (RFC 7489). A mail without any signature is not asked about.
 */
export function createAuthenticate({ resolve, log }: { resolve: Resolve; log: Logger }): Authenticate {
  return async ({ row, mail, from_domain, authserv_id, raw }) => {
    if (authserv_id !== null) {
      const { verdict, by } = trustedAlignment(mail.headers['authentication-results'] ?? [], { authserv_id, from_domain })
      if (verdict !== 'absent') return { aligned: verdict === 'aligned', by: 'authentication_results', detail: by }
    }
    const client = clientOf(row, mail)
    if ((mail.headers['dkim-signature'] ?? []).length === 0 && !client) return { aligned: false, by: 'unsigned', detail: null }
    const checked = await check({ raw: await raw(), client, from_domain, resolve })
    if (checked !== 'no_answer') return checked
    if (row.attempts < TRIES) throw new CannotCheckYet(`the domain ${from_domain} could not be asked`)
    log.warn({ from_domain }, 'a mail is taken as unverified: its domain did not answer')
    return { aligned: false, by: 'no_answer', detail: null }
  }
}

/** Who handed the mail over, as our own listener wrote it down; undefined where it came another way. */
function clientOf(
  { source, envelope_from }: Pick<InboundMailRow, 'source' | 'envelope_from'>,
  { headers }: Pick<ParsedMail, 'headers'>,
): { ip: string; helo: string; sender: string } | undefined {
  if (source !== 'smtp') return undefined
  const received = headers.received?.[0]?.replaceAll(/\s+/g, ' ') ?? ''
  // By LMTP it came from the operator's own server.
  const [, helo, ip] =
    /^ ?from (\S+) \((?:\S+ )?\[(?:IPv6:)?([0-9a-fA-F.:]+)\]\) by \S+ \(Beckon\) with ESMTP/.exec(received) ?? []
  return helo && ip ? { ip, helo, sender: envelope_from ?? '' } : undefined
}

async function check({
  raw,
  client,
  from_domain,
  resolve,
}: {
  raw: Buffer
  client: { ip: string; helo: string; sender: string } | undefined
  from_domain: string
  resolve: Resolve
}): Promise<Authenticated | 'no_answer'> {
  const { authenticate } = await import('mailauth')
  const within = AbortSignal.timeout(WHOLE_CHECK_MS)
  const options = { ...(client ?? {}), resolver: limited(resolve, within), disableArc: true, disableBimi: true, mta: 'beckon' }
  // Its own types know less of the options than it does.
  const { dkim, spf, dmarc } = await authenticate(raw, options as unknown as Parameters<typeof authenticate>[1])
  const author = dmarc ? dmarc.status.header?.from : undefined
  // Who reads another author there than we do is not asked who wrote it.
  const isOfAuthor = typeof author !== 'string' || domainOf(author) === from_domain
  const signed = (dkim?.results ?? []).filter(
    (one) => one.status.result === 'pass' && isOfFrom(one) && isWhole(one) && typeof one.signingDomain === 'string',
  )
  const dmarcResult = dmarc ? dmarc.status.result : 'none'
  if (!isOfAuthor || dmarcResult === 'fail') return { aligned: false, by: 'own_check', detail: `dmarc=${dmarcResult}` }
  if (dmarcResult === 'pass') {
    const bySpf = dmarc && 'alignment' in dmarc && Boolean(dmarc.alignment?.spf?.result)
    // A signature over a part of the body vouches for that part.
    if (signed.length > 0 || bySpf) return { aligned: true, by: 'own_check', detail: 'dmarc=pass' }
    return { aligned: false, by: 'own_check', detail: 'dkim signs a part' }
  }
  // Without a policy of its own the domain vouches by its signature or its return path all the same.
  if (signed.some(({ signingDomain }) => isSameOrganization(domainOf(signingDomain ?? ''), from_domain)))
    return { aligned: true, by: 'own_check', detail: 'dkim=pass' }
  const spfDomain = spf && spf.status.result === 'pass' ? spf.domain : undefined
  if (typeof spfDomain === 'string' && isSameOrganization(domainOf(spfDomain), from_domain))
    return { aligned: true, by: 'own_check', detail: 'spf=pass' }
  const isUnsure = dmarcResult === 'temperror' || (dkim?.results ?? []).some(({ status }) => status.result === 'temperror')
  return isUnsure ? 'no_answer' : { aligned: false, by: 'own_check', detail: `dmarc=${dmarcResult}` }
}

/** Whether a signature covers the field `From`, as it must (RFC 6376 §5.4). */
function isOfFrom({ signingHeaders }: { signingHeaders?: unknown }): boolean {
  const keys = (signingHeaders as { keys?: string } | undefined)?.keys
  return keys === undefined || /(^|[\s:;,])from($|[\s:;,])/i.test(keys)
}

/** Whether a signature covers the whole body, which `l=` may shorten (RFC 6376 §8.2). */
function isWhole({ status }: { status: unknown }): boolean {
  return !(status as { underSized?: number }).underSized
}

function limited(resolve: Resolve, within: AbortSignal): Resolve {
  return async (name, type) => {
    if (within.aborted) throw timedOut()
    const { promise, reject } = Promise.withResolvers<never>()
    const stop = (): void => reject(timedOut())
    within.addEventListener('abort', stop, { once: true })
    try {
      return await Promise.race([resolve(name, type), promise])
    } finally {
      within.removeEventListener('abort', stop)
    }
  }
}

function timedOut(): Error {
  return Object.assign(new Error('the names did not answer in time'), { code: 'ETIMEOUT' })
}

import MarkdownIt from 'markdown-it'

// What a reader believes of a link, and where it leads.

/** Not seen, or seen as something else than they are: they make an address look like another. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu
/** Other dots that browsers take for the one between the parts of a host. */
const OTHER_DOTS = /[\u3002\uff0e\uff61]/gu

/** Finds whatever a reader may take for an address, `example.com` too. */
const addresses = new MarkdownIt().linkify.set({ fuzzyLink: true, fuzzyEmail: true, fuzzyIP: true })

/** What a link may lead to: a whole web address or a mailbox. A relative one would lead into whatever shows the message. */
const LINKABLE = /^(https?:\/\/|mailto:)/i

/** An address as browsers understand it (WHATWG URL), its host in ASCII; undefined where nobody may be led. */
export function canonicalAddress(address: string): string | undefined {
  if (!LINKABLE.test(address)) return undefined
  const url = URL.parse(address)
  if (url === null || !LINKABLE.test(url.href)) return undefined
  if (url.protocol !== 'mailto:' && url.hostname === '') return undefined
  // The slash of a bare host is not what anybody typed, and means nothing.
  return `${address}/` === url.href ? address : url.href
}

/**
 * Where a link leads, in a few words, if its text looks like an address that leads elsewhere; and whether it looks like one
 * at all. The host is told as it is asked for, so letters that only look like ASCII show as `xn--…`.
 */
export function judgeLink({ href, text }: { href: string; text: string }): { looksLikeAddress: boolean; leadsTo?: string } {
  const shown = text.normalize('NFKC').replace(INVISIBLE, '').replace(OTHER_DOTS, '.')
  const found = addresses.match(shown)
  if (!found) return { looksLikeAddress: false }
  const real = placeOf(href)
  const isHonest = found.every(({ url }) => placeShownBy(url) === real)
  return isHonest ? { looksLikeAddress: true } : { looksLikeAddress: true, leadsTo: real }
}

const PLACE_MAX = 254

/** The host or the mailbox to which an address leads. */
function placeOf(href: string): string {
  const url = URL.parse(href)
  if (url === null) return ''
  return (url.protocol === 'mailto:' ? url.pathname : withoutWww(url.host)).slice(0, PLACE_MAX)
}

/** The host or the mailbox as it is written: letters outside ASCII, users and ports stay, so that they differ. */
function placeShownBy(address: string): string {
  const mailbox = /^mailto:([^?]*)/i.exec(address)?.[1]
  if (mailbox !== undefined) return mailbox
  const host = /^[a-z]*:?\/\/([^/?#\\]*)/i.exec(address)?.[1] ?? address
  return withoutWww(host.toLowerCase())
}

function withoutWww(host: string): string {
  return host.startsWith('www.') ? host.slice(4) : host
}

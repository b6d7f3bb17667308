import MarkdownIt, { type StateCore, type Token } from 'markdown-it'
import { canonicalAddress, judgeLink } from './links.ts'
import { withoutBidiControls } from './plain.ts'
import { sanitize } from './sanitize.ts'

/** How an image names an attachment of the same message. */
const ATTACHMENT = /^attachment:(att_[0-9a-hjkmnp-tv-z]{26})$/

/** How deep quotes and lists may lie in each other: a list counts twice. */
const NESTING_MAX = 100

/** A body is nested deeper than anybody writes. */
export class TooDeep extends Error {}

const markdown = new MarkdownIt({ html: false, linkify: true, breaks: true, maxNesting: NESTING_MAX + 10 })
const usualAddress = markdown.normalizeLink
// What is shown in an address is what was typed: decoded, it could hold anything.
markdown.normalizeLinkText = (text) => text
markdown.normalizeLink = (address) => {
  if (ATTACHMENT.test(address)) return address
  const canonical = canonicalAddress(address)
  return canonical === undefined ? '' : canonical.startsWith('mailto:') ? usualAddress(canonical) : canonical
}
markdown.validateLink = (address) => address !== ''
// Left to itself, the parser leaves out what lies deeper.
markdown.block.ruler.before('table', 'not too deep', ({ level }) => {
  if (level >= NESTING_MAX) throw new TooDeep()
  return false
})
markdown.core.ruler.push('honest links', (state) => {
  for (const token of state.tokens) if (token.type === 'inline' && token.children) token.children = honest(state, token.children)
})
markdown.renderer.rules.image = (tokens, i) => {
  const { attrs, content } = tokens[i] ?? { attrs: null, content: '' }
  const [mark] = attrs ?? []
  const { escapeHtml } = markdown.utils
  return mark ? `<span ${mark[0]}="${escapeHtml(String(mark[1]))}">${escapeHtml(content)}</span>` : escapeHtml(content)
}

/**
 * The HTML of a body as Markdown: no HTML of the author's, no script, links without a referrer that do not hide where they
 * lead, images as marks. Its cost rises with the marks in the body. Throws `TooDeep`.
 */
export function renderMarkdown(body: string): string {
  return sanitize(withoutBidiControls(markdown.render(body)))
}

/** A link that is open at this place of a line. */
interface OpenLink {
  token: Token
  href: string
  text: string[]
}

/** One line's parts with images as marks and links that say where they lead. */
function honest(state: StateCore, children: Token[]): Token[] {
  const out: Token[] = []
  let link: OpenLink | undefined
  let depth = 0
  const open = (token: Token): void => {
    depth++
    const href = String(token.attrGet('href') ?? '')
    // A link inside a link is none: browsers would take them apart in ways of their own.
    if (depth > 1 || ATTACHMENT.test(href)) return
    link = { token, href, text: [] }
    out.push(token)
  }
  const close = (token: Token): void => {
    depth--
    if (depth > 0 || !link) return
    out.push(token)
    const { looksLikeAddress, leadsTo } = judgeLink({ href: link.href, text: link.text.join('') })
    if (looksLikeAddress) link.token.attrSet('dir', 'ltr')
    if (leadsTo) out.push(textToken(state, ` (${leadsTo})`))
    link = undefined
  }
  const show = (token: Token, text: string): void => {
    link?.text.push(text)
    out.push(token)
  }

  for (const child of children) {
    if (child.type === 'link_open') open(child)
    else if (child.type === 'link_close') close(child)
    else if (child.type !== 'image') show(child, child.type === 'softbreak' || child.type === 'hardbreak' ? ' ' : child.content)
    else {
      const { mark, href } = imageMark(state, child)
      if (href === undefined || depth > 0) show(mark, mark.content)
      else {
        open(linkToken(state, href))
        show(mark, mark.content)
        close(new state.Token('link_close', 'a', -1))
      }
    }
  }
  return out
}

/** The mark of an image, and where a link in its place leads. */
function imageMark(state: StateCore, image: Token): { mark: Token; href: string | undefined } {
  const source = String(image.attrGet('src') ?? '')
  const words = state.md.renderer.renderInlineAsText(image.children ?? [], state.md.options, state.env)
  const mark = new state.Token('image', '', 0)
  const attachment = ATTACHMENT.exec(source)?.[1]
  mark.content = words.trim() === '' ? (attachment ?? source) : words
  if (attachment !== undefined) mark.attrs = [['data-attachment', attachment]]
  else if (source.startsWith('https:')) mark.attrs = [['data-image', source]]
  return { mark, href: attachment === undefined ? source : undefined }
}

function linkToken(state: StateCore, href: string): Token {
  const token = new state.Token('link_open', 'a', 1)
  token.attrs = [['href', href]]
  return token
}

function textToken(state: StateCore, content: string): Token {
  const token = new state.Token('text', '', 0)
  token.content = content
  return token
}

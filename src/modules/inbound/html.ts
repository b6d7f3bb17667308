import sanitizeHtml from 'sanitize-html'
import { withoutBidiControls } from '../../platform/markdown/plain.ts'

/** The HTML of a mail as it may stand in a page. */
export interface SafeHtml {
  html: string
  /** The same without the quote; null where there is none, or it cannot be told from the rest. */
  reply: string | null
  /** The text that the quote holds. */
  quoted: string
}

const TAGS = [
  ...['p', 'div', 'span', 'br', 'hr', 'pre', 'code', 'blockquote', 'center', 'font', 'a', 'img'],
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'dl', 'dt', 'dd'],
  ...['b', 'strong', 'i', 'em', 'u', 's', 'strike', 'del', 'ins', 'sub', 'sup', 'small', 'big', 'tt', 'kbd', 'mark', 'q', 'cite'],
  ...['table', 'thead', 'tbody', 'tfoot', 'tr', 'td', 'th', 'caption', 'colgroup', 'col'],
]

const SIZES = ['width', 'height', 'align', 'valign', 'bgcolor']

// What cannot leak, load, or lie over something else.
const STYLES: ReadonlySet<string> = new Set([
  ...['color', 'background-color', 'font-family', 'font-size', 'font-style', 'font-weight', 'font-variant', 'line-height'],
  ...[
    'text-align',
    'text-decoration',
    'text-indent',
    'text-transform',
    'vertical-align',
    'white-space',
    'word-break',
    'direction',
  ],
  ...['margin', 'margin-top', 'margin-right', 'margin-bottom', 'margin-left'],
  ...['padding', 'padding-top', 'padding-right', 'padding-bottom', 'padding-left'],
  ...['border', 'border-top', 'border-right', 'border-bottom', 'border-left', 'border-color', 'border-style', 'border-width'],
  ...['border-collapse', 'border-spacing', 'border-radius', 'width', 'max-width', 'height', 'list-style-type'],
])
const STYLE_MAX = 4000
const DECLARATIONS_MAX = 60
// Words, numbers of four digits at most, colours; no address, no escape, no function but those of colours.
const VALUE =
  /^(?:[a-z][a-z-]*|#[0-9a-f]{3,8}|\d{0,4}(?:\.\d{1,6})?(?:px|pt|em|rem|ex|ch|%|in|cm|mm|pc)?|rgba?\([\d., %]{1,40}\)|hsla?\([\d., %]{1,40}\)|"[\w -]{1,60}"|'[\w -]{1,60}'|,|!important|[ \t])*$/i

const options: sanitizeHtml.IOptions = {
  allowedTags: TAGS,
  allowedAttributes: {
    '*': ['style', 'dir'],
    a: ['href', 'rel'],
    img: ['src', 'alt', 'width', 'height'],
    span: ['data-image'],
    font: ['color', 'face', 'size'],
    ol: ['start', 'type'],
    table: [...SIZES, 'border', 'cellpadding', 'cellspacing'],
    td: [...SIZES, 'colspan', 'rowspan'],
    th: [...SIZES, 'colspan', 'rowspan'],
    tr: SIZES,
    col: SIZES,
    div: ['align'],
    p: ['align'],
    hr: ['width', 'size', 'align'],
  },
  allowedSchemes: ['http', 'https', 'mailto', 'tel'],
  allowedSchemesByTag: { img: ['cid'] },
  allowedSchemesAppliedToAttributes: ['href', 'src'],
  allowProtocolRelative: false,
  disallowedTagsMode: 'discard',
  nonTextTags: [
    'script',
    'style',
    'textarea',
    'option',
    'title',
    'noscript',
    'iframe',
    'object',
    'template',
    'svg',
    'math',
    'xmp',
  ],
  // Ours is stricter, and reads each of them once.
  parseStyleAttributes: false,
  nestingLimit: 200,
}

const OPENED_MAX = 20_000
// Those that have no end tag, or may go without.
const UNENDED =
  /^(?:area|base|basefont|bgsound|br|col|embed|frame|hr|img|input|link|meta|param|source|track|wbr|p|li|dt|dd|td|th|tr|option|optgroup|tbody|thead|tfoot|html|head|body|o)$/

/** Whether HTML lies so deep within itself that to read it would take minutes: the parser's time rises with the square of it. */
export function isTooDeep(html: string): boolean {
  let opened = 0
  for (const [, slash, name = ''] of html.matchAll(/<(\/?)([a-z][a-z0-9]{0,11})/gi)) {
    if (UNENDED.test(name.toLowerCase())) continue
    if (slash === '/') opened = Math.max(0, opened - 1)
    else if (++opened > OPENED_MAX) return true
  }
  return false
}

/**
 * Makes the HTML of a mail safe: nothing that runs, loads or leaks. Images of the mail stay as `cid:` links, others become marks that
 * load nothing: `data-image`, as in messages. `isForward`: what looks like a quote is what the mail is about.
 */
export function readHtml(html: string, { cids, isForward }: { cids: ReadonlySet<string>; isForward: boolean }): SafeHtml {
  const whole = clean(html, cids)
  const nothing = { html: whole, reply: null, quoted: '' }
  if (isForward || !MAY_HOLD_QUOTE.test(html)) return nothing
  const cut = createQuoteCut()
  const reply = clean(html, cids, cut)
  return cut.isClear() ? { html: whole, reply, quoted: cut.quoted() } : nothing
}

function clean(html: string, cids: ReadonlySet<string>, cut?: QuoteCut): string {
  const safe = sanitizeHtml(html, {
    ...options,
    ...(cut ? { allowedAttributes: { ...options.allowedAttributes, '*': ['style', 'dir', QUOTED] } } : {}),
    transformTags: {
      // Only what is said of one tag may put text into it.
      img: (_, attribs) => imageAs(attribs, cids),
      '*': (tagName, attribs) => {
        const isQuoted = cut?.open(tagName, attribs) ?? false
        const { style, dir, [QUOTED]: _, ...others } = attribs
        const kept: Record<string, string> = { ...others, ...safeStyle(style), ...safeDirection(dir) }
        const shown = tagName === 'a' ? linkAs(kept) : { tagName, attribs: kept }
        return isQuoted ? { ...shown, attribs: { ...shown.attribs, [QUOTED]: '1' } } : shown
      },
    },
    exclusiveFilter: ({ tag, attribs }) => {
      cut?.close(tag, attribs)
      if (QUOTED in attribs) return true
      return tag === 'img' ? !attribs.src && !attribs.dir && !attribs['data-image'] : tag === 'a' && !attribs.href && 'excludeTag'
    },
    ...(cut ? { textFilter: (text: string) => cut.text(text) } : {}),
  })
  return withoutBidiControls(safe.replaceAll('\0', '')).trim()
}

const QUOTED = 'data-is-quoted'

function linkAs(attribs: Record<string, string>): sanitizeHtml.Tag {
  return { tagName: 'a', attribs: { ...attribs, rel: 'nofollow noopener noreferrer' } }
}

/** An image of the mail stays one; any other becomes a mark that loads nothing, or its words. */
function imageAs(attribs: Record<string, string>, cids: ReadonlySet<string>): sanitizeHtml.Tag {
  const { src = '', alt = '' } = attribs
  if (src.toLowerCase().startsWith('cid:')) return cids.has(cidOf(src)) ? { tagName: 'img', attribs } : words(alt)
  const isPixel = [attribs.width, attribs.height].some((size) => size !== undefined && /^[012](px)?$/.test(size.trim()))
  const url = isPixel ? null : URL.parse(src)
  if (url?.protocol !== 'https:') return isPixel ? words('') : words(alt)
  return { tagName: 'span', attribs: { 'data-image': url.href }, text: alt.trim() || url.hostname }
}

function words(text: string): sanitizeHtml.Tag {
  return { tagName: 'span', attribs: text.trim() === '' ? {} : { dir: 'auto' }, text: text.trim() }
}

/** The Content-ID that a `cid:` address names (RFC 2392 §2). */
export function cidOf(src: string): string {
  const id = src.slice(4)
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}

function safeDirection(dir: string | undefined): { dir?: string } {
  const direction = dir?.toLowerCase() ?? ''
  return ['auto', 'ltr', 'rtl'].includes(direction) ? { dir: direction } : {}
}

function safeStyle(style: string | undefined): { style?: string } {
  if (style === undefined || style.length > STYLE_MAX) return {}
  const kept = style
    .split(';', DECLARATIONS_MAX)
    .map((declaration) => {
      const colon = declaration.indexOf(':')
      const name = declaration.slice(0, colon).trim().toLowerCase()
      const value = declaration.slice(colon + 1).trim()
      return colon > 0 && value !== '' && value.length <= 200 && STYLES.has(name) && VALUE.test(value) ? `${name}:${value}` : ''
    })
    .filter((declaration) => declaration !== '')
  return kept.length === 0 ? {} : { style: kept.join(';') }
}

/** Finds the quote while tags and text go by. */
interface QuoteCut {
  /** Whether an element that opens is a quote, or in what comes behind a reply. */
  open(tag: string, attribs: Record<string, string>): boolean
  close(tag: string, attribs: Record<string, string>): void
  /** A text, or nothing where it is quoted. */
  text(text: string): string
  /** Whether there is a reply on one side and a quote on the other. */
  isClear(): boolean
  quoted(): string
}

const QUOTED_MAX = 1_000_000

function createQuoteCut(): QuoteCut {
  // How deep we are within an element that is a quote as a whole.
  let depth = 0
  // Everything from here on is quoted: what Outlook puts above has no end.
  let isRest = false
  let quotes = 0
  let before = 0
  let after = 0
  let length = 0
  const quoted: string[] = []
  return {
    open(tag, attribs) {
      if (isRest) return true
      if (depth === 0 && beginsRest(tag, attribs)) {
        isRest = true
        quotes++
        return true
      }
      if (!isQuote(tag, attribs)) return false
      if (depth === 0) quotes++
      depth++
      return true
    },
    close(_, attribs) {
      if (QUOTED in attribs && !isRest && depth > 0) depth--
    },
    text(text) {
      if (depth > 0 || isRest) {
        if (length < QUOTED_MAX) quoted.push(text)
        length += text.length
        return ''
      }
      const letters = text.replace(/&nbsp;|[\s\u00a0\u200b]+/g, '').length
      if (quotes === 0) before += letters
      else after += letters
      return text
    },
    // Text on both sides of a quote, or between two, is an answer within it.
    isClear: () => quotes > 0 && (isRest ? before > 0 && after === 0 : before > 0 !== after > 0 && (after === 0 || quotes === 1)),
    quoted: () => quoted.join('').slice(0, QUOTED_MAX),
  }
}

const MAY_HOLD_QUOTE =
  /blockquote|_quote|_attr|gmail_extra|zmail_extra|moz-cite|yahoo_quoted|isReplyContent|divRplyFwdMsg|appendonsend|stopSpelling|reply-intro|mail-editor-reference|OLK_SRC|border-top/i
const QUOTE_CLASS =
  /(?:^|\s)(?:gmail_quote|gmail_quote_container|gmail_attr|gmail_extra|yahoo_quoted|moz-cite-prefix|protonmail_quote|zmail_extra|tutanota_quote)(?:\s|$)/
const REST_ID =
  /^(?:divRplyFwdMsg|appendonsend|stopSpelling|reply-intro|mail-editor-reference-message-container|x_divRplyFwdMsg|OLK_SRC_BODY_SECTION)$/

function isQuote(tag: string, { type, class: names = '', id = '' }: Record<string, string>): boolean {
  if (tag === 'blockquote' && (type?.toLowerCase() === 'cite' || QUOTE_CLASS.test(names))) return true
  return tag === 'div' && (QUOTE_CLASS.test(names) || /^(?:yahoo_quoted|isReplyContent|zmail_extra)/.test(id))
}

/** What Outlook puts between a reply and everything that was said before: a rule, or a line above the old header. */
function beginsRest(tag: string, { id = '', style = '' }: Record<string, string>): boolean {
  if ((tag === 'div' || tag === 'hr') && REST_ID.test(id)) return true
  if (tag !== 'div' || style.length > 500) return false
  const plain = style.toLowerCase().replace(/\s+/g, '')
  return /border:none;border-top:solid#(?:e1e1e1|b5c4df)1\.0pt/.test(plain)
}

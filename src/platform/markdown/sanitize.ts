import sanitizeHtml from 'sanitize-html'

const blocks = ['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'li', 'pre', 'th', 'td']
const others = ['br', 'hr', 'strong', 'em', 's', 'code', 'blockquote', 'ul', 'ol', 'a', 'span', 'table', 'thead', 'tbody', 'tr']
// A block reads from the side of its first letter, whatever stands around it.
const directed = Object.fromEntries(blocks.map((tag) => [tag, sanitizeHtml.simpleTransform(tag, { dir: 'auto' })]))

const allowed: sanitizeHtml.IOptions = {
  allowedTags: [...blocks, ...others],
  allowedAttributes: {
    ...Object.fromEntries(blocks.map((tag) => [tag, [{ name: 'dir', values: ['auto'] }]])),
    a: ['href', 'rel', { name: 'dir', values: ['ltr'] }],
    ol: ['start'],
    span: ['data-image', 'data-attachment'],
  },
  allowedSchemes: ['http', 'https', 'mailto'],
  allowProtocolRelative: false,
  disallowedTagsMode: 'discard',
  // A link that leads nowhere is its words.
  exclusiveFilter: isNoLink,
  transformTags: { ...directed, a: sanitizeHtml.simpleTransform('a', { rel: 'nofollow noopener noreferrer' }) },
}

function isNoLink({ tag, attribs }: sanitizeHtml.IFrame): false | 'excludeTag' {
  return tag === 'a' && !attribs.href && 'excludeTag'
}

/** HTML that holds nothing but the few tags of a message; images only with `isSource`, which says from where. */
export function sanitize(html: string, isSource?: (source: string) => boolean): string {
  if (!isSource) return sanitizeHtml(html, allowed)
  return sanitizeHtml(html, {
    ...allowed,
    allowedTags: [...blocks, ...others, 'img'],
    allowedAttributes: { ...allowed.allowedAttributes, img: ['src', 'alt', 'loading', 'referrerpolicy'] },
    exclusiveFilter: (frame) => (frame.tag === 'img' ? !isSource(frame.attribs.src ?? '') : isNoLink(frame)),
  })
}

import MarkdownIt from 'markdown-it'
import sanitizeHtml from 'sanitize-html'

/** What somebody wrote, and how it is shown. */
export interface Text {
  body: string
  body_html: string
}

/** The longest body, in characters. */
export const BODY_MAX = 65_536

const markdown = new MarkdownIt({ html: false, linkify: true, breaks: true, maxNesting: 20 }).disable('image')

const allowed: sanitizeHtml.IOptions = {
  allowedTags: [
    ...['p', 'br', 'hr', 'strong', 'em', 's', 'code', 'pre', 'blockquote', 'ul', 'ol', 'li', 'a'],
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
  ],
  allowedAttributes: { a: ['href', 'rel'], ol: ['start'] },
  allowedSchemes: ['http', 'https', 'mailto'],
  disallowedTagsMode: 'discard',
  transformTags: { a: sanitizeHtml.simpleTransform('a', { rel: 'nofollow noopener noreferrer' }) },
}

// Most of what people write has nothing that Markdown or HTML could mean.
const PLAIN = /^[\p{L}\p{N} ,.;:!?'"()%€$\n-]*$/u
const SUSPECT = /(^|\n)\s*(\d+[.)]|-|={3,}| {4})|https?:|www\.|[a-z0-9]\.[a-z]{2}|---/iu

/** A body, Markdown or plain text, with its HTML: no HTML of the author's, no script, no image, links without a referrer. */
export function toText(body: string): Text {
  if (body.length < 4000 && PLAIN.test(body) && !SUSPECT.test(body)) return { body, body_html: plainHtml(body) }
  return { body, body_html: sanitizeHtml(markdown.render(body), allowed) }
}

function plainHtml(body: string): string {
  return body
    .split(/\n{2,}/)
    .filter((paragraph) => paragraph.trim() !== '')
    .map(
      (paragraph) =>
        `<p>${paragraph
          .trim()
          .replaceAll('"', '&quot;')
          .replaceAll(/ *\n */g, '<br />\n')}</p>\n`,
    )
    .join('')
}

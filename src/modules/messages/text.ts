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
// A link has a whole address: a relative one would lead into whatever shows the message.
markdown.validateLink = (address) => /^(https?:\/\/|mailto:)/i.test(address)

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
const SUSPECT = /(^|\n) *(\d+[.)]|-| {4})|[\p{L}\p{N}]\.\p{L}{2}|---/u

// Each of these may cost a tag. Nobody writes so many, and rendering them all would keep everybody else waiting.
const MARKS = /[\n*_`~<>|&[\]!\\#@]/g
const MARKS_MAX = 8000

/** A body, Markdown or plain text, with its HTML: no HTML of the author's, no script, no image, links without a referrer. */
export async function toText(body: string): Promise<Text> {
  return renderText(body)
}

/** As toText, at once. */
export function renderText(body: string): Text {
  const isPlain = (body.length < 4000 && PLAIN.test(body) && !SUSPECT.test(body)) || countMarks(body) > MARKS_MAX
  if (isPlain) return { body, body_html: plainHtml(body) }
  const body_html = renderMarkdown(body)
  // Links that nobody typed as such can make a body many times as long.
  return { body, body_html: body_html.length > 3 * body.length + 4096 ? plainHtml(body) : body_html }
}

/** The HTML of a body as Markdown. Its cost rises with the marks in it. */
export function renderMarkdown(body: string): string {
  return sanitizeHtml(markdown.render(body), allowed)
}

function countMarks(body: string): number {
  return body.match(MARKS)?.length ?? 0
}

/** The HTML of a body in which nothing is Markdown: paragraphs and lines. */
function plainHtml(body: string): string {
  return body
    .split(/\n(?: *\n)+/)
    .filter((paragraph) => paragraph.trim() !== '')
    .map((paragraph) => `<p>${paragraph.trim().split('\n').map(plainLine).join('<br />\n')}</p>\n`)
    .join('')
}

function plainLine(line: string): string {
  return line.trim().replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

/** Embeddings, overrides and isolates: they reorder what stands around them, to the end of the line and beyond. */
const BIDI_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g

/** A text without the characters that put others into another order than they are read in. */
export function withoutBidiControls(text: string): string {
  return text.replace(BIDI_CONTROLS, '')
}

// Most of what people write has nothing that Markdown or HTML could mean.
const PLAIN = /^[\p{L}\p{N} ,.;:!?'"()%€$\n-]*$/u
const SUSPECT = /(^|\n) *(\d+[.)]|-| {4})|[\p{L}\p{N}]\.\p{L}{2}|---/u
const PLAIN_MAX = 4000

/** Whether a body is the same read as Markdown and as plain text. It may be so where this says no. */
export function isPlain(body: string): boolean {
  return body.length < PLAIN_MAX && PLAIN.test(body) && !SUSPECT.test(body)
}

/** The HTML of a body in which nothing is Markdown: paragraphs and lines. */
export function plainHtml(body: string): string {
  return withoutBidiControls(body)
    .split(/\n(?: *\n)+/)
    .filter((paragraph) => paragraph.trim() !== '')
    .map((paragraph) => `<p dir="auto">${paragraph.trim().split('\n').map(plainLine).join('<br />\n')}</p>\n`)
    .join('')
}

function plainLine(line: string): string {
  return line.trim().replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

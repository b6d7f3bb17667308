import { escapeHtml } from '../mail/index.ts'
import type { Wording } from './wording/wording.ts'

/** What a mail says, before it is text and HTML. Each of them is plain text but `message.html`, which is safe in any page. */
export interface Content {
  wording: Wording
  /** The language of what an admin worded, where that is another one. */
  language: string
  subject: string
  /** Whether an answer gets there, and so is looked for above the line. */
  is_answerable: boolean
  greeting: string
  body: string
  message: { text: string; html: string; files: readonly string[] } | null
  /** The groups of a digest. */
  groups: readonly { title: string; lines: readonly string[] }[]
  signature: string
  unsubscribe_url: string | null
}

/** The two bodies of a mail: plain text, and HTML without tables, pictures, or anything that loads. */
export function layOut(content: Content): { text: string; html: string } {
  return { text: toPlain(content), html: toHtml(content) }
}

function toPlain({ wording, message, groups, ...content }: Content): string {
  const blocks = [
    content.is_answerable ? wording.marker : '',
    content.greeting,
    content.body,
    message?.text ?? '',
    message && message.files.length > 0 ? [wording.files, ...message.files.map((name) => `- ${name}`)].join('\n') : '',
    ...groups.map(({ title, lines }) => [title, ...lines.map((line) => `- ${line}`)].join('\n')),
    // The line that mail programs know as the beginning of a signature (RFC 3676 §4.3).
    content.signature === '' ? '' : `-- \n${content.signature}`,
    content.is_answerable ? wording.answer : '',
    content.unsubscribe_url === null ? '' : `${wording.unsubscribe}: ${content.unsubscribe_url}`,
  ]
  return `${blocks.filter((block) => block.trim() !== '').join('\n\n')}\n`
}

const page =
  'margin:0;padding:24px 16px;background:#f6f7f9;color:#1f2328;font:16px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif'
const card = 'max-width:38rem;margin:0 auto;padding:24px;background:#fff;border:1px solid #d1d9e0;border-radius:12px'
const quiet = 'color:#59636e;font-size:13px'
const quoted = 'margin:16px 0;padding-inline-start:14px;border-inline-start:3px solid #d1d9e0;overflow-wrap:anywhere'

function toHtml({ wording, message, groups, ...content }: Content): string {
  const { direction } = wording
  const blocks = [
    content.is_answerable ? `<p style="${quiet};text-align:center;margin:0 0 16px">${escapeHtml(wording.marker)}</p>` : '',
    content.greeting === '' ? '' : `<p>${toLines(content.greeting)}</p>`,
    ...paragraphs(content.body),
    message === null ? '' : `<div dir="auto" style="${quoted}">${message.html}</div>`,
    message && message.files.length > 0
      ? `<p style="${quiet}">${escapeHtml(wording.files)} ${message.files.map((name) => `<bdi>${escapeHtml(name)}</bdi>`).join(', ')}</p>`
      : '',
    ...groups.map(({ title, lines }) => {
      const items = lines.map((line) => `<li><bdi>${escapeHtml(line)}</bdi></li>`).join('')
      return `<h2 style="font-size:16px;margin:20px 0 4px"><bdi>${escapeHtml(title)}</bdi></h2><ul style="margin:0">${items}</ul>`
    }),
    content.signature === '' ? '' : `<p style="margin-top:24px;color:#59636e">${toLines(content.signature)}</p>`,
    content.is_answerable ? `<p style="${quiet}">${escapeHtml(wording.answer)}</p>` : '',
    content.unsubscribe_url === null
      ? ''
      : `<p style="${quiet}"><a href="${escapeHtml(content.unsubscribe_url)}" style="color:#59636e">${escapeHtml(wording.unsubscribe)}</a></p>`,
  ]
  return `<!doctype html>
<html lang="${escapeHtml(content.language)}" dir="${direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(content.subject)}</title>
</head>
<body dir="${direction}" style="${escapeHtml(page)}">
<div style="${card}">
${blocks.filter((block) => block !== '').join('\n')}
</div>
</body>
</html>
`
}

function paragraphs(text: string): string[] {
  return text
    .split(/\n{2,}/)
    .filter((part) => part.trim() !== '')
    .map((part) => `<p>${toLines(part)}</p>`)
}

function toLines(text: string): string {
  return escapeHtml(text.trim()).replaceAll('\n', '<br>')
}

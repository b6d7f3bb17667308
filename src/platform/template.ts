// Texts with placeholders: `{{requester.first_name}}`, with a fallback `{{requester.first_name|there}}`. There is no logic in them.
// A backslash takes the next character as it is, as in Markdown, which also shows it so: `\{{` is two braces.

/** A piece of a template: text as it stands there, or a place for a value. */
export type Part = { text: string } | { placeholder: string; fallback: string | null }

/** Why a text is no template. */
export interface Fault {
  code: string
  detail: string
}

const LONGEST_FALLBACK = 200
const MOST_PLACEHOLDERS = 50

const NAME = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){1,2}$/

/** The parts of a template, or why it is none. */
export function parseTemplate(source: string): { parts: Part[] } | { fault: Fault } {
  const parts: Part[] = []
  let text = ''
  let count = 0
  for (let i = 0; i < source.length; ) {
    if (source[i] === '\\') {
      text += source.slice(i, i + 2)
      i += 2
    } else if (!source.startsWith('{{', i)) {
      text += source[i]
      i += 1
    } else {
      const end = source.indexOf('}}', i)
      if (end === -1) return fault('unclosed', `A placeholder is not closed: ${excerpt(source, i)}. Two braces are \\{{.`)
      const read = readPlaceholder(source.slice(i + 2, end))
      if ('fault' in read) return read
      if (++count > MOST_PLACEHOLDERS)
        return fault('too_many', `There are more than ${MOST_PLACEHOLDERS} placeholders in this text.`)
      if (text !== '') parts.push({ text })
      parts.push(read)
      text = ''
      i = end + 2
    }
  }
  if (text !== '') parts.push({ text })
  return { parts }
}

function readPlaceholder(inner: string): { placeholder: string; fallback: string | null } | { fault: Fault } {
  if (/[{}]/.test(inner)) return fault('nested', `There are braces within braces: {{${excerpt(inner, 0)}. Two braces are \\{{.`)
  const bar = inner.indexOf('|')
  const placeholder = (bar === -1 ? inner : inner.slice(0, bar)).trim()
  if (!NAME.test(placeholder)) return fault('invalid_placeholder', `There is no name of a placeholder: {{${excerpt(inner, 0)}.`)
  if (bar === -1) return { placeholder, fallback: null }
  const fallback = inner.slice(bar + 1).trim()
  if (isBlank(fallback) || fallback.length > LONGEST_FALLBACK || /[\p{Cc}\\]/u.test(fallback))
    return fault(
      'invalid_fallback',
      `Behind | stands the text for when there is no value: 1 to ${LONGEST_FALLBACK} characters on one line, no backslash.`,
    )
  return { placeholder, fallback }
}

function fault(code: string, detail: string): { fault: Fault } {
  return { fault: { code, detail } }
}

function excerpt(source: string, from: number): string {
  const [line = ''] = source.slice(from, from + 40).split('\n')
  return line.toWellFormed()
}

/** The template that parts are read from. */
export function printTemplate(parts: readonly Part[]): string {
  return parts.map((part) => ('text' in part ? part.text : placeholderText(part))).join('')
}

function placeholderText({ placeholder, fallback }: { placeholder: string; fallback: string | null }): string {
  return fallback === null ? `{{${placeholder}}}` : `{{${placeholder}|${fallback}}}`
}

/** The names of the placeholders in a template, each once. */
export function placeholdersIn(parts: readonly Part[]): string[] {
  return [...new Set(parts.flatMap((part) => ('text' in part ? [] : [part.placeholder])))]
}

/**
 * The text with values in it, as Markdown. Where there is neither a value nor a fallback a mark stands, and `missing` names it.
 * Values are text: nothing in them is markup, a link, or a placeholder.
 */
export function renderTemplate(
  parts: readonly Part[],
  textOf: (placeholder: string) => string | undefined,
): { body: string; missing: string[] } {
  const missing = new Set<string>()
  const body = parts.map((part) => {
    if ('text' in part) return part.text
    const value = toLine(textOf(part.placeholder) ?? '')
    if (!isBlank(value)) return escapeMarkdown(value)
    if (part.fallback !== null) return part.fallback
    missing.add(part.placeholder)
    return escapeMarkdown(`[${part.placeholder}]`)
  })
  return { body: body.join(''), missing: [...missing] }
}

/** Whether nobody sees anything of a text: signs that show nothing are a gap as well. */
function isBlank(text: string): boolean {
  return /^[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]*$/u.test(text)
}

/** A value on one line, without what would turn the order of the letters around it. */
export function toLine(value: string): string {
  return value
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
}

// What means something anywhere, to any reader of Markdown; what could be a part of an address, which is no link with a part of it
// taken as it is; what would mention a ticket; and what means something at the beginning of a line, or next to what stands before or
// behind it.
const MARKS = /[\\`*_{}[\]<|~@]|&(?=[#\w]|$)|#(?=\d)|\.(?=\S)|(?<=[/:])\/|\/(?=\/|$)|^[-+#=>(:/!]|(?<=^\d*)[.)]/g

/** A text on one line as Markdown that shows it letter by letter, wherever it is put. */
export function escapeMarkdown(line: string): string {
  return line.replace(MARKS, '\\$&')
}

import { isUtf8 } from 'node:buffer'
import { extensionOf } from './file-name.ts'
import { type Signature, signatures, within } from './signatures.ts'

/** What is said of no bytes in particular, and of those that pretend. */
const UNKNOWN_TYPE = 'application/octet-stream'

/** Text that a browser would run or draw. */
const markup: readonly { type: string; pattern: RegExp; extensions: readonly string[] }[] = [
  { type: 'image/svg+xml', pattern: /<svg[\s>/:]/i, extensions: ['svg'] },
  {
    type: 'text/html',
    pattern: /<!doctype html|<(html|head|body|script|iframe|style|meta|title|object|embed|form|img|a|div|table|!--)[\s>/]/i,
    extensions: ['html', 'htm', 'xhtml'],
  },
  { type: 'text/xml', pattern: /^\s*<\?xml|<!DOCTYPE|<[a-z][\w:-]*\s+xmlns/i, extensions: ['xml', 'xsl', 'xslt', 'rss', 'atom'] },
]

/** Names under which a program, a browser or a shell runs what it gets. */
const ACTIVE = new Set(
  'html htm xhtml shtml svg svgz xml xsl js mjs cjs jse vbs vbe wsf hta css swf exe dll com scr bat cmd ps1 sh msi jar apk app lnk url reg'.split(
    ' ',
  ),
)

/** Shown by a browser in the page itself: pictures that are nothing but pictures. */
const INLINE = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'])
const EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  'image/png': ['png'],
  'image/jpeg': ['jpg', 'jpeg', 'jpe', 'jfif'],
  'image/gif': ['gif'],
  'image/webp': ['webp'],
  'image/avif': ['avif'],
}

/**
 * What a file is by its first bytes. What it is called decides only among kinds that begin alike; where name and bytes contradict
 * each other in a way that could make somebody run it, it is nothing in particular.
 */
export function contentTypeOf(head: Buffer, name: string): string {
  const extension = extensionOf(name)
  const found = byBytes(head) ?? byText(head)
  if (found === undefined) return UNKNOWN_TYPE
  const kind = markup.find(({ type }) => type === found)
  if (kind) return kind.extensions.includes(extension) ? found : UNKNOWN_TYPE
  const type = within[found]?.[extension] ?? found
  // A picture that wants to be opened as a page.
  if (ACTIVE.has(extension) && type === found && !isActiveByBytes(found) && found !== 'text/plain') return UNKNOWN_TYPE
  return type
}

function isActiveByBytes(type: string): boolean {
  return /executable|x-elf|x-mach|java-vm/.test(type)
}

function byBytes(head: Buffer): string | undefined {
  return signatures.find((signature) => fits(head, signature) && (!signature.and || fits(head, signature.and)))?.type
}

function fits(head: Buffer, { at, bytes }: Pick<Signature, 'at' | 'bytes'>): boolean {
  return head.length >= at + bytes.length && head.subarray(at, at + bytes.length).toString('latin1') === bytes
}

function byText(head: Buffer): string | undefined {
  const whole = withoutCutCharacter(head)
  if (whole.length === 0 || !isUtf8(whole)) return undefined
  const text = whole.toString('utf8')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what no text has
  if (/[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text)) return undefined
  return markup.find(({ pattern }) => pattern.test(text))?.type ?? 'text/plain'
}

/** The head may end within a character: up to three bytes of it are left out. */
function withoutCutCharacter(head: Buffer): Buffer {
  for (let cut = 0; cut <= 3 && cut < head.length; cut++) {
    const whole = head.subarray(0, head.length - cut)
    if (isUtf8(whole)) return whole
  }
  return head
}

/** How a file is given out: its type for the browser, and whether it may show it in a page. Never what a browser would run. */
export function servedAs({ content_type, name }: { content_type: string; name: string }): { type: string; isInline: boolean } {
  if (markup.some(({ type }) => type === content_type)) return { type: UNKNOWN_TYPE, isInline: false }
  const isInline = INLINE.has(content_type) && (EXTENSIONS[content_type] ?? []).includes(extensionOf(name))
  const type = /^text\//.test(content_type) ? `${content_type}; charset=utf-8` : content_type
  return { type, isInline }
}

/** Whether a type is one of `image/png`, `image/*` and the like. */
export function isOneOf(type: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('/*') ? type.startsWith(pattern.slice(0, -1)) : pattern.toLowerCase() === type,
  )
}

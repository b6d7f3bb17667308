import { isUtf8 } from 'node:buffer'
import { compile } from 'html-to-text'
import PostalMime, { type Attachment, addressParser, decodeWords, type Email } from 'postal-mime'
import { cleanLine, cleanText } from './clean.ts'
import { readDeliveryReport } from './delivery-report.ts'
import { isTooDeep, readHtml, type SafeHtml } from './html.ts'
import type { MailAddress, ParsedFile, ParsedMail } from './parsed-mail.ts'
import { isForwardSubject, splitQuote } from './quotes.ts'

/** Why a mail is not read at all. */
export type Refusal = 'too_many_parts' | 'too_many_lines' | 'too_deep' | 'header_too_large'

/** What is read of a mail; of more, `cut` says so, or the mail is refused. */
export const limits = {
  parts: 20_000,
  lines: 1_000_000,
  depth: 50,
  headerBytes: 4_194_304,
  files: 100,
  textLength: 500_000,
  htmlLength: 2_000_000,
  addresses: 200,
  references: 100,
  valuesOfAField: 20,
  valueLength: 4000,
} as const

/** Reads a mail. Runs in a thread of its own, under a limit of time and memory. Throws only what nobody foresaw. */
export async function parseMail(raw: Uint8Array<ArrayBuffer>): Promise<ParsedMail | { refused: Refusal }> {
  const refused = tooMuch(raw)
  if (refused) return { refused }
  try {
    return toParsedMail(await createReader().parse(raw))
  } catch (error) {
    const message = error instanceof Error ? error.message : ''
    if (/nesting depth/.test(message)) return { refused: 'too_deep' }
    if (/header size/.test(message)) return { refused: 'header_too_large' }
    throw error
  }
}

/** Whether reading would take too much, seen without reading. */
function tooMuch(raw: Uint8Array<ArrayBuffer>): Refusal | undefined {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  if (occursMoreThan(bytes, '\n--', limits.parts)) return 'too_many_parts'
  return occursMoreThan(bytes, '\n', limits.lines) ? 'too_many_lines' : undefined
}

function occursMoreThan(bytes: Buffer, text: string, most: number): boolean {
  let count = 0
  for (let at = bytes.indexOf(text, 0, 'latin1'); at !== -1; at = bytes.indexOf(text, at + text.length, 'latin1'))
    if (++count > most) return true
  return false
}

/** A part of a mail as the parser of postal-mime 4.0.0 has it, as far as its charset goes. */
interface TextNode {
  content: ArrayBuffer | null
  contentType: { parsed: { params: Record<string, string> } }
}

/** A parser that looks at the bytes where a part lies about its charset. */
function createReader(): PostalMime {
  const reader = new PostalMime({
    attachmentEncoding: 'arraybuffer',
    // Another mail within the mail is a file: what it says is not what its bearer says.
    forceRfc822Attachments: true,
    maxNestingDepth: limits.depth,
    maxHeadersSize: limits.headerBytes,
  })
  // The one place where it can be put right: asked for each part before its text is decoded, and told by no option.
  const inner = reader as unknown as { isInlineTextNode(node: TextNode): boolean }
  const usual = inner.isInlineTextNode.bind(reader)
  inner.isInlineTextNode = (node) => {
    const isText = usual(node)
    const { params } = node.contentType.parsed
    if (isText && node.content) params.charset = charsetOf(new Uint8Array(node.content), params.charset)
    return isText
  }
  return reader
}

/** What the bytes can be read as: UTF-8 is never so by accident, and what is none cannot be read as it. */
function charsetOf(bytes: Uint8Array, declared = ''): string {
  const name = declared.trim().toLowerCase()
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  // Those are seven bits wide, or have a NUL in every other place: nothing can be told by their bytes.
  if (/^(?:iso-2022|utf-?16|utf-?7|hz)/.test(name)) return declared
  const isUnicode = isUtf8(bytes)
  if (isUnicode) return bytes.some((byte) => byte > 127) ? 'utf-8' : declared || 'utf-8'
  return name === '' || /^(?:utf-?8|us-ascii|ascii|unknown.*|default|x-unknown)$/.test(name) ? 'windows-1252' : declared
}

function toParsedMail(mail: Email): ParsedMail {
  const cut = new Set<string>()
  const fields = fieldsOf(mail, cut)
  const subject = cleanLine(decodeWords(first(fields, 'subject')), 998)
  const isForward = isForwardSubject(subject)
  const report = readDeliveryReport(
    mail.attachments.map(({ mimeType, content }) => ({ content_type: mimeType, content: bytesOf(content) })),
  )
  const files = filesOf(mail.attachments, cut)
  const cids = new Set(files.flatMap(({ content_id }) => content_id ?? []))
  const { text, reply, quoted, html, reply_html } = textsOf(mail, { cids, isForward, cut })
  const date = Date.parse(first(fields, 'date').slice(0, 200))
  return {
    message_id: idsIn(first(fields, 'message-id'))[0] ?? null,
    in_reply_to: all(fields, 'in-reply-to').flatMap(idsIn).slice(0, limits.references),
    references: all(fields, 'references').flatMap(idsIn).slice(-limits.references),
    from: addressesIn(fields, 'from'),
    sender: addressesIn(fields, 'sender')[0] ?? null,
    reply_to: addressesIn(fields, 'reply-to'),
    to: addressesIn(fields, 'to'),
    cc: addressesIn(fields, 'cc'),
    delivered_to: ['delivered-to', 'x-original-to', 'envelope-to']
      .flatMap((name) => addressesIn(fields, name))
      .map(({ address }) => address)
      .filter((address) => address !== '')
      .slice(0, 20),
    return_path: returnPath(fields),
    subject,
    date: date > 0 && date < DATE_MAX ? date : null,
    headers: Object.fromEntries(
      [...fields].filter(([name]) => DECIDING.has(name)).map(([name, values]) => [name, values.slice(0, limits.valuesOfAField)]),
    ),
    text,
    reply,
    quoted,
    html,
    reply_html,
    files,
    report,
    cut: [...cut],
  }
}

const DATE_MAX = Date.UTC(2100, 0, 1)
const DECIDING: ReadonlySet<string> = new Set([
  ...['from', 'sender', 'reply-to', 'to', 'cc', 'date', 'subject', 'message-id', 'in-reply-to', 'references', 'return-path'],
  ...['auto-submitted', 'precedence', 'content-type', 'mime-version', 'importance', 'priority', 'x-priority'],
  ...['x-auto-response-suppress', 'x-autoreply', 'x-autorespond', 'x-autoresponse', 'x-auto-reply-from', 'x-mail-autoreply'],
  ...[
    'x-autogenerated',
    'x-autoreply-from',
    'x-precedence',
    'x-loop',
    'x-beckon',
    'feedback-id',
    'x-failed-recipients',
    'x-cron-env',
  ],
  ...['list-id', 'list-post', 'list-unsubscribe', 'list-unsubscribe-post', 'list-help', 'mailing-list', 'x-mailing-list'],
  ...[
    'authentication-results',
    'arc-authentication-results',
    'arc-seal',
    'arc-message-signature',
    'dkim-signature',
    'received-spf',
  ],
  ...['received', 'delivered-to', 'x-original-to', 'envelope-to', 'resent-from', 'resent-to', 'errors-to', 'x-original-from'],
  ...[
    'x-spam-flag',
    'x-spam-status',
    'x-ms-exchange-generated-message-source',
    'x-ms-exchange-inbox-rules-loop',
    'x-report-abuse',
  ],
  ...['x-auto-reply', 'x-autoresponder', 'x-vacation', 'x-post-messageclass', 'x-ms-exchange-message-is-ndr'],
  ...['disposition-notification-to', 'x-mailer', 'user-agent'],
])

/** The header, its names in lower case; values unfolded and bounded. */
function fieldsOf({ headers }: Email, cut: Set<string>): Map<string, string[]> {
  const fields = new Map<string, string[]>()
  for (const { key, value } of headers) {
    const longest = LONG.has(key) ? limits.valueLength * 25 : limits.valueLength
    const values = fields.get(key)
    if (value.length > longest || (values && values.length >= limits.valuesOfAField)) cut.add('headers')
    if (values && values.length >= limits.valuesOfAField) continue
    const kept = value
      .slice(0, longest)
      .replace(/[\0\r\n]/g, ' ')
      .toWellFormed()
    if (values) values.push(kept)
    else fields.set(key, [kept])
  }
  return fields
}

// Lists that are rightly long.
const LONG: ReadonlySet<string> = new Set(['to', 'cc', 'references', 'reply-to'])

function all(fields: ReadonlyMap<string, string[]>, name: string): string[] {
  return fields.get(name) ?? []
}

function first(fields: ReadonlyMap<string, string[]>, name: string): string {
  return fields.get(name)?.[0] ?? ''
}

function idsIn(field: string): string[] {
  return field.match(/<[^<>\s]{1,900}>/g) ?? []
}

function addressesIn(fields: ReadonlyMap<string, string[]>, name: string): MailAddress[] {
  const addresses: MailAddress[] = []
  for (const field of all(fields, name))
    for (const { name, address } of addressParser(field, { flatten: true })) {
      if (addresses.length === limits.addresses) return addresses
      addresses.push({
        name: cleanLine(decodeWords(name ?? ''), 200),
        address: cleanLine(address ?? '', 320).replaceAll(' ', ''),
      })
    }
  return addresses
}

/** '' is a bounce (RFC 5321 §4.5.5). */
function returnPath(fields: ReadonlyMap<string, string[]>): string | null {
  const [field] = all(fields, 'return-path')
  if (field === undefined) return null
  return cleanLine(/<([^<>]*)>/.exec(field)?.[1] ?? field, 320)
}

function bytesOf(content: Attachment['content']): Uint8Array<ArrayBuffer> {
  return typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content)
}

const TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/

function filesOf(attachments: readonly Attachment[], cut: Set<string>): ParsedFile[] {
  if (attachments.length > limits.files) cut.add('files')
  return attachments.slice(0, limits.files).map(({ filename, mimeType, disposition, related, contentId, content }, i) => {
    const content_type = TYPE.test(mimeType) ? mimeType : 'application/octet-stream'
    const content_id = cleanLine((contentId ?? '').replace(/^\s*<|>\s*$/g, ''), 300) || null
    return {
      name: cleanLine(filename ?? '', 255) || namelessFile(content_type, i + 1),
      content_type,
      content_id,
      inline: content_id !== null && (disposition === 'inline' || related === true),
      content: bytesOf(content),
    }
  })
}

function namelessFile(content_type: string, number: number): string {
  if (content_type === 'application/ms-tnef' || content_type === 'application/vnd.ms-tnef') return 'winmail.dat'
  const [, ending] = NAMES.find(([type]) => content_type.startsWith(type)) ?? []
  return ending ?? `file-${number}`
}

const NAMES: readonly [type: string, name: string][] = [
  ['message/delivery-status', 'delivery-status.txt'],
  ['message/rfc822', 'message.eml'],
  ['message/global', 'message.eml'],
  ['text/rfc822', 'message-headers.txt'],
  ['text/calendar', 'invitation.ics'],
  ['application/ics', 'invitation.ics'],
  ['text/html', 'page.html'],
  ['text/plain', 'text.txt'],
  ['image/png', 'image.png'],
  ['image/jpeg', 'image.jpg'],
  ['image/gif', 'image.gif'],
  ['application/pdf', 'document.pdf'],
  ['application/pgp-signature', 'signature.asc'],
  ['application/pkcs7-signature', 'smime.p7s'],
]

type Texts = Pick<ParsedMail, 'text' | 'reply' | 'quoted' | 'html' | 'reply_html'>

function textsOf(
  mail: Email,
  { cids, isForward, cut }: { cids: ReadonlySet<string>; isForward: boolean; cut: Set<string> },
): Texts {
  const given = mail.html ?? ''
  const start = given.slice(0, limits.htmlLength)
  const isDeep = isTooDeep(start)
  const safe: SafeHtml | null = start.trim() === '' || isDeep ? null : readHtml(start, { cids, isForward })
  // Of what is too long for a page, or too deep for anybody, the text is shown.
  const isShown = !isDeep && given.length <= limits.htmlLength && (safe?.html.length ?? 0) <= limits.htmlLength
  if (!isShown) cut.add('html')
  const html = safe !== null && isShown && safe.html !== '' ? safe.html : null
  const plain = cleanText(mail.text ?? '')
  const whole = plain.trim() !== '' ? plain : isDeep ? cleanText(start.replace(/<[^<>]*>/g, ' ')) : textOfHtml(safe?.html ?? '')
  if (whole.length > limits.textLength) cut.add('text')
  const text = whole.slice(0, limits.textLength).toWellFormed().trim()
  const split = splitQuote(text, { isForward })
  const reply_html = html === null ? null : (safe?.reply ?? null)
  if (split.quoted !== null || reply_html === null || !safe) return { text, ...split, html, reply_html }
  // Where the text shows no quote, the marks of the HTML may.
  const reply = textOfHtml(reply_html).slice(0, limits.textLength).trim()
  if (reply === '' || reply.length >= text.length) return { text, ...split, html, reply_html: null }
  return { text, reply, quoted: textOfHtml(safe.quoted).slice(0, limits.textLength).trim() || null, html, reply_html }
}

const toText = compile({
  wordwrap: false,
  limits: { maxInputLength: limits.htmlLength, maxDepth: 200, maxChildNodes: 100_000 },
  selectors: [
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, ignoreHref: false } },
    { selector: 'img', format: 'skip' },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
    { selector: 'blockquote', options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
  ],
})

/** The text of HTML that is safe already. */
function textOfHtml(html: string): string {
  if (html === '') return ''
  return cleanText(toText(html.slice(0, limits.htmlLength)))
    .replaceAll('\u00a0', ' ')
    .trim()
}

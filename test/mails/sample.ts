/** A mail of the corpus, byte by byte, and what must be made of it. */
export interface Sample {
  name: string
  raw: Buffer
  expect: Expectation
}

/** What must be made of a mail. What is not said is not looked at; that it ends somewhere, whole, is always looked at. */
export interface Expectation {
  /** Whether somebody wrote it; `bounce` and `auto_reply` say that a machine did. */
  class?: 'person' | 'auto_reply' | 'bounce' | 'list'
  subject?: string
  /** What its author wrote this time, spaces aside. */
  reply?: string
  /** Passages that the whole text has. */
  keeps?: string[]
  /** Passages that nobody is shown, in text nor in HTML. */
  never?: string[]
  /** The names of its files, in their order. */
  files?: string[]
  /** The address that it comes from. */
  from?: string
  /** It is quarantined: nothing can be made of it. */
  poison?: true
}

export type Field = readonly [name: string, value: string]

const CRLF = '\r\n'

/** Where all of them are sent to. */
export const DESK = 'help@desk.example'

/** A mail of these fields and this body. Bytes that are no ASCII are written as they stand in a latin-1 string. */
export function mailOf(fields: readonly Field[], body: string | Buffer = ''): Buffer {
  const head = fields.map(([name, value]) => `${name}: ${value}${CRLF}`).join('')
  return Buffer.concat([Buffer.from(head + CRLF, 'latin1'), typeof body === 'string' ? Buffer.from(lines(body)) : body])
}

/** The usual fields of a mail by Mia, with others in their place or beside them; null takes one away. */
export function fieldsOf(name: string, changes: Record<string, string | null> = {}): Field[] {
  const usual: Record<string, string | null> = {
    From: 'Mia Muster <mia@customer.example>',
    To: DESK,
    Subject: `Printer ${name}`,
    Date: 'Sun, 22 Nov 2026 10:00:00 +0100',
    'Message-ID': `<${name.replace(/[^a-z0-9]+/gi, '-').toLowerCase()}@customer.example>`,
    'MIME-Version': '1.0',
  }
  const fields = { ...usual, ...changes }
  return Object.entries(fields).flatMap(([key, value]) => (value === null ? [] : [[key, value] as const]))
}

/** A mail in plain text. */
export function plain(name: string, text: string, changes: Record<string, string | null> = {}): Buffer {
  return mailOf(
    fieldsOf(name, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Transfer-Encoding': '8bit', ...changes }),
    text,
  )
}

/** A part of a mail. */
export function part(fields: Record<string, string>, body: string | Buffer): Buffer {
  return mailOf(Object.entries(fields), body)
}

/** Parts with their boundary between them. */
export function joined(boundary: string, parts: readonly Buffer[]): Buffer {
  const mark = Buffer.from(`${CRLF}--${boundary}${CRLF}`)
  return Buffer.concat([...parts.flatMap((one) => [mark, one]), Buffer.from(`${CRLF}--${boundary}--${CRLF}`)])
}

/** A mail of parts. */
export function multipart(
  name: string,
  parts: readonly Buffer[],
  { type = 'mixed', changes = {} }: { type?: string; changes?: Record<string, string | null> } = {},
): Buffer {
  const boundary = 'b0undary'
  const fields = fieldsOf(name, { 'Content-Type': `multipart/${type}; boundary="${boundary}"`, ...changes })
  return mailOf(fields, joined(boundary, parts))
}

/** A mail with the same in plain text and in HTML. */
export function both(name: string, text: string, html: string, changes: Record<string, string | null> = {}): Buffer {
  const parts = [textPart(text), htmlPart(html)]
  return multipart(name, parts, { type: 'alternative', changes })
}

export function textPart(text: string): Buffer {
  return part({ 'Content-Type': 'text/plain; charset=utf-8', 'Content-Transfer-Encoding': '8bit' }, text)
}

export function htmlPart(html: string): Buffer {
  return part({ 'Content-Type': 'text/html; charset=utf-8', 'Content-Transfer-Encoding': '8bit' }, html)
}

/** A file in base64. */
export function filePart(type: string, content: Buffer, fields: Record<string, string> = {}): Buffer {
  return part({ 'Content-Type': type, 'Content-Transfer-Encoding': 'base64', ...fields }, base64(content))
}

export function base64(content: Buffer): string {
  return (content.toString('base64').match(/.{1,76}/g) ?? []).join(CRLF)
}

/** Quoted-printable (RFC 2045 §6.7), every byte that is not a letter or a digit escaped. */
export function quotedPrintable(content: Buffer): string {
  const digits = Array.from(content, (byte) =>
    (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122)
      ? String.fromCharCode(byte)
      : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  )
  const out: string[] = []
  for (let i = 0, line = ''; i <= digits.length; i++) {
    const next = digits[i]
    if (next === undefined || line.length + next.length > 75) {
      out.push(line)
      line = ''
    }
    line += next ?? ''
  }
  return out.join(`=${CRLF}`)
}

function lines(text: string): string {
  return text.replace(/\r?\n/g, CRLF)
}

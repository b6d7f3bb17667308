import { createHash } from 'node:crypto'

/** What tells one mail from another. */
export interface Fingerprint {
  /** Its Message-ID with angle brackets; made of the content where it has none, or one that is no use. */
  header_id: string
  /** Whether it has one of its own. */
  has_header_id: boolean
  /** SHA-256 of what its author sent: the same however it travelled. */
  content_hash: string
}

/** Reads a mail as it passes by. */
export interface Fingerprinting {
  update(chunk: Buffer): void
  finish(): Fingerprint
}

// What makes the mail; everything else was written by those who carried it.
const FIELDS = [
  'from',
  'to',
  'cc',
  'subject',
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'content-disposition',
  'content-id',
  'content-description',
  'content-language',
  'content-location',
] as const
const NAMES: ReadonlySet<string> = new Set(FIELDS)
// What stands behind so much of a header counts as its body.
const HEADER_MAX = 1_048_576
const ID_MAX = 900

/**
 * Takes the fingerprint of a mail in flat memory. Neither the fields that servers add, nor how header lines are folded, nor how lines
 * end, nor empty lines at the end make it another mail.
 */
export function createFingerprinting(): Fingerprinting {
  const body = createHash('sha256')
  const lines = lineEndings((text) => void body.update(text, 'latin1'))
  let header: Buffer | undefined = Buffer.alloc(0)
  let fields: Map<string, string[]> = new Map()

  const endHeader = (bytes: Buffer, at: number): void => {
    fields = fieldsOf(bytes.subarray(0, at).toString('latin1'))
    header = undefined
    // Where no field makes it a mail, its lines that are no fields count, too: nothing that is different is taken for a copy.
    if (fields.size === 0) body.update(strayLines(bytes.subarray(0, at).toString('latin1')), 'latin1')
    lines.update(bytes.subarray(at).toString('latin1'))
  }
  return {
    update(chunk) {
      if (!header) return lines.update(chunk.toString('latin1'))
      const before = header.length
      header = Buffer.concat([header, chunk])
      const end = endOfHeader(header, Math.max(0, before - 3))
      if (end !== undefined || header.length > HEADER_MAX) endHeader(header, end ?? HEADER_MAX)
    },
    finish() {
      if (header) endHeader(header, header.length)
      const parts = FIELDS.map((name) => [name, ...(fields.get(name) ?? [])])
      const content_hash = sha256(JSON.stringify([...parts, body.digest('hex')]))
      const own = ownId(fields.get('message-id')?.[0])
      return { header_id: own ?? `<${content_hash}@missing.invalid>`, has_header_id: own !== undefined, content_hash }
    },
  }
}

/** The key under which a mailbox has this mail once. */
export function dedupeKey({ header_id, content_hash }: Fingerprint, mailbox_id: string | null): string {
  return sha256(JSON.stringify([mailbox_id, header_id, content_hash]))
}

/** The key by which a Message-ID is found. */
export function headerKey(header_id: string): string {
  return sha256(header_id)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Where the body begins; undefined while that is not there yet. */
function endOfHeader(bytes: Buffer, from: number): number | undefined {
  // A mail without any header begins with the empty line.
  if (bytes[0] === 10) return 1
  if (bytes[0] === 13 && bytes[1] === 10) return 2
  const bare = bytes.indexOf('\n\n', from, 'latin1')
  const usual = bytes.indexOf('\n\r\n', from, 'latin1')
  if (bare === -1 && usual === -1) return undefined
  return usual === -1 || (bare !== -1 && bare < usual) ? bare + 2 : usual + 3
}

/** The fields that count, unfolded (RFC 5322 §2.2.3), each with its values from top to bottom. */
function fieldsOf(text: string): Map<string, string[]> {
  const fields = new Map<string, string[]>()
  let name = ''
  let value: string[] = []
  const keep = (): void => {
    if (!NAMES.has(name)) return
    fields.set(name, [
      ...(fields.get(name) ?? []),
      value
        .join(' ')
        .replace(/[\s\0]+/g, ' ')
        .trim(),
    ])
  }
  for (const line of text.split('\n')) {
    if (line.startsWith(' ') || line.startsWith('\t')) {
      value.push(line)
      continue
    }
    keep()
    const colon = line.indexOf(':')
    name = colon === -1 ? '' : line.slice(0, colon).trim().toLowerCase()
    value = [line.slice(colon + 1)]
  }
  keep()
  return fields
}

function ownId(field: string | undefined): string | undefined {
  const text = Buffer.from(field ?? '', 'latin1').toString('utf8')
  const id = /<[^<>\s]{3,}>/.exec(text)?.[0] ?? text.trim()
  if (id === '' || id === '<>') return undefined
  // Whatever is too long for its column is still the same on every copy.
  return id.length > ID_MAX ? `<${sha256(id)}@long.invalid>` : id
}

/** Passes text on with every line ending in one LF, and none at its end. */
function lineEndings(pass: (text: string) => void): { update(text: string): void } {
  let held = ''
  return {
    update(text) {
      // What ends in neither is never the half of an ending.
      const whole = held + text
      const end = endOfText(whole)
      pass(whole.slice(0, end).replaceAll('\r\n', '\n'))
      held = whole.slice(end)
      // A mail of nothing but empty lines must not be held as a whole, each time anew.
      if (held.length > HEADER_MAX) {
        pass(held.slice(0, -1).replaceAll('\r\n', '\n'))
        held = held.slice(-1)
      }
    },
  }
}

function endOfText(text: string): number {
  let end = text.length
  while (end > 0 && (text.charCodeAt(end - 1) === 10 || text.charCodeAt(end - 1) === 13)) end--
  return end
}

/** The lines of a header that neither are fields nor go on with one. */
function strayLines(head: string): string {
  const lines = head.split(/\r\n|\r|\n/)
  return lines.filter((line) => line !== '' && !/^(?:[!-9;-~]+[ \t]*:|[ \t])/.test(line)).join('\n')
}

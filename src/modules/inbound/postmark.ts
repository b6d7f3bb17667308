import { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { MalformedBody } from '../../platform/http/problems.ts'

const FIELD_MAX = 65_536
const RAW = 'RawEmail'

/**
 * Reads the JSON of Postmark's inbound webhook as it comes, in flat memory: `RawEmail`, the mail as it is, is passed on; attachments,
 * which it holds once more, are passed over. https://postmarkapp.com/developer/webhooks/inbound-webhook
 */
export function openPostmark(content: Readable): {
  mail: Readable
  /** The short texts of its top, once the mail was read. */
  fields: ReadonlyMap<string, string>
  hasMail(): boolean
} {
  const fields = new Map<string, string>()
  let found = false
  const mail = Readable.from(
    (async function* () {
      const decoder = new StringDecoder('utf8')
      const scanner = createScanner(fields)
      let half = ''
      for await (const chunk of content as AsyncIterable<Buffer>) {
        const text = half + scanner.scan(decoder.write(chunk))
        // A pair of escapes may come in two pieces.
        half = /[\ud800-\udbff]$/.exec(text)?.[0] ?? ''
        if (text !== '') {
          found = true
          // A mail is bytes: those outside ASCII stand in the JSON as the letters that Postmark read.
          yield Buffer.from(text.slice(0, text.length - half.length), 'utf8')
        }
      }
      scanner.finish()
    })(),
    { objectMode: false },
  )
  return { mail, fields, hasMail: () => found }
}

/** Finds the texts of an object's top in JSON (RFC 8259) that comes in pieces; answers what is of the long one. */
function createScanner(fields: Map<string, string>): { scan(text: string): string; finish(): void } {
  let depth = 0
  let key = ''
  let isKey = false
  let text: string[] = []
  let length = 0
  let inText = false
  let marked = ''
  let begun = false

  const isLong = (): boolean => depth === 1 && !isKey && key === RAW
  const endText = (): void => {
    inText = false
    if (depth !== 1) return
    const value = text.join('')
    text = []
    if (isKey) key = value
    else if (key !== RAW && length <= FIELD_MAX && fields.size < 100) fields.set(key, value)
  }
  return {
    scan(piece) {
      const out: string[] = []
      const add = (part: string): void => {
        if (isLong()) out.push(part)
        else if (depth === 1) {
          length += part.length
          if (length <= FIELD_MAX) text.push(part)
        }
      }
      for (let i = 0; i < piece.length; i++) {
        const c = piece.charAt(i)
        if (!inText) {
          if (c === '"') {
            if (!begun) throw MalformedBody()
            inText = true
            length = 0
            text = []
          } else if (c === '{' || c === '[') {
            if (!begun && c !== '{') throw MalformedBody()
            begun = true
            depth++
            if (depth === 1) isKey = true
          } else if (c === '}' || c === ']') depth--
          else if (c === ':' && depth === 1) isKey = false
          else if (c === ',' && depth === 1) isKey = true
          continue
        }
        if (marked !== '') {
          marked += c
          const read = unescaped(marked)
          if (read === undefined) continue
          marked = ''
          add(read)
          continue
        }
        if (c === '\\') {
          marked = c
          continue
        }
        if (c === '"') {
          endText()
          continue
        }
        // Up to the next mark everything is text.
        let end = i + 1
        while (end < piece.length && piece.charCodeAt(end) !== 34 && piece.charCodeAt(end) !== 92) end++
        add(piece.slice(i, end))
        i = end - 1
      }
      return out.join('')
    },
    finish() {
      if (!begun || depth !== 0 || inText) throw MalformedBody({ detail: 'The JSON is not whole.' })
    },
  }
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** What an escape stands for; undefined while it is not whole. */
function unescaped(marked: string): string | undefined {
  if (marked.length < 2) return undefined
  if (marked[1] !== 'u') {
    const letter = ESCAPES[marked[1] ?? '']
    if (letter === undefined) throw MalformedBody({ detail: 'There is a wrong escape.' })
    return letter
  }
  if (marked.length < 6) return undefined
  if (!/^\\u[0-9a-f]{4}$/i.test(marked)) throw MalformedBody({ detail: 'There is a wrong escape.' })
  return String.fromCharCode(Number.parseInt(marked.slice(2), 16))
}

import { cleanLine } from './clean.ts'
import type { DeliveryReport } from './parsed-mail.ts'

/** A part of a report, as it stands in it. */
export interface ReportPart {
  content_type: string
  content: Uint8Array
}

const RECIPIENTS_MAX = 100
const PART_MAX = 262_144

/** What a delivery status notification says (RFC 3464 §2); null where no part is one. */
export function readDeliveryReport(parts: readonly ReportPart[]): DeliveryReport | null {
  const status = parts.find(({ content_type }) => /^message\/(?:global-)?delivery-status$/.test(content_type))
  if (!status) return null
  // RFC 3464 §2.1: the fields of the message first, then a block for each recipient.
  const blocks = textOf(status)
    .split(/\n(?:[ \t]*\n)+/)
    .map(fieldsOf)
  const recipients = blocks
    .filter((fields) => fields.has('final-recipient') || fields.has('original-recipient'))
    .slice(0, RECIPIENTS_MAX)
    .map((fields) => ({
      // The address that was written to, where the report knows it, and not the one that it was passed on to.
      address: addressIn(fields.get('original-recipient')) || addressIn(fields.get('final-recipient')),
      action: cleanLine(fields.get('action') ?? '', 40).toLowerCase(),
      status: /\d\.\d{1,3}\.\d{1,3}/.exec((fields.get('status') ?? '').slice(0, 100))?.[0] ?? '',
      diagnostic: cleanLine(fields.get('diagnostic-code') ?? '', 500) || null,
    }))
  return { recipients, original_message_id: returnedId(parts) }
}

function returnedId(parts: readonly ReportPart[]): string | null {
  const returned = parts.find(({ content_type }) =>
    /^(?:message\/(?:global(?:-headers)?|rfc822)|text\/rfc822(?:-headers)?)$/.test(content_type),
  )
  if (!returned) return null
  const header = textOf(returned).replace(/^\n+/, '').split('\n\n', 1)[0] ?? ''
  return /<[^<>\s]{3,900}>/.exec(fieldsOf(header).get('message-id') ?? '')?.[0] ?? null
}

function textOf({ content }: ReportPart): string {
  return Buffer.from(content.buffer, content.byteOffset, Math.min(content.byteLength, PART_MAX))
    .toString('utf8')
    .replaceAll('\r\n', '\n')
}

/** The fields of a block, unfolded; of several with one name, the first. */
function fieldsOf(block: string): Map<string, string> {
  const fields = new Map<string, string>()
  let name = ''
  for (const line of block.split('\n')) {
    if (/^[ \t]/.test(line)) {
      const before = fields.get(name)
      if (before !== undefined && before.length < 4000) fields.set(name, `${before} ${line.trim()}`)
      continue
    }
    const colon = line.indexOf(':')
    if (colon < 1) continue
    name = line.slice(0, colon).trim().toLowerCase()
    if (fields.has(name)) name = ''
    else fields.set(name, line.slice(colon + 1).trim())
  }
  return fields
}

/** `rfc822; ada@example.com` (RFC 3464 §2.3.1). */
function addressIn(field: string | undefined): string {
  if (field === undefined) return ''
  const address = field.slice(field.indexOf(';') + 1).trim()
  return cleanLine(address.replace(/^<|>$/g, ''), 320)
}

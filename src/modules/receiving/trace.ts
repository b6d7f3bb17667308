/** Who handed a mail over, as far as the connection tells. */
export interface Handover {
  /** What the client calls itself. */
  helo: string
  /** Its IP address. */
  address: string
  /** What this server calls itself. */
  by: string
  /** ESMTP, ESMTPS, LMTP and so on (RFC 3848). */
  protocol: string
  id: string
  /** The recipient, where there is one only. */
  recipient: string | null
  at: Date
}

/** The trace field that stands before a mail from here on (RFC 5321 §4.4), in lines that end. */
export function traceField({ helo, address, by, protocol, id, recipient, at }: Handover): string {
  const literal = address.includes(':') ? `IPv6:${address}` : address
  const lines = [
    `Received: from ${atom(helo)} ([${atom(literal)}])`,
    ` by ${atom(by)} (Beckon) with ${atom(protocol)} id ${atom(id)}`,
    ...(recipient === null ? [] : [` for <${recipient.replace(/[^\x21-\x7e]|[<>]/g, '?').slice(0, 254)}>`]),
  ]
  return `${lines.join('\r\n')};\r\n ${at.toUTCString().replace('GMT', '+0000')}\r\n`
}

/** Only what a name, an address or a word of a protocol is made of: nothing of a client's begins a line or a comment of its own. */
function atom(text: string): string {
  return text.replace(/[^A-Za-z0-9._:+-]/g, '').slice(0, 255) || 'unknown'
}

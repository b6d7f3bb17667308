import { createHmac } from 'node:crypto'

const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz'

/**
 * The 26 characters that stand for a mail wherever it is named: in the outbox and in its Message-ID. The same key gives the
 * same characters, so that a second try is the same mail; the secret keeps strangers from guessing them.
 */
export function markOfMail(secret: Buffer, key: string): string {
  const digest = createHmac('sha256', secret).update(key).digest()
  return Array.from(digest.subarray(0, 26), (byte) => DIGITS[byte % 32]).join('')
}

/** The Message-ID of a mail (RFC 5322 §3.6.4), under the domain of its sender. */
export function messageIdOf(mark: string, from: string): string {
  const domain = /@([^\s@<>]+)>?\s*$/.exec(from)?.[1] ?? 'localhost'
  return `<${mark}@${domain.toLowerCase()}>`
}

/** The name and the address of a sender that is written `Name <address>`, or as the address alone. */
export function senderIn(text: string): { name: string; address: string } {
  const [, name = '', address] = /^([^<>]*)<([^<>]+)>\s*$/.exec(text) ?? []
  return address === undefined ? { name: '', address: text.trim() } : { name: name.trim().replace(/^"(.*)"$/, '$1'), address }
}

/** A text as one line of a header: whatever ends a line, or is no text at all, becomes a space. */
export function toHeaderLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get into a header
  return text.replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]+/g, ' ').trim()
}

/** Whether a mail can be sent to this text: one address, with nothing in it that a header or a mail server would split. */
export function isOneAddress(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get into a header
  return text.length <= 254 && /^[^\s@<>()[\],;:\\"\u0000-\u001f\u007f]+@[^\s@<>()[\],;:\\"\u0000-\u001f\u007f]+$/.test(text)
}

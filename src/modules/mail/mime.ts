import { domainToASCII } from 'node:url'
import DKIM from 'nodemailer/lib/dkim'
import MailComposer from 'nodemailer/lib/mail-composer'
import type { Letter } from './letter.ts'
import { isOneAddress, toHeaderLine } from './mail.ts'
import { OWN_MARK } from './own-mark.ts'

/** What signs the mail of a domain (RFC 6376). */
export interface DkimKey {
  domain: string
  selector: string
  /** PEM */
  private_key: string
}

const REFERENCES_MAX = 30
// RFC 8058 §4: the two List headers must be signed.
const SIGNED =
  'from:sender:reply-to:subject:date:message-id:to:cc:mime-version:content-type:content-transfer-encoding:in-reply-to:references:auto-submitted:list-unsubscribe:list-unsubscribe-post'

/** A letter as bytes (RFC 5322), signed where there is a key. Throws for an address that is none. */
export async function toMime(
  letter: Letter,
  { header_id, date, mark, key }: { header_id: string; date: number; mark: string; key: DkimKey | undefined },
): Promise<Buffer> {
  const { list_unsubscribe, auto_submitted, in_reply_to } = letter
  const raw = await new MailComposer({
    messageId: header_id,
    date: new Date(date),
    from: addressOf(letter.from),
    to: addressOf(letter.to),
    ...(letter.reply_to === null ? {} : { replyTo: addressOf({ name: letter.from.name, address: letter.reply_to }) }),
    subject: toHeaderLine(letter.subject),
    text: letter.text,
    ...(letter.html === null ? {} : { html: letter.html }),
    ...(in_reply_to !== null && isMessageId(in_reply_to) ? { inReplyTo: in_reply_to } : {}),
    references: referencesFrom(letter.references),
    headers: {
      [OWN_MARK]: mark,
      'Content-Language': toHeaderLine(letter.language),
      // RFC 3834 §5, and what Exchange goes by: nobody's automaton answers it.
      ...(auto_submitted === 'no' ? {} : { 'Auto-Submitted': auto_submitted, 'X-Auto-Response-Suppress': 'All' }),
      ...(list_unsubscribe ? unsubscribing(list_unsubscribe) : {}),
    },
    attachments: (letter.attachments ?? []).map(({ name, content_type, content, cid }) => ({
      filename: toHeaderLine(name),
      contentType: content_type,
      content,
      ...(cid === undefined ? {} : { cid }),
    })),
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build()
  return key ? sign(raw, key) : raw
}

/** An address as servers take it: the domain in ASCII (RFC 5890), whatever stands before the @ as it is. Throws where it is not one address. */
export function toWireAddress(address: string): string {
  const at = address.lastIndexOf('@')
  if (at < 1) throw new BadAddress(address)
  const domain = domainToASCII(address.slice(at + 1))
  const wire = `${address.slice(0, at)}@${domain}`
  if (domain === '' || !isOneAddress(wire)) throw new BadAddress(address)
  return wire
}

/** Mail cannot be sent to this text. */
export class BadAddress extends Error {
  constructor(address: string) {
    super(`${JSON.stringify(address.slice(0, 100))} is not one mail address`)
    this.name = 'BadAddress'
  }
}

function addressOf({ name, address }: { name: string; address: string }): { name: string; address: string } {
  return { name: toHeaderLine(name), address: toWireAddress(address) }
}

function unsubscribing({ url, mailto }: { url: string; mailto: string | null }): Record<string, string> {
  // A URL has no space and no bracket, whatever was put into it.
  const places = [url, ...(mailto === null ? [] : [mailto])].map((place) => `<${new URL(place).href.replaceAll(/[\s<>]/g, '')}>`)
  return { 'List-Unsubscribe': places.join(', '), 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }
}

/** The first one, by which clients find the thread, and the last ones (RFC 5322 §3.6.4). */
function referencesFrom(ids: readonly string[]): string[] {
  const good = [...new Set(ids.filter(isMessageId))]
  return good.length <= REFERENCES_MAX ? good : [...good.slice(0, 1), ...good.slice(1 - REFERENCES_MAX)]
}

function isMessageId(text: string): boolean {
  return /^<[\u0021-\u003b\u003d\u003f-\u007e]{1,900}>$/.test(text)
}

async function sign(raw: Buffer, { domain, selector, private_key }: DkimKey): Promise<Buffer> {
  const signer = new DKIM({ domainName: domain, keySelector: selector, privateKey: private_key, headerFieldNames: SIGNED })
  const chunks: Buffer[] = []
  for await (const chunk of signer.sign(raw)) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

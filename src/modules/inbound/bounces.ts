import type { ParsedMail } from './parsed-mail.ts'

/** What a bounce says of one mail. */
export interface ReadBounce {
  /** The Message-IDs that it may be about, the likeliest first, with their brackets. */
  header_ids: string[]
  /** What stands in our own field within what was returned. */
  marks: string[]
  recipients: BouncedRecipient[]
}

export interface BouncedRecipient {
  /** Null where it names none. */
  address: string | null
  action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded'
  /** RFC 3463, as in `5.1.1`. */
  status: string | null
  diagnostic: string | null
}

const MESSAGE_ID = /^[ \t>|]*message-id:\s*(<[^<>\s]{1,900}>)/gim
const MARK = /^[ \t>|]*x-beckon:\s*(1\s+[0-9a-z]{26}\s+<[^<>\s]{1,900}>)/gim
const STATUS = /\b([245]\.\d{1,3}\.\d{1,3})\b/
const SMTP = /(?:^|[^\d.])([45]\d\d)(?=[ -])/m
const ADDRESS = /<?([^\s<>()[\]:;,"']{1,64}@[\w.-]{1,250}[\w])>?/u
// Returned mails may be large; what names them stands in their header.
const LOOKED_AT = 65_536
const MOST = 50

/** What a bounce is about: by its report (RFC 3464) where it has one, else by its own words. */
export function readBounce(
  mail: Pick<ParsedMail, 'report' | 'headers' | 'text' | 'in_reply_to' | 'references' | 'files'>,
): ReadBounce {
  const returned = mail.files
    .filter(({ content_type }) => /^(message\/|text\/rfc822-headers)/i.test(content_type))
    .map(({ content }) => Buffer.from(content.subarray(0, LOOKED_AT)).toString('latin1'))
  const texts = [...returned, mail.text.slice(0, 4 * LOOKED_AT)]
  const found = texts.flatMap((text) => [...text.matchAll(MESSAGE_ID)].map(([, id = '']) => id))
  const original = mail.report?.original_message_id
  const header_ids = [...(original ? [original] : []), ...found, ...mail.in_reply_to, ...mail.references.toReversed()]
  return {
    header_ids: [...new Set(header_ids)].slice(0, MOST),
    marks: [...new Set(texts.flatMap((text) => [...text.matchAll(MARK)].map(([, mark = '']) => mark)))].slice(0, MOST),
    recipients: reported(mail) ?? [told(mail)],
  }
}

function reported({ report }: Pick<ParsedMail, 'report'>): BouncedRecipient[] | undefined {
  if (!report || report.recipients.length === 0) return undefined
  return report.recipients.slice(0, MOST).map(({ address, action, status, diagnostic }) => ({
    address: address.trim() === '' ? null : address.replace(/^\s*rfc822\s*;\s*/i, '').trim(),
    action: actionOf(action, status),
    status: STATUS.exec(status)?.[1] ?? null,
    diagnostic: diagnostic?.slice(0, 500) ?? null,
  }))
}

/** What a bounce without a report says of its recipient: its code, and that the address stands in it. */
function told({ headers, text }: Pick<ParsedMail, 'headers' | 'text'>): BouncedRecipient {
  const said = text.slice(0, 20_000)
  const status = STATUS.exec(said)?.[1] ?? null
  const smtp = SMTP.exec(said)?.[1]
  const line = said.split('\n').find((one) => STATUS.test(one) || SMTP.test(one))
  const named = headers['x-failed-recipients']?.[0]?.split(',')[0] ?? said
  // Who knows why in so many words only is taken at them: it has failed.
  const isForNow = status?.startsWith('4.') === true || (status === null && smtp?.startsWith('4') === true)
  const isWarning = /\b(will be retried|still trying|not yet been delivered|delayed|no action is required)\b/i.test(said)
  return {
    address: ADDRESS.exec(named)?.[1] ?? null,
    action: isForNow || isWarning ? 'delayed' : 'failed',
    status,
    diagnostic: line?.trim().slice(0, 500) ?? null,
  }
}

function actionOf(action: string, status: string): BouncedRecipient['action'] {
  const word = action.trim().toLowerCase()
  if (word === 'delayed' || word === 'delivered' || word === 'relayed' || word === 'expanded' || word === 'failed') return word
  return status.trim().startsWith('4') ? 'delayed' : status.trim().startsWith('2') ? 'delivered' : 'failed'
}

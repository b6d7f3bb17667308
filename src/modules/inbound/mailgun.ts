import { createHmac } from 'node:crypto'
import { isSameSecret } from '../../platform/secrets.ts'

/** The short fields of a form that Mailgun sends: nothing of it is believed until `isFromMailgun` says so. */
type Fields = ReadonlyMap<string, string>

// A signature that is older was caught on its way and sent again.
const WINDOW_SECONDS = 900

/** Where a form of Mailgun has the mail as it is. */
export const MAILGUN_MAIL = 'body-mime'

/**
 * Whether Mailgun signed it, and not long ago.
 * https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
 */
export function isFromMailgun(fields: Fields, { key, now }: { key: string; now: number }): boolean {
  const timestamp = fields.get('timestamp') ?? ''
  const token = fields.get('token') ?? ''
  if (!/^\d{1,12}$/.test(timestamp) || token === '' || Math.abs(now / 1000 - Number(timestamp)) > WINDOW_SECONDS) return false
  const signature = createHmac('sha256', key).update(`${timestamp}${token}`).digest('hex')
  return isSameSecret(fields.get('signature') ?? '', signature)
}

/** To whom a mail was sent, as Mailgun has it: addresses with commas between them. */
export function recipientsOf(fields: Fields): string[] {
  const addresses = (fields.get('recipient') ?? '').split(',').map((address) => address.trim())
  return addresses.filter((address) => address !== '').slice(0, 100)
}

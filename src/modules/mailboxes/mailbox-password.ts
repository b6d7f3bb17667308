import { openSealed, sealBytes } from '../../platform/sealed.ts'
import type { Secrets } from '../../platform/secrets.ts'

type Keys = Pick<Secrets, 'key'>

const PURPOSE = 'mailbox-passwords'

/** The password of a mailbox as it is kept: under BECKON_SECRET, bound to its mailbox. */
export function sealPassword(secrets: Keys, { id, password }: { id: string; password: string }): string {
  return sealBytes(secrets.key(PURPOSE), Buffer.from(password), id)
}

/** The password of a mailbox. Throws where BECKON_SECRET is not the one that it was kept under. */
export function openPassword(secrets: Keys, { id, imap_password }: { id: string; imap_password: string }): string {
  try {
    return openSealed(secrets.key(PURPOSE), imap_password, id).toString('utf8')
  } catch (cause) {
    const message = 'The password of the mailbox cannot be decrypted: BECKON_SECRET is another one now. Set the password again.'
    throw new Error(message, { cause })
  }
}

import type { Delivery, EventDefinition, Reaction } from '../../platform/events.ts'
import type { Ground } from '../../platform/module.ts'
import { findUser, findUserByEmail } from '../directory/index.ts'
import type { SendMail } from '../mail/index.ts'
import { emailChangeRequested, passwordResetRequested, registrationRequested, userInvited } from './events.ts'
import { createHourly } from './hourly.ts'
import {
  emailChangeLetter,
  emailChangeNotice,
  inactiveAccountLetter,
  invitationLetter,
  knownAddressLetter,
  type Letter,
  passwordResetLetter,
  takenAddressLetter,
  verificationLetter,
} from './letters.ts'
import { mailToken } from './mail-token.ts'
import { findMailToken, findPendingRegistration, findRegistration } from './queries.ts'
import type { MailTokenRow } from './tables.ts'

const HOUR_MS = 3_600_000

type Addressed = Letter & { to: string; key?: string }

/**
 * The mails that accounts owe. Each looks at its row when it is run: what was used or has expired in the meantime is owed no
 * more. The token is made here, so that it stands in no event, no delivery and no log.
 */
export function accountReactions({
  ground,
  sendMail,
  publicUrl,
}: {
  ground: Ground
  sendMail: SendMail
  publicUrl: string
}): Reaction[] {
  const { clock, secrets } = ground
  const db = ground.database.reader
  const mayMailUnproven = createHourly(clock)

  const mailing = (name: string, on: EventDefinition, write: (event: Delivery['event']) => Promise<Addressed[]>): Reaction => ({
    name,
    on: [on],
    handle: async ({ id, event }) => {
      for (const { key = '', ...mail } of await write(event)) await sendMail({ key: `${id}${key}`, ...mail, html: null })
    },
  })
  const isSpent = ({ used_at, expires_at }: { used_at: number | null; expires_at: number }): boolean =>
    used_at !== null || expires_at <= clock.now()
  const findLink = async (id: unknown): Promise<MailTokenRow | undefined> => {
    const row = await findMailToken(db, String(id))
    return row && !isSpent(row) ? row : undefined
  }
  const linkTo = (path: string, row: MailTokenRow): string => `${publicUrl}${path}?token=${mailToken(secrets, row.purpose, row)}`

  return [
    mailing('accounts.mail-verification', registrationRequested, async ({ subject }) => {
      const row = await findRegistration(db, subject.id)
      if (!row || isSpent(row)) return []
      // Of two that came at the same moment the first is mailed: an address that nobody proved gets one mail an hour.
      const first = await findPendingRegistration(db, { email: row.email, created_after: row.created_at - HOUR_MS })
      if (first && first.id !== row.id) return []
      const user = await findUserByEmail(db, row.email)
      if (user?.active === 0) return [{ to: user.email, ...inactiveAccountLetter() }]
      const link = `${publicUrl}/verify?token=${mailToken(secrets, 'registration', row)}`
      return [user ? { to: user.email, ...knownAddressLetter(link) } : { to: row.email, ...verificationLetter(link) }]
    }),
    mailing('accounts.mail-password-reset', passwordResetRequested, async ({ subject }) => {
      const row = await findLink(subject.id)
      const user = await findUserByEmail(db, row?.email ?? '')
      if (!row || !user) return []
      // The link that he was mailed within the hour is good still.
      if (user.email_verified_at === null && !mayMailUnproven(user.email_key, row.id)) return []
      if (user.active === 0) return [{ to: user.email, ...inactiveAccountLetter() }]
      return [{ to: user.email, ...passwordResetLetter(linkTo('/reset', row)) }]
    }),
    mailing('accounts.mail-invitation', userInvited, async ({ data }) => {
      const row = await findLink(data.invitation_id)
      return row?.email ? [{ to: row.email, ...invitationLetter(linkTo('/invite', row)) }] : []
    }),
    mailing('accounts.mail-email-change', emailChangeRequested, async ({ data }) => {
      const row = await findLink(data.email_change_id)
      const user = await findUser(db, row?.user_id ?? '')
      if (!row?.email || !user) return []
      if (await findUserByEmail(db, row.email)) return [{ to: row.email, ...takenAddressLetter() }]
      const notice = user.email_verified_at === null ? [] : [{ to: user.email, key: ' notice', ...emailChangeNotice() }]
      return [{ to: row.email, ...emailChangeLetter(linkTo('/change-email', row)) }, ...notice]
    }),
  ]
}

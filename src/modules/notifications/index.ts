import type { Ground, Module } from '../../platform/module.ts'
import { createMailKeys, senderIn } from '../mail/index.ts'
import type { Compose } from '../sending/index.ts'
import { kinds } from './choices.ts'
import { DIGEST } from './commands/keep-for-digest.ts'
import { sendDigest } from './commands/send-digest.ts'
import { composeNotice, type Desk } from './compose.ts'
import { composeDigest } from './compose-digest.ts'
import { unsubscribePages } from './pages.ts'
import { notificationReactions } from './reactions.ts'
import { notificationRoutes } from './routes.ts'
import './tables.ts'

export { purgePreferences } from './commands/purge-preferences.ts'
export { replyMarkers } from './wordings.ts'

/** Who is told what by mail, when, and in which words. */
export function createNotifications(
  ground: Ground,
  {
    publicUrl,
    mailFrom,
    filesOf,
  }: Pick<Desk, 'publicUrl' | 'filesOf'> & {
    /** Where mail without a mailbox comes from: an address, or a name and an address in angle brackets. */
    mailFrom: string
  },
): Module & {
  /** Who writes the mails of a kind; undefined for kinds of others. */
  compose(kind: string): Compose | undefined
} {
  const { secrets } = ground
  const keys = createMailKeys(secrets)
  const from = senderIn(mailFrom)
  const postmark = { keys, domain: from.address.slice(from.address.lastIndexOf('@') + 1) || 'localhost' }
  const desk: Desk = { keys, secrets, publicUrl, from, ...(filesOf ? { filesOf } : {}) }
  const notice = composeNotice(desk)
  const digest = composeDigest(desk)
  return {
    routes: notificationRoutes(ground),
    pages: unsubscribePages(ground),
    reactions: notificationReactions({ ground, postmark }),
    timers: [
      {
        name: DIGEST,
        fire: (tx, { subject_id }) => sendDigest(tx, subject_id, postmark),
      },
    ],
    compose: (kind) => {
      if (kind === 'digest') return digest
      return kinds.some((one) => one === kind) ? notice : undefined
    },
  }
}

import type { Ground, Module } from '../../platform/module.ts'
import { type LookUpTxt, lookUpTxt } from './published.ts'
import { mailboxRoutes } from './routes/mailboxes.ts'
import { sendingDomainRoutes } from './routes/sending-domains.ts'
import './tables.ts'

export { addressKey, domainOf } from './address.ts'
export {
  type Holding,
  leaseMailbox,
  MailboxLeaseLost,
  moveCursor,
  releaseMailbox,
  rememberLook,
  renewMailboxLease,
} from './commands/lease-mailbox.ts'
export { openPassword } from './mailbox-password.ts'
export { toMailbox, toStatus } from './present.ts'
export { checkPublished, type LookUpTxt, lookUpTxt } from './published.ts'
export {
  cursorOf,
  type DkimKey,
  dkimKeyOf,
  findMailbox,
  findMailboxByAddress,
  findSendingDomain,
  hasMailbox,
  listMailboxes,
  mailboxOfQueue,
  presentMailboxes,
  presentSendingDomains,
} from './queries.ts'
export { Mailbox, SendingDomain } from './schema.ts'
export type { MailboxCursorRow, MailboxRow } from './tables.ts'

/** Support addresses, and the domains that sign what leaves from them. */
export function createMailboxes(ground: Ground, { lookUp = lookUpTxt }: { lookUp?: LookUpTxt } = {}): Module {
  return { routes: [...mailboxRoutes(ground), ...sendingDomainRoutes({ ...ground, lookUp })], pages: [], reactions: [] }
}

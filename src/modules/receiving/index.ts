import type { Ground, Module } from '../../platform/module.ts'
import type { Receive } from '../inbound/index.ts'
import { createMailboxKeeper } from './mailbox-keeper.ts'
import { type ListenAddress, openMailDoor } from './smtp-door.ts'

export { type CheckDeps, checkMailbox, type Finding } from './check.ts'

/** How mail comes in. */
export interface ReceivingSettings {
  /** How large a mail may be. */
  limitBytes: number
  smtpListen: ListenAddress | undefined
  lmtpListen: ListenAddress | undefined
  smtpName: string | undefined
  smtpTls: { key: string; cert: string } | undefined
  smtpMailsPerMinute: number
}

/** The doors by which mail comes in that is not posted to the API. They are closed until `open` is called: only a server opens them. */
export type Receiving = Module & {
  /** Listens where the settings say so, and reads mailboxes; answers the ports. Rejects where a port cannot be had. */
  open(): Promise<{ smtp: number | undefined; lmtp: number | undefined }>
  close(): Promise<void>
}

/** The doors by which mail comes in that is not posted to the API: IMAP, SMTP and LMTP. */
export function createReceiving(
  ground: Ground,
  { receive, settings }: { receive: Receive; settings: ReceivingSettings },
): Receiving {
  const { limitBytes, smtpListen, lmtpListen, smtpTls: tls, smtpName: name, smtpMailsPerMinute: mailsPerMinute } = settings
  const doors: { close(): Promise<void> }[] = []
  const openDoor = async (address: ListenAddress | undefined, lmtp: boolean): Promise<number | undefined> => {
    if (!address) return undefined
    const door = await openMailDoor(address, { ground, receive, limitBytes, lmtp, tls, name, mailsPerMinute })
    doors.push(door)
    return door.port
  }
  return {
    routes: [],
    pages: [],
    reactions: [],
    async open() {
      const ports = { smtp: await openDoor(smtpListen, false), lmtp: await openDoor(lmtpListen, true) }
      const keeper = createMailboxKeeper({ ground, receive, limitBytes })
      doors.push({ close: keeper.stop })
      keeper.wake()
      return ports
    },
    async close() {
      await Promise.all(doors.splice(0).map((door) => door.close()))
    },
  }
}

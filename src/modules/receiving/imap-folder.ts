import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { ImapFlow, MailboxObject } from 'imapflow'
import type { ImapServer } from './imap-connection.ts'

const DAY_MS = 86_400_000

/**
 * What the folder of a mailbox is called wherever its mails are named: the same UID of another account is another mail, and what another
 * mailbox took from the same folder has not come to this one.
 */
export function sourceOf(
  { host, user, folder }: Pick<ImapServer, 'host' | 'user' | 'folder'>,
  { path }: Pick<MailboxObject, 'path'>,
  mailbox_id: string,
): string {
  const account = createHash('sha256')
    .update(JSON.stringify([mailbox_id, host.toLowerCase(), user, folder, path]))
    .digest('hex')
  return `imap/${account.slice(0, 32)}`
}

/** By which generation of the folder its numbers count (RFC 9051 §2.3.1.1). */
export function uidvalidityOf(imap: ImapFlow): string {
  if (!imap.mailbox) throw new Error('the folder is closed')
  return String(imap.mailbox.uidValidity)
}

/** The UID behind which everything lies that arrived at or after a moment. */
export async function lastBefore(imap: ImapFlow, { since, folder }: { since: number; folder: MailboxObject }): Promise<number> {
  // The server compares days, in whatever zone it likes.
  const found = await imap.search({ since: new Date(since - DAY_MS) }, { uid: true })
  if (!Array.isArray(found)) throw new Error('the server does not search its mail by date')
  let first = folder.uidNext
  const uids = found.sort((a, b) => a - b)
  for (let i = 0; i < uids.length; i += 1000) {
    const some = uids.slice(i, i + 1000).join(',')
    for await (const { uid, internalDate } of imap.fetch(some, { uid: true, internalDate: true }, { uid: true }))
      if (new Date(internalDate ?? 0).getTime() >= Math.floor(since / 1000) * 1000) first = Math.min(first, uid)
  }
  return first - 1
}

/** The header of a mail alone; undefined where the server does not give it. */
export async function headerOf(imap: ImapFlow, uid: number): Promise<Readable | undefined> {
  const found = await imap.fetchOne(String(uid), { headers: true }, { uid: true })
  const { headers } = found || {}
  return headers ? Readable.from([headers], { objectMode: false }) : undefined
}

/** Does to mails on their server what the mailbox says; answers whether the server did it. Never expunges what others have deleted. */
export async function mark(imap: ImapFlow, range: string, after: string): Promise<boolean> {
  const options = { uid: true }
  const canExpunge = imap.capabilities.has('UIDPLUS')
  if (after === 'keep') return true
  if (after === 'seen') return imap.messageFlagsAdd(range, ['\\Seen'], options)
  if (after === 'delete')
    return canExpunge ? imap.messageDelete(range, options) : imap.messageFlagsAdd(range, ['\\Seen', '\\Deleted'], options)
  const folder = after.slice('move:'.length)
  if (imap.capabilities.has('MOVE') || canExpunge) return (await imap.messageMove(range, folder, options)) !== false
  return (await imap.messageCopy(range, folder, options)) !== false && (await imap.messageFlagsAdd(range, ['\\Deleted'], options))
}

/** What a server says by itself while nothing is asked. */
export function listenTo(imap: ImapFlow): { clear(): void; next(ms: number, signal: AbortSignal): Promise<void> } {
  let isThere = false
  let wake: () => void = () => {}
  const tell = (): void => {
    isThere = true
    wake()
  }
  imap.on('exists', tell)
  imap.on('close', tell)
  // What is wrong comes out of the command that it interrupts, or of the next one.
  imap.on('error', tell)
  return {
    clear: () => {
      isThere = false
    },
    async next(ms, signal) {
      if (isThere || signal.aborted) return
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      const timer = setTimeout(resolve, ms)
      const leave = (): void => resolve()
      signal.addEventListener('abort', leave, { once: true })
      await promise
      signal.removeEventListener('abort', leave)
      clearTimeout(timer)
    },
  }
}

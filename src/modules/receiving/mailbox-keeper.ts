import { randomBytes } from 'node:crypto'
import { createWorker } from '../../platform/worker.ts'
import { leaseMailbox, listMailboxes, MailboxLeaseLost, type MailboxRow, renewMailboxLease } from '../mailboxes/index.ts'
import { type MailboxReader, type ReaderParts, readMailbox } from './mailbox-reader.ts'

// A mailbox whose node died is another's after twenty seconds.
const LEASE_MS = 20_000
const RENEW_MS = 5000
const LOOK_MS = 2000

interface Kept {
  reader: MailboxReader
  holding: { mailbox_id: string; folder: string; token: string }
  settings: string
  renewedAt: number
}

/** Sees to it that each mailbox is read by one node, and by none once it is gone, switched off, or to be read otherwise. */
export function createMailboxKeeper(parts: ReaderParts): { wake(): void; stop(): Promise<void> } {
  const { database, transact, log } = parts.ground
  const kept = new Map<string, Kept>()
  const leaving = new Set<Promise<void>>()

  const worker = createWorker({
    pollMs: LOOK_MS,
    run: async () => {
      await look()
      return false
    },
    onError: (err) => log.error({ err }, 'mailboxes could not be looked after'),
  })

  async function look(): Promise<void> {
    const wanted = new Map((await listMailboxes(database.reader)).filter(isFetched).map((row) => [row.id, row]))
    for (const [id, one] of kept) {
      const row = wanted.get(id)
      if (one.reader.isOver || !row || settingsOf(row) !== one.settings) letGo(id, one)
    }
    for (const [id, one] of kept) await renew(id, one)
    for (const row of wanted.values()) if (!kept.has(row.id)) await begin(row)
  }

  async function begin(row: MailboxRow): Promise<void> {
    const token = randomBytes(16).toString('hex')
    const holding = { mailbox_id: row.id, folder: row.imap_folder ?? 'INBOX', token }
    const cursor = await transact((tx) => leaseMailbox(tx, { ...holding, leaseMs: LEASE_MS }))
    if (!cursor) return
    const reader = readMailbox(row, holding, parts)
    kept.set(row.id, { reader, holding, settings: settingsOf(row), renewedAt: performance.now() })
  }

  async function renew(id: string, one: Kept): Promise<void> {
    if (performance.now() - one.renewedAt < RENEW_MS) return
    try {
      await transact((tx) => renewMailboxLease(tx, { ...one.holding, leaseMs: LEASE_MS }))
      one.renewedAt = performance.now()
    } catch (error) {
      // While the database is away nobody else gets the lease either.
      if (!(error instanceof MailboxLeaseLost)) throw error
      one.reader.abandon()
      kept.delete(id)
    }
  }

  function letGo(id: string, { reader }: Kept): void {
    kept.delete(id)
    const gone = reader
      .stop()
      .catch((err) =>
        log.warn({ err, mailbox_id: id }, 'a mailbox was not given back; another node takes it when its lease ends'),
      )
      .finally(() => leaving.delete(gone))
    leaving.add(gone)
  }

  return {
    wake: worker.wake,
    async stop() {
      await worker.stop()
      for (const [id, one] of kept) letGo(id, one)
      await Promise.all(leaving)
    },
  }
}

function isFetched({ enabled, imap_host, imap_password }: MailboxRow): boolean {
  return enabled === 1 && imap_host !== null && imap_password !== null
}

/** What a reader rests on: where any of it changes, another one begins. */
function settingsOf(row: MailboxRow): string {
  const { imap_host, imap_port, imap_security, imap_user, imap_password, imap_folder, imap_after, imap_since } = row
  return JSON.stringify([imap_host, imap_port, imap_security, imap_user, imap_password, imap_folder, imap_after, imap_since])
}

import { setTimeout as wait } from 'node:timers/promises'
import type { ImapFlow, MailboxObject } from 'imapflow'
import type { Ground } from '../../platform/module.ts'
import { Problem } from '../../platform/problems.ts'
import type { ArrivingMail, Receive } from '../inbound/index.ts'
import {
  cursorOf,
  type Holding,
  MailboxLeaseLost,
  type MailboxRow,
  moveCursor,
  releaseMailbox,
  rememberLook,
} from '../mailboxes/index.ts'
import { CHUNK_BYTES, createImapClient, type ImapServer, imapServerOf } from './imap-connection.ts'
import { headerOf, lastBefore, listenTo, mark, sourceOf, uidvalidityOf } from './imap-folder.ts'
import { explainTrouble } from './imap-trouble.ts'

/** How mail is fetched. */
export interface ReaderParts {
  ground: Pick<Ground, 'database' | 'transact' | 'log' | 'secrets'>
  receive: Receive
  /** What is larger is taken in as its header only. */
  limitBytes: number
}

/** One mailbox, read by this node for as long as it holds the lease. */
export interface MailboxReader {
  /** Lets the present mail come in, and gives the lease back. */
  stop(): Promise<void>
  /** Goes at once and gives nothing back: the lease is another's. */
  abandon(): void
  /** Whether it has ended by itself, because the lease is another's. */
  readonly isOver: boolean
}

// How often a folder is looked at though the server said nothing.
const POLL_MS = 120_000
// So many mails are marked, and the cursor moved, at a time.
const BATCH = 20
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 60_000
const STOP_MS = 10_000
// A mail that the server lists and does not give is passed over then.
const TRIES = 5

/** Reads a mailbox over IMAP from now on: each mail once, in the order in which they arrived, whatever happens in between. */
export function readMailbox(mailbox: MailboxRow, holding: Holding, parts: ReaderParts): MailboxReader {
  const { database, transact, log, secrets } = parts.ground
  const facts = { mailbox_id: mailbox.id, folder: holding.folder }
  const stopping = new AbortController()
  const refusals = new Map<number, number>()
  let client: ImapFlow | undefined
  let isOver = false
  let told: string | null = null
  let isFirstLook = true
  /** What the server refused to do with mail that was taken in. */
  let markTrouble: string | null = null

  const lifetime = live()
  return {
    async stop() {
      stopping.abort()
      await Promise.race([lifetime, wait(STOP_MS, undefined, { ref: false })])
      client?.close()
      await lifetime
      await transact((tx) => releaseMailbox(tx, holding))
    },
    abandon() {
      stopping.abort()
      client?.close()
    },
    get isOver() {
      return isOver
    },
  }

  async function live(): Promise<void> {
    for (let pause = FIRST_PAUSE_MS; !stopping.signal.aborted; ) {
      const began = performance.now()
      try {
        await connectAndRead()
      } catch (error) {
        if (error instanceof MailboxLeaseLost) break
        if (stopping.signal.aborted) break
        await tellTrouble(error)
      } finally {
        client?.close()
      }
      // Servers end connections that have lasted; one that ends each at once is left in peace for longer and longer.
      if (performance.now() - began > LONGEST_PAUSE_MS) pause = FIRST_PAUSE_MS
      await wait(pause * (0.5 + Math.random()), undefined, { ref: false, signal: stopping.signal }).catch(() => {})
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
    }
    isOver = true
  }

  /** Once for each kind of trouble into the log; where people look, each time. */
  async function tellTrouble(error: unknown): Promise<void> {
    const at = {
      host: mailbox.imap_host ?? '',
      port: mailbox.imap_port ?? 0,
      security: mailbox.imap_security ?? '',
      folder: holding.folder,
    }
    const { code, wrong, mend } = explainTrouble(error, at)
    if (told !== code) log.warn({ ...facts, code, err: error }, 'a mailbox cannot be read; it is tried again')
    told = code
    await remember(`${wrong} ${mend}`)
  }

  /** Where the database is away, the next look says it again. */
  async function remember(trouble: string | null): Promise<void> {
    try {
      await transact((tx) => rememberLook(tx, { ...holding, trouble }))
    } catch (error) {
      if (error instanceof MailboxLeaseLost) isOver = true
      if (error instanceof MailboxLeaseLost) stopping.abort()
      else log.debug({ ...facts, err: error }, 'the look at a mailbox is not remembered')
    }
  }

  async function connectAndRead(): Promise<void> {
    const server = imapServerOf(mailbox, secrets)
    if (!server) throw new Error('the mailbox has no server')
    client = createImapClient(server)
    const news = listenTo(client)
    await client.connect()
    // EXAMINE where nothing is to change: then the server marks nothing as seen by us either.
    const folder = await client.mailboxOpen(server.folder, { readOnly: server.after === 'keep' })
    let last = await startOf(client, { folder, server })
    const source = sourceOf(server, folder, mailbox.id)
    while (!stopping.signal.aborted && client.usable) {
      news.clear()
      last = await readNew(client, { last, server, source })
      if (told !== null || isFirstLook) log.info(facts, 'a mailbox is read')
      told = null
      isFirstLook = false
      await remember(markTrouble)
      if (stopping.signal.aborted) break
      void client.idle().catch(() => {})
      await news.next(POLL_MS, stopping.signal)
    }
    if (stopping.signal.aborted) await Promise.race([client.logout(), wait(1000, undefined, { ref: false })])
  }

  /** From where to read: behind the cursor; where the folder is new to us, or was made anew, from its start or from `since`. */
  async function startOf(imap: ImapFlow, { folder, server }: { folder: MailboxObject; server: ImapServer }): Promise<number> {
    const uidvalidity = String(folder.uidValidity)
    const cursor = await cursorOf(database.reader, mailbox)
    if (cursor?.uidvalidity === uidvalidity) return cursor.last_uid
    if (cursor?.uidvalidity != null)
      log.warn({ ...facts, uidvalidity }, 'the folder was made anew on its server: it is read from the start, copies stay out')
    const last_uid = server.since === null ? 0 : await lastBefore(imap, { since: server.since, folder })
    await transact((tx) => moveCursor(tx, { ...holding, uidvalidity, last_uid }))
    return last_uid
  }

  async function readNew(
    imap: ImapFlow,
    { last, server, source }: { last: number; server: ImapServer; source: string },
  ): Promise<number> {
    const found = await imap.search({ uid: `${last + 1}:*` }, { uid: true })
    if (!Array.isArray(found)) throw new Error('the server does not list its mail')
    // `n:*` always names the last mail, even where its number is less.
    const uids = found.filter((uid) => uid > last).sort((a, b) => a - b)
    let done = last
    for (let i = 0; i < uids.length && !stopping.signal.aborted; i += BATCH)
      done = await takeIn(imap, { uids: uids.slice(i, i + BATCH), last: done, server, source })
    return done
  }

  /** Takes in some mails, then marks them, then moves the cursor: what is cut off between these is done again, and kept once. */
  async function takeIn(
    imap: ImapFlow,
    { uids, last, server, source }: { uids: number[]; last: number; server: ImapServer; source: string },
  ): Promise<number> {
    const sizes = new Map<number, number>()
    for await (const { uid, size } of imap.fetch(uids.join(','), { uid: true, size: true }, { uid: true }))
      sizes.set(uid, size ?? 0)
    const kept: number[] = []
    let done = last
    let failure: unknown
    for (const uid of uids) {
      if (stopping.signal.aborted) break
      const size = sizes.get(uid)
      try {
        if (size === undefined ? await passOver(imap, uid) : await takeOne(imap, { uid, size, source })) kept.push(uid)
      } catch (error) {
        failure = error
        break
      }
      done = uid
    }
    if (kept.length > 0) await markKept(imap, kept, server.after)
    if (done > last) await transact((tx) => moveCursor(tx, { ...holding, uidvalidity: uidvalidityOf(imap), last_uid: done }))
    if (failure !== undefined) throw failure
    return done
  }

  /** Whether the mail is kept now; false where it is gone from the server. */
  async function takeOne(imap: ImapFlow, mail: { uid: number; size: number; source: string }): Promise<boolean> {
    const { uid, size } = mail
    if (size > parts.limitBytes) return takeHeader(imap, mail)
    const { content } = await imap.download(String(uid), undefined, { uid: true, chunkSize: CHUNK_BYTES })
    if (!content) return passOver(imap, uid)
    try {
      await parts.receive({ ...arrival(imap, mail), content })
      return true
    } catch (error) {
      // Some servers guess how large a mail is.
      if (error instanceof Problem && error.code === 'mail_too_large') return takeHeader(imap, mail)
      throw error
    }
  }

  async function takeHeader(imap: ImapFlow, mail: { uid: number; size: number; source: string }): Promise<boolean> {
    const content = await headerOf(imap, mail.uid)
    if (!content) return passOver(imap, mail.uid)
    await parts.receive({ ...arrival(imap, mail), content, left_out: mail.size })
    return true
  }

  function arrival(imap: ImapFlow, { uid, source }: { uid: number; source: string }): Omit<ArrivingMail, 'content'> {
    return {
      source: 'imap',
      source_ref: `${source}/${uidvalidityOf(imap)}/${uid}`,
      mailbox_id: mailbox.id,
      envelope_from: null,
      envelope_to: [],
    }
  }

  /** A mail that was not given: gone, or the server cannot read it. It must not keep the ones behind it waiting for ever. */
  async function passOver(imap: ImapFlow, uid: number): Promise<false> {
    const still = await imap.search({ uid: String(uid) }, { uid: true })
    if (Array.isArray(still) && !still.includes(uid)) return false
    const tries = (refusals.get(uid) ?? 0) + 1
    refusals.set(uid, tries)
    if (tries < TRIES) throw new Error(`the server does not give the mail with the UID ${uid}`)
    refusals.delete(uid)
    log.error({ ...facts, uid }, 'a mail is passed over: its server lists it and does not give it')
    return false
  }

  async function markKept(imap: ImapFlow, uids: number[], after: string): Promise<void> {
    const isDone = await mark(imap, uids.join(','), after)
    const before = markTrouble
    const what = after === 'seen' ? 'mark' : after.startsWith('move:') ? 'move' : 'delete'
    // The mail is safe; that it still lies where it lay must not keep others waiting.
    markTrouble = isDone ? null : `Mail was taken in, but the server refused to ${what} it: look at the folder and its rights.`
    if (markTrouble !== null && before === null)
      log.warn({ ...facts, after }, 'a mail server refuses to touch mail that was taken in')
  }
}

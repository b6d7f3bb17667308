import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import type { Reader } from '../../platform/database/schema.ts'
import type { FileStore } from '../../platform/files/file-store.ts'
import type { Received as Spooled } from '../../platform/files/spool.ts'
import { findMailbox, findMailboxByAddress } from '../mailboxes/index.ts'
import { MailTooLarge } from './problems.ts'
import type { Receive } from './receive.ts'
import type { Received } from './schema.ts'
import type { InboundSource } from './tables.ts'

/** A mailbox that a mail came to, and the recipients by which it came there. */
export interface Target {
  mailbox_id: string | null
  envelope_to: string[]
}

/** Where a mail goes by its envelope: each mailbox once. Recipients that are no mailbox of ours go together, to none. */
export async function targetsOf(db: Reader, recipients: readonly string[]): Promise<Target[]> {
  const targets = new Map<string | null, Target>()
  for (const recipient of recipients) {
    const found = await findMailboxByAddress(db, recipient)
    const mailbox_id = found?.enabled ? found.id : null
    const target = targets.get(mailbox_id) ?? { mailbox_id, envelope_to: [] }
    target.envelope_to.push(recipient)
    targets.set(mailbox_id, target)
  }
  const known = [...targets.values()].filter(({ mailbox_id }) => mailbox_id !== null)
  if (known.length > 0) return known
  return [targets.get(null) ?? { mailbox_id: null, envelope_to: [] }]
}

/** A mailbox by its id or its address; undefined where there is none that takes mail. */
export async function findEnabledMailbox(db: Reader, named: string): Promise<{ id: string; address: string } | undefined> {
  const found = named.includes('@') ? await findMailboxByAddress(db, named) : await findMailbox(db, named)
  return found?.enabled ? found : undefined
}

/** Hands a mail to each of its mailboxes. */
export interface Deliver {
  (mail: {
    source: InboundSource
    /** What the door calls it; null where it has no name. */
    source_ref: string | null
    envelope_from: string | null
    targets: readonly Target[]
    content: Readable
  }): Promise<Received>
  /** Writes down what may turn out to be a mail; whoever calls hands it over or discards it. */
  spool(content: Readable): Promise<Spooled>
  open(spooled: Spooled): Readable
  discard(spooled: Spooled): Promise<void>
}

/** The way in for the doors of HTTP, where one request may be a mail to several mailboxes. */
export function createDeliver({
  receive,
  files,
  limitBytes,
}: {
  receive: Receive
  files: FileStore
  limitBytes: number
}): Deliver {
  const tooLong = () => MailTooLarge({ detail: `A mail may have ${limitBytes} bytes at most.` })
  const spool = (content: Readable) => files.spool.receive(content, { limitBytes, tooLong })
  const discard = (spooled: Spooled) => files.spool.discard(spooled)
  const deliver = async ({ source, source_ref, envelope_from, targets, content }: Parameters<Deliver>[0]): Promise<Received> => {
    const mails: Received['mails'] = []
    const [only] = targets
    const bring = async (target: Target, bytes: Readable): Promise<void> => {
      const ref = source_ref === null ? null : `${source_ref}/${target.mailbox_id ?? ''}`
      const kept = await receive({ source, source_ref: ref, envelope_from, ...target, content: bytes })
      mails.push({ ...kept, mailbox_id: target.mailbox_id })
    }
    if (only && targets.length === 1) await bring(only, content)
    else {
      const spooled = await spool(content)
      try {
        for (const target of targets) await bring(target, createReadStream(spooled.path))
      } finally {
        await discard(spooled)
      }
    }
    return { object: 'received_mail', mails }
  }
  return Object.assign(deliver, { spool, discard, open: ({ path }: Spooled) => createReadStream(path) })
}

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { insertRow } from '../../src/platform/database/prepared.ts'
import { openDiskStore } from '../../src/platform/files/disk.ts'
import { BadRequest } from '../../src/platform/http/problems.ts'
import { newId } from '../../src/platform/ids.ts'
import type { Desk } from '../desk.ts'

/** Keeps a mail as if it had come in and been applied to a ticket; without one, ignored. Answers its id. */
export async function keepMailOf(desk: Desk, { word, ticket_id }: { word: string; ticket_id: string | null }): Promise<string> {
  const files = openDiskStore(join(desk.config.dataDir, 'mail'))
  const id = newId('inb')
  const mail = `Subject: ${word}\r\n\r\n${word}\r\n`
  const received = await files.spool.receive(Readable.from([Buffer.from(mail)]), { limitBytes: 1000, tooLong: BadRequest })
  const storage_key = `${received.sha256}-${id.slice(4)}`
  await files.put(storage_key, received)
  const now = desk.clock.now()
  await desk.database.write((db) =>
    insertRow(db, 'inbound_mails', {
      id,
      mailbox_id: null,
      source: 'http',
      source_ref: null,
      storage_key,
      size: received.size,
      sha256: received.sha256,
      dedupe_key: createHash('sha256').update(id).digest('hex'),
      copies: 1,
      header_id: `<${word}@example.com>`,
      header_key: createHash('sha256').update(word).digest('hex'),
      from_address: `${word}@example.com`,
      from_key: `${word}@example.com`,
      envelope_from: null,
      envelope_to: '[]',
      subject: word,
      sent_at: null,
      classification: null,
      state: ticket_id === null ? 'ignored' : 'applied',
      reason: null,
      explain: JSON.stringify([{ step: 'received', word }]),
      attempts: 1,
      due_at: now,
      lease_token: null,
      last_error: null,
      ticket_id,
      message_id: null,
      user_id: null,
      received_at: now,
      created_at: now,
      updated_at: now,
      version: 1,
    }),
  )
  return id
}

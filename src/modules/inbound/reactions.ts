import type { Reader } from '../../platform/database/schema.ts'
import type { Reaction } from '../../platform/events.ts'
import type { FileStore } from '../../platform/files/file-store.ts'
import type { Ground } from '../../platform/module.ts'
import { messageAttachmentRemoved, messageRedacted } from '../messages/index.ts'
import { ticketDeleted } from '../tickets/index.ts'
import { forgetRaw } from './commands/forget-raw.ts'
import { isKept } from './raw.ts'
import type { InboundMailRow } from './tables.ts'

/** What becomes of mails as they came when what was made of them is taken away: their bytes go, too. */
export function inboundReactions({
  database,
  transact,
  files,
}: Pick<Ground, 'database' | 'transact'> & { files: FileStore }): Reaction[] {
  const forget = async (column: 'message_id' | 'ticket_id', id: string): Promise<void> => {
    for (const mail of await mailsOf(database.reader, column, id)) {
      if (!isKept(mail)) continue
      await files.remove(mail.storage_key)
      await transact((tx) => forgetRaw(tx, mail.id))
    }
  }
  return [
    {
      name: 'inbound.forget-what-is-redacted',
      on: [messageRedacted, messageAttachmentRemoved],
      handle: ({ event }) => forget('message_id', event.subject.id),
    },
    {
      name: 'inbound.forget-what-is-deleted',
      on: [ticketDeleted],
      handle: ({ event }) => forget('ticket_id', event.subject.id),
    },
  ]
}

function mailsOf(
  db: Reader,
  column: 'message_id' | 'ticket_id',
  id: string,
): Promise<Pick<InboundMailRow, 'id' | 'storage_key'>[]> {
  return db.selectFrom('inbound_mails').select(['id', 'storage_key']).where(column, '=', id).execute()
}

import type { AttachmentRow } from '../../src/modules/attachments/tables.ts'
import type { LinkRow } from '../../src/modules/links/tables.ts'
import type { MergeRow } from '../../src/modules/merging/tables.ts'
import type { MessageRow } from '../../src/modules/messages/tables.ts'
import type { ReadMarkRow } from '../../src/modules/reading/tables.ts'
import type { TicketRow } from '../../src/modules/tickets/tables.ts'
import { insertRows } from '../../src/platform/database/prepared.ts'
import type { Reader } from '../../src/platform/database/schema.ts'
import { newId } from '../../src/platform/ids.ts'

/** The first message of each ticket has a file; every tenth upload is one that no message names. */
export function withFiles(messages: readonly MessageRow[]): MessageRow[] {
  const seen = new Set<string>()
  return messages.map((message) => {
    const isFirst = !seen.has(message.ticket_id)
    seen.add(message.ticket_id)
    return { ...message, attachment_count: isFirst ? 1 : 0 }
  })
}

function attachmentOf({ id: message_id, author_type, author_id, created_at }: MessageRow, i: number): AttachmentRow {
  return {
    id: newId('att'),
    sha256: `${message_id} ${i}`,
    name: 'smoke.png',
    content_type: 'image/png',
    size: 1000,
    uploader_type: author_type,
    uploader_id: author_id,
    message_id: i % 10 === 0 ? null : message_id,
    position: 0,
    scan_state: 'clean',
    kept_by: null,
    created_at,
    updated_at: created_at,
    version: 1,
  }
}

/** Its requester and one who reads everything have read the beginning of a ticket. */
function marksOn({ id: ticket_id, created_at: at, requester_id }: TicketRow, reader_id: string): ReadMarkRow[] {
  return [requester_id, reader_id].map((user_id) => ({
    ...{ ticket_id, user_id, read_place: 1, read_at: at, public_read_place: 1, public_read_at: at },
    ...{
      delivered_place: 1,
      delivered_at: at,
      public_delivered_place: 1,
      public_delivered_at: at,
      version: 1,
      public_version: 1,
    },
  }))
}

/** Files of messages, and who has read them; each ticket is related to the next, and every twentieth went into the one before it. */
export async function addConversation(
  db: Reader,
  { tickets, messages, reader_id }: { tickets: readonly TicketRow[]; messages: readonly MessageRow[]; reader_id: string },
): Promise<void> {
  const files = messages.filter(({ attachment_count }) => attachment_count > 0).map(attachmentOf)
  await insertRows(db, 'attachments', files)
  const by = { created_by_type: 'system', created_by_id: 'system' } as const
  const marks = tickets.flatMap((ticket) => marksOn(ticket, reader_id))
  await insertRows(db, 'read_marks', marks)
  const links = tickets.flatMap(({ id: other_id, created_at }, i): LinkRow[] => {
    const before = tickets[i - 1]
    if (!before) return []
    const link = { id: newId('lnk'), kind: 'related' as const, ...by, created_at }
    return [
      { ...link, ticket_id: before.id, other_id },
      { ...link, ticket_id: other_id, other_id: before.id },
    ]
  })
  await insertRows(db, 'ticket_links', links)
  const merges = tickets.flatMap(({ id: ticket_id, created_at }, i): MergeRow[] => {
    const into = tickets[i - 1]
    return into && i % 20 === 0 ? [mergeOf({ ticket_id, into_id: into.id, created_at })] : []
  })
  await insertRows(db, 'ticket_merges', merges)
}

function mergeOf(which: Pick<MergeRow, 'ticket_id' | 'into_id' | 'created_at'>): MergeRow {
  return {
    id: newId('mrg'),
    ...which,
    into_seq: 2,
    ticket_before: '{}',
    added: '{}',
    message_count: 2,
    merged_by_type: 'system',
    merged_by_id: 'system',
    undone_at: null,
    undone_by_type: null,
    undone_by_id: null,
    updated_at: which.created_at,
    version: 1,
  }
}

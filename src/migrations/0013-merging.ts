import { createTable, type Migration } from '../platform/database/migrate.ts'

/** Links between tickets, and what merges moved: docs/decisions/0016-conversations-and-merges.md. */
export const merging: Migration = {
  name: '0013-merging',
  steps: [
    // A row for each side of a link, so that a ticket's links are found by the ticket.
    createTable('ticket_links', {
      columns: {
        id: 'id',
        ticket_id: 'id',
        other_id: 'id',
        kind: 'id',
        created_by_type: 'id',
        created_by_id: 'id',
        created_at: 'time',
      },
      primary: ['ticket_id', 'id'],
      unique: { pair: ['ticket_id', 'kind', 'other_id'] },
    }),
    createTable('ticket_merges', {
      columns: {
        id: 'id',
        ticket_id: 'id',
        into_id: 'id',
        into_seq: 'int',
        ticket_before: 'text',
        added: 'text',
        message_count: 'int',
        merged_by_type: 'id',
        merged_by_id: 'id',
        created_at: 'time',
        undone_at: 'time?',
        undone_by_type: 'id?',
        undone_by_id: 'id?',
        updated_at: 'time',
        version: 'int',
      },
      primary: ['id'],
      indexes: { ticket: ['ticket_id', 'id'], into: ['into_id', 'id'] },
    }),
    createTable('merged_messages', {
      columns: { merge_id: 'id', message_id: 'id', place: 'int' },
      primary: ['merge_id', 'message_id'],
      indexes: { message: ['message_id'] },
    }),
  ],
}

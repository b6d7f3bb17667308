import { addColumns, createTable, type Migration } from '../platform/database/migrate.ts'

/** Drafts, and messages out of which a passage was taken: docs/decisions/0020-drafts-and-redaction.md. */
export const drafts: Migration = {
  name: '0011-drafts',
  steps: [
    createTable('drafts', {
      columns: {
        author_id: 'id',
        ticket_id: 'id',
        body: 'text',
        visibility: 'id',
        attachment_ids: 'text',
        attachment_count: 'int',
        last_message_id: 'id?',
        base_place: 'int',
        side: 'id',
        discarded_at: 'time?',
        created_at: 'time',
        updated_at: 'time',
        version: 'int',
      },
      primary: ['author_id', 'ticket_id'],
      indexes: {
        recent: ['author_id', 'updated_at', 'ticket_id'],
        ticket: ['ticket_id'],
        discarded: ['discarded_at'],
        attached: ['attachment_count'],
      },
    }),
    addColumns('messages', { columns: { redacted_at: 'time?' } }),
  ],
}

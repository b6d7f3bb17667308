import { createTable, type Migration } from '../platform/database/migrate.ts'

/** What people want to hear of a ticket: docs/decisions/0019-people-in-a-ticket.md. */
export const people: Migration = {
  name: '0010-people',
  steps: [
    createTable('ticket_preferences', {
      columns: { ticket_id: 'id', user_id: 'id', notify: 'id', updated_at: 'time' },
      primary: ['ticket_id', 'user_id'],
    }),
  ],
}

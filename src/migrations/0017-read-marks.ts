import { createTable, type Migration } from '../platform/database/migrate.ts'

/** How far people have read: docs/decisions/0024-read-marks.md. */
export const readMarks: Migration = {
  name: '0017-read-marks',
  steps: [
    createTable('read_marks', {
      columns: {
        ticket_id: 'id',
        user_id: 'id',
        read_place: 'int',
        read_at: 'time?',
        public_read_place: 'int',
        public_read_at: 'time?',
        delivered_place: 'int',
        delivered_at: 'time?',
        public_delivered_place: 'int',
        public_delivered_at: 'time?',
        version: 'int',
        public_version: 'int',
      },
      primary: ['ticket_id', 'user_id'],
    }),
  ],
}

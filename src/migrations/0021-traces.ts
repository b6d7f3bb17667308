import { createTable, type Migration } from '../platform/database/migrate.ts'

/** Of which trace events and mails are part. Written only while traces are sent: docs/decisions/0033-traces.md. */
export const traces: Migration = {
  name: '0021-traces',
  steps: [
    createTable('traces', {
      columns: { subject_id: 'id', traceparent: 'id', created_at: 'time' },
      primary: ['subject_id'],
      indexes: { age: ['created_at'] },
    }),
  ],
}

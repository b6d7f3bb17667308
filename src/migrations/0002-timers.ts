import { createTable, type Migration } from '../platform/database/migrate.ts'

/** Durable timers, and the jobs that they drive. */
export const timers: Migration = {
  name: '0002-timers',
  steps: [
    createTable('timers', {
      columns: {
        id: 'id',
        kind: 'id',
        subject_id: 'id',
        due_at: 'time',
        generation: 'int',
        state: 'id',
        claim_at: 'time',
        lease_token: 'id?',
        attempts: 'int',
        last_error: 'line?',
        created_at: 'time',
      },
      primary: ['id'],
      unique: { subject: ['kind', 'subject_id'] },
      indexes: { due: ['state', 'claim_at'] },
    }),
    createTable('jobs', {
      columns: {
        id: 'id',
        kind: 'id',
        state: 'id',
        params: 'text',
        cursor: 'text?',
        processed: 'int',
        total: 'int?',
        error: 'line?',
        started_by_type: 'id',
        started_by_id: 'id',
        created_at: 'time',
        updated_at: 'time',
        finished_at: 'time?',
        version: 'int',
      },
      primary: ['id'],
      indexes: { created: ['created_at', 'id'], state: ['state', 'created_at', 'id'], kind: ['kind', 'created_at', 'id'] },
    }),
  ],
}

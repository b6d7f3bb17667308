import { addIndexes, createTable, dropIndexes, type Migration } from '../platform/database/migrate.ts'

const counted = ['deleted_at', 'assignee_id', 'priority', 'pending_until']

/** Saved views, and the indexes that make counts cheap: docs/decisions/0015-views-and-counts.md. */
export const views: Migration = {
  name: '0007-views',
  steps: [
    createTable('views', {
      columns: {
        id: 'id',
        name: 'name',
        filters: 'text',
        sort: 'id?',
        visibility: 'id',
        team_id: 'id?',
        owner_id: 'id',
        position: 'int',
        created_at: 'time',
        updated_at: 'time',
        version: 'int',
      },
      primary: ['id'],
      indexes: { owner: ['owner_id', 'position', 'id'], team: ['team_id'], line: ['position', 'id'] },
    }),
    addIndexes('tickets', {
      assignee_open: ['assignee_id', 'status_category', 'created_at', 'id', 'queue_id', 'deleted_at'],
      // In the order of creation as before, and with all that the common counts look at, so that these read no row.
      queue_status: ['queue_id', 'status_category', 'created_at', 'id', ...counted],
      status: ['status_category', 'created_at', 'id', 'queue_id', ...counted],
    }),
    // No query ever began with what a ticket follows up.
    dropIndexes('tickets', ['queue_created', 'status_created', 'follow_up']),
  ],
}

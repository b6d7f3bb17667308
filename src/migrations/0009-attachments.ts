import { addColumns, createTable, type Migration } from '../platform/database/migrate.ts'

/** Files that people send, each content kept once: docs/decisions/0017-attachments.md. */
export const attachments: Migration = {
  name: '0009-attachments',
  steps: [
    createTable('files', {
      columns: { sha256: 'id', storage_key: 'line', size: 'int', created_at: 'time' },
      primary: ['sha256'],
    }),
    createTable('attachments', {
      columns: {
        id: 'id',
        sha256: 'id',
        name: 'line',
        content_type: 'name',
        size: 'int',
        uploader_type: 'id',
        uploader_id: 'id',
        message_id: 'id?',
        position: 'int',
        scan_state: 'id',
        created_at: 'time',
        updated_at: 'time',
        version: 'int',
      },
      primary: ['id'],
      indexes: { message: ['message_id', 'position'], unnamed: ['message_id', 'created_at', 'id'], content: ['sha256'] },
    }),
    // Says whether there is anything to look for: most messages have none.
    addColumns('messages', { columns: { attachment_count: 'int' }, fill: { attachment_count: 0 } }),
  ],
}

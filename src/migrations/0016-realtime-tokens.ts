import { createTable, type Migration } from '../platform/database/migrate.ts'

/** What opens one stream: docs/decisions/0023-realtime-doors.md. */
export const realtimeTokens: Migration = {
  name: '0016-realtime-tokens',
  steps: [
    createTable('realtime_tokens', {
      columns: { id: 'id', principal_id: 'id', session_id: 'id?', created_at: 'time', expires_at: 'time' },
      primary: ['id'],
      indexes: { principal: ['principal_id', 'expires_at'], expired: ['expires_at'] },
    }),
  ],
}

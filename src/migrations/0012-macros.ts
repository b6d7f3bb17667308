import { createTable, type Migration } from '../platform/database/migrate.ts'

/** Canned replies and macros: docs/decisions/0021-macros.md. */
export const macros: Migration = {
  name: '0012-macros',
  steps: [
    createTable('macros', {
      columns: {
        id: 'id',
        kind: 'id',
        name: 'name',
        name_key: 'key',
        shortcut: 'id?',
        shortcut_key: 'key?',
        visibility: 'id',
        team_id: 'id?',
        owner_id: 'id',
        message: 'text?',
        changes: 'text?',
        created_at: 'time',
        updated_at: 'time',
        version: 'int',
      },
      primary: ['id'],
      unique: { shortcut: ['shortcut_key'] },
      indexes: { owner: ['owner_id', 'kind'], team: ['team_id'], name: ['kind', 'name_key', 'id'] },
    }),
  ],
}

import { addColumns, addIndexes, type Migration } from '../platform/database/migrate.ts'

/** Files that macros and canned replies keep: docs/decisions/0021-macros.md. */
export const keptFiles: Migration = {
  name: '0014-kept-files',
  steps: [addColumns('attachments', { columns: { kept_by: 'id?' } }), addIndexes('attachments', { keeper: ['kept_by'] })],
}

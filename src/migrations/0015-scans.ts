import { addIndexes, type Migration } from '../platform/database/migrate.ts'

/** Files that still wait for a scanner are looked for: docs/decisions/0017-attachments.md. */
export const scans: Migration = {
  name: '0015-scans',
  steps: [addIndexes('attachments', { scans: ['scan_state', 'id'] })],
}

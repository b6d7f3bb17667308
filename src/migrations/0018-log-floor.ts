import { addColumns, type Migration } from '../platform/database/migrate.ts'

/** How far back the log can be followed: docs/decisions/0026-retention.md. */
export const logFloor: Migration = {
  name: '0018-log-floor',
  steps: [addColumns('log_head', { columns: { floor: 'int' }, fill: { floor: 0 } })],
}

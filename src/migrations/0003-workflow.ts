import { defaultDefinition } from '../modules/workflow/index.ts'
import { toJson } from '../platform/codecs.ts'
import { insertIfAbsent } from '../platform/database/dialect.ts'
import { addColumns, createTable, type Migration, seed } from '../platform/database/migrate.ts'

/** The lifecycle that every installation starts with, and that tickets from before lifecycles are in. */
export const FIRST_LIFECYCLE = 'lif_00000000000000000000000000'

/** Lifecycles: own statuses, and the steps between them. */
export const workflow: Migration = {
  name: '0003-workflow',
  steps: [
    createTable('lifecycles', {
      columns: {
        id: 'id',
        name: 'name',
        definition: 'text',
        used_at: 'time?',
        archived_at: 'time?',
        created_at: 'time',
        updated_at: 'time',
        version: 'int',
      },
      primary: ['id'],
      indexes: { created: ['created_at', 'id'] },
    }),
    seed('first lifecycle', async (db) => {
      const now = Date.now()
      await insertIfAbsent(db, 'lifecycles', {
        id: FIRST_LIFECYCLE,
        name: 'Standard',
        definition: toJson(defaultDefinition),
        used_at: now,
        archived_at: null,
        created_at: now,
        updated_at: now,
        version: 1,
      })
    }),
    addColumns('queues', { columns: { lifecycle_id: 'id' }, fill: { lifecycle_id: FIRST_LIFECYCLE } }),
    addColumns('settings', { columns: { default_lifecycle_id: 'id' }, fill: { default_lifecycle_id: FIRST_LIFECYCLE } }),
    // No row is rewritten: the default of the column says what the rows that are there have.
    addColumns('tickets', {
      columns: { lifecycle_id: 'id', public_status: 'id?' },
      fill: { lifecycle_id: FIRST_LIFECYCLE },
    }),
  ],
}

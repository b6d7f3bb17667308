import { createTable, type Migration } from '../platform/database/migrate.ts'

/** The rules by which tickets are routed. */
export const routing: Migration = {
  name: '0006-routing',
  steps: [
    createTable('routing_rules', {
      columns: {
        id: 'id',
        position: 'int',
        name: 'name',
        enabled: 'bool',
        conditions: 'text',
        actions: 'text',
        created_at: 'time',
        updated_at: 'time',
        version: 'int',
      },
      primary: ['id'],
      indexes: { position: ['position', 'id'] },
    }),
  ],
}

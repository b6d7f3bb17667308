import { sql } from 'kysely'
import { addColumns, type Migration, renameColumn, seed } from '../platform/database/migrate.ts'

// As many places between two messages as `PLACES_BETWEEN` says.
const APART = 2 ** 20

/** Messages get places with room between them, and tickets may go into one another: docs/decisions/0016-conversations-and-merges.md. */
export const conversation: Migration = {
  name: '0008-conversation',
  steps: [
    addColumns('tickets', { columns: { merged_into_id: 'id?' } }),
    renameColumn('messages', { from: 'seq', to: 'place' }),
    // The numbers that tickets give out are far lower, so a second run finds nothing left to do.
    seed('places of messages', async (db) => {
      await sql`update messages set place = place * ${sql.lit(APART)} where place < ${sql.lit(APART)}`.execute(db)
    }),
  ],
}

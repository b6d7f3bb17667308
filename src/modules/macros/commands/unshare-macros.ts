import type { Actor } from '../../../platform/actor.ts'
import { forUpdate } from '../../../platform/database/dialect.ts'
import { isDuplicate } from '../../../platform/database/errors.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { shortcutKey } from '../macro.ts'
import type { MacroRow } from '../tables.ts'
import { writeMacro } from './update-macro.ts'

const BATCH = 200

/** Makes what was shared with a team private again; answers whether there may be more of it. */
export async function unshareMacros(tx: Tx, actor: Pick<Actor, 'type' | 'id'>, team_id: string): Promise<boolean> {
  const shared = tx.db.selectFrom('macros').selectAll().where('team_id', '=', team_id).orderBy('id').limit(BATCH)
  const rows = await forUpdate(tx.db, shared).execute()
  for (const row of rows) await unshare(tx, actor, row)
  return rows.length === BATCH
}

async function unshare(tx: Tx, actor: Pick<Actor, 'type' | 'id'>, before: MacroRow): Promise<void> {
  const row: MacroRow = { ...before, visibility: 'private', team_id: null }
  const changed = ['visibility', 'team_id']
  try {
    await writeMacro(tx, actor, { row: { ...row, shortcut_key: shortcutKey(row) }, changed })
  } catch (error) {
    if (!isDuplicate(error)) throw error
    // Its owner has this shortcut for something of his own.
    const without = { ...row, shortcut: null, shortcut_key: null }
    await writeMacro(tx, actor, { row: without, changed: [...changed, 'shortcut'] })
  }
}

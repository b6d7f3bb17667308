import type { Actor } from '../../../platform/actor.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Forbidden } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce } from '../../directory/index.ts'
import { releaseFiles } from '../attachments.ts'
import { eventsOf } from '../events.ts'
import { canChange } from '../policy.ts'
import { getVisibleMacro } from '../queries.ts'
import type { MacroKind } from '../tables.ts'

/** Takes a canned reply or a macro away; what was written with it stays. */
export async function deleteMacro(
  tx: Tx,
  actor: Actor,
  { kind, id, if_match }: { kind: MacroKind; id: string; if_match: readonly string[] | undefined },
): Promise<void> {
  const row = await getVisibleMacro(tx.db, actor, { kind, id }, 'for update')
  if (!canChange(actor, row)) throw Forbidden({ detail: 'Only its owner and admins delete it.' })
  requireMatch(if_match, `v${row.version}`, row.version)
  await releaseFiles(tx, actor, row)
  await tx.db.deleteFrom('macros').where('id', '=', row.id).execute()
  announce(tx, eventsOf[kind].deleted, { actor, row: { id: row.id, version: row.version + 1 }, data: {} })
}

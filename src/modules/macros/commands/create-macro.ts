import type { Actor } from '../../../platform/actor.ts'
import { insertIfAbsent } from '../../../platform/database/dialect.ts'
import { newId } from '../../../platform/ids.ts'
import { Forbidden } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce } from '../../directory/index.ts'
import { keepFiles } from '../attachments.ts'
import { eventsOf } from '../events.ts'
import { type Content, foldName, kinds, shortcutKey, toColumns } from '../macro.ts'
import { canOwnMacros } from '../policy.ts'
import { ShortcutTaken } from '../problems.ts'
import type { Head } from '../schema.ts'
import type { MacroKind, MacroRow } from '../tables.ts'
import { lockOwner } from './lock-owner.ts'
import { requireContent } from './require-content.ts'
import { requireMayShare, sharingAfter } from './share.ts'

/** Saves a canned reply or a macro. */
export async function createMacro(
  tx: Tx,
  actor: Actor,
  { kind, head, content: given }: { kind: MacroKind; head: Head & { name: string }; content: Content },
): Promise<MacroRow> {
  if (!canOwnMacros(actor)) throw Forbidden({ detail: 'An API key cannot own canned replies or macros.' })
  const before = { visibility: 'private' as const, team_id: null }
  const sharing = sharingAfter(before, head)
  const content = await requireContent(tx, { kind, content: given })
  await lockOwner(tx, { owner_id: actor.id, kind })
  await requireMayShare(tx, actor, { before, after: sharing })
  const { shortcut = null } = head
  const row: MacroRow = {
    id: newId(kinds[kind].prefix),
    kind,
    name: head.name,
    name_key: foldName(head.name),
    shortcut,
    shortcut_key: shortcutKey({ kind, shortcut, ...sharing, owner_id: actor.id }),
    ...sharing,
    owner_id: actor.id,
    ...toColumns(content),
    created_at: tx.now,
    updated_at: tx.now,
    version: 1,
  }
  if (!(await insertIfAbsent(tx.db, 'macros', row))) throw ShortcutTaken()
  await keepFiles(tx, actor, row)
  announce(tx, eventsOf[kind].created, { actor, row, data: { owner_id: row.owner_id, ...sharing } })
  return row
}

import type { Actor } from '../../../platform/actor.ts'
import { isDuplicate } from '../../../platform/database/errors.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Forbidden } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce } from '../../directory/index.ts'
import { keepFiles } from '../attachments.ts'
import { eventsOf } from '../events.ts'
import { type Content, contentOf, foldName, shortcutKey, toColumns } from '../macro.ts'
import { canChange, canDecideForAll } from '../policy.ts'
import { ShortcutTaken } from '../problems.ts'
import { getVisibleMacro } from '../queries.ts'
import type { Head } from '../schema.ts'
import type { MacroKind, MacroRow } from '../tables.ts'
import { lockOwner } from './lock-owner.ts'
import { requireContent } from './require-content.ts'
import { requireMayShare, sharingAfter } from './share.ts'

/** Changes a canned reply or a macro, shares it, or gives it to somebody else. Nothing is written where nothing differs. */
export async function updateMacro(
  tx: Tx,
  actor: Actor,
  change: {
    kind: MacroKind
    id: string
    head: Head
    /** What is written and changed after it, where a word is said about that. */
    content: (before: Content) => Content | undefined
    if_match: readonly string[] | undefined
  },
): Promise<MacroRow> {
  const { kind, id, head, if_match } = change
  const seen = await getVisibleMacro(tx.db, actor, { kind, id })
  if (!canChange(actor, seen)) throw Forbidden({ detail: 'Only its owner and admins change it.' })
  const { owner_id = seen.owner_id } = head
  if (owner_id !== seen.owner_id) {
    if (!canDecideForAll(actor)) throw Forbidden({ detail: 'Only an admin gives it to another owner.' })
    await lockOwner(tx, { owner_id, kind })
  }
  // Users, teams, macros: the order in which everybody locks.
  await requireMayShare(tx, actor, { before: seen, after: sharingAfter(seen, head) })
  const row = await getVisibleMacro(tx.db, actor, { kind, id }, 'for update')
  requireMatch(if_match, `v${row.version}`, row.version)
  const content = change.content(contentOf(row))
  const { name = row.name, shortcut = row.shortcut } = head
  const next: MacroRow = {
    ...row,
    name,
    name_key: foldName(name),
    shortcut,
    ...sharingAfter(row, head),
    owner_id,
    // What is outdated can still be renamed.
    ...(content ? toColumns(await requireContent(tx, { kind, content })) : {}),
  }
  next.shortcut_key = shortcutKey(next)
  const changed = changedIn(row, next)
  if (changed.length === 0) return row
  if (content) await keepFiles(tx, actor, next)
  try {
    return await writeMacro(tx, actor, { row: next, changed })
  } catch (error) {
    if (isDuplicate(error)) throw ShortcutTaken()
    throw error
  }
}

/** Writes a locked row with its next version, and says what changed. */
export async function writeMacro(
  tx: Tx,
  actor: Pick<Actor, 'type' | 'id'>,
  { row, changed }: { row: MacroRow; changed: string[] },
): Promise<MacroRow> {
  const next = { ...row, updated_at: tx.now, version: row.version + 1 }
  const { id, created_at: _, ...columns } = next
  await tx.db.updateTable('macros').set(columns).where('id', '=', id).execute()
  const { kind, owner_id, visibility, team_id } = next
  announce(tx, eventsOf[kind].updated, { actor, row: next, data: { changed, owner_id, visibility, team_id } })
  return next
}

const HEAD = ['name', 'shortcut', 'visibility', 'team_id', 'owner_id'] as const

/** The keys, as the wire shows them, in which a row differs. */
function changedIn(before: MacroRow, after: MacroRow): string[] {
  const head = HEAD.filter((key) => before[key] !== after[key])
  if (after.kind === 'macro')
    return [...head, ...(['message', 'changes'] as const).filter((column) => before[column] !== after[column])]
  const [was, is] = [contentOf(before).message, contentOf(after).message]
  const text = (['variants', 'attachment_ids'] as const).filter((key) => JSON.stringify(was?.[key]) !== JSON.stringify(is?.[key]))
  return [...head, ...text]
}

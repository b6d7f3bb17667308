import type { Actor } from '../../../platform/actor.ts'
import { toJson } from '../../../platform/codecs.ts'
import { forUpdate } from '../../../platform/database/dialect.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { type Changes, contentOf } from '../macro.ts'
import { writeMacro } from './update-macro.ts'

const BATCH = 200

/**
 * Gives a tag another name in the macros behind `after`, so many at a time; answers where to go on, null at the end. Twice is the
 * same as once: then nothing asks for the old name any more.
 */
export async function renameTagInMacros(
  tx: Tx,
  actor: Pick<Actor, 'type' | 'id'>,
  { after, from, to }: { from: string; to: string; after: string },
): Promise<string | null> {
  const next = tx.db.selectFrom('macros').selectAll().where('id', '>', after).where('changes', 'is not', null)
  const rows = await forUpdate(tx.db, next.orderBy('id').limit(BATCH)).execute()
  for (const row of rows) {
    const { changes } = contentOf(row)
    const renamed = changes && withTagRenamed(changes, { from, to })
    if (renamed) await writeMacro(tx, actor, { row: { ...row, changes: toJson(renamed) }, changed: ['changes'] })
  }
  return rows.length < BATCH ? null : (rows.at(-1)?.id ?? null)
}

/** The changes with another name for a tag; undefined where they do not name it. */
function withTagRenamed(changes: Changes, { from, to }: { from: string; to: string }): Changes | undefined {
  const { add_tags = [], remove_tags = [] } = changes
  if (![...add_tags, ...remove_tags].includes(from)) return undefined
  const renamed = (tags: readonly string[]) => [...new Set(tags.map((tag) => (tag === from ? to : tag)))].sort()
  const added = renamed(add_tags)
  // What was taken away for the other name is added now: adding wins.
  const removed = renamed(remove_tags).filter((tag) => !added.includes(tag))
  const { add_tags: _, remove_tags: __, ...rest } = changes
  return {
    ...rest,
    ...(added.length > 0 ? { add_tags: added } : {}),
    ...(removed.length > 0 ? { remove_tags: removed } : {}),
  }
}

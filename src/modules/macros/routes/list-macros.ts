import type { Static } from 'typebox'
import type { Actor } from '../../../platform/actor.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import type { Answer } from '../../../platform/http/answer.ts'
import { type Cursors, toPage } from '../../../platform/http/cursor.ts'
import { after, answerList } from '../../../platform/http/list.ts'
import { kinds } from '../macro.ts'
import { toObjects } from '../present.ts'
import { filterMacros } from '../queries.ts'
import type { MacroQuery } from '../schema.ts'
import type { MacroKind, MacroRow } from '../tables.ts'

/** One page of a kind, by name. */
export async function answerMacros(
  kind: MacroKind,
  { actor, db, cursors, query }: { actor: Actor; db: Reader; cursors: Cursors; query: Static<typeof MacroQuery> },
): Promise<Answer> {
  const { limit = 25, cursor, include, ...filters } = query
  const bound = { list: kind, filters }
  const place = cursors.read(bound, cursor)
  const rows = filterMacros(db, actor, { kind, filters })
  const behind = place ? rows.where(after(place, { column: 'name_key', direction: 'asc' })) : rows
  const found = await behind
    .orderBy('name_key')
    .orderBy('id')
    .limit(limit + 1)
    .execute()
  const page = toPage(found, {
    limit: fittingCount(found, limit),
    toObject: (row) => row,
    cursorAfter: ({ name_key, id }) => cursors.write(bound, { key: name_key, id }),
  })
  const data = await toObjects(db, page.data)
  const total = include?.includes('total') ? { total: await countRows(rows) } : {}
  return answerList({ ...page, data, ...total }, { path: kinds[kind].path, query })
}

const PAGE_CHARACTERS = 2_000_000

/** How many one page takes: the wanted number, or as many as are not too long together, at the least one. */
function fittingCount(rows: readonly MacroRow[], limit: number): number {
  let characters = 0
  for (const [i, { message }] of rows.entries()) {
    characters += message?.length ?? 0
    if (characters > PAGE_CHARACTERS) return Math.min(limit, Math.max(1, i))
  }
  return limit
}

async function countRows(rows: ReturnType<typeof filterMacros>): Promise<number> {
  const row = await rows
    .clearSelect()
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  return Number(row.total)
}

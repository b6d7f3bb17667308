import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Actor } from '../../../platform/actor.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import type { Answer } from '../../../platform/http/answer.ts'
import { type Cursors, toPage } from '../../../platform/http/cursor.ts'
import { after, answerList } from '../../../platform/http/list.ts'
import { fittingCount } from '../../messages/index.ts'
import { kinds } from '../macro.ts'
import { toObjects } from '../present.ts'
import { filterMacros } from '../queries.ts'
import type { MacroQuery } from '../schema.ts'
import type { MacroKind } from '../tables.ts'

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
  const ordered = behind.orderBy('name_key').orderBy('id')
  const lengths = await ordered
    .clearSelect()
    .select(sql<number>`coalesce(octet_length(message), 0)`.as('bytes'))
    .limit(limit + 1)
    .execute()
  const count = fittingCount(lengths, limit)
  const found = count === 0 ? [] : await ordered.limit(count).execute()
  const page = toPage(found, {
    limit,
    has_more: lengths.length > count,
    toObject: (row) => row,
    cursorAfter: ({ name_key, id }) => cursors.write(bound, { key: name_key, id }),
  })
  const data = await toObjects(db, page.data)
  const total = include?.includes('total') ? { total: await countRows(rows) } : {}
  return answerList({ ...page, data, ...total }, { path: kinds[kind].path, query })
}

async function countRows(rows: ReturnType<typeof filterMacros>): Promise<number> {
  const row = await rows
    .clearSelect()
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  return Number(row.total)
}

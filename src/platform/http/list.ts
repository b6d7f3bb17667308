import { type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely'
import { type TOptional, type TString, Type } from 'typebox'
import { fromTime } from '../codecs.ts'
import type { Schema } from '../database/schema.ts'
import type { Answer } from './answer.ts'
import { ok } from './answer.ts'
import { type Cursors, type Place, toPage } from './cursor.ts'
import { PageQuery, Time } from './schemas.ts'

/** One page of a list, as the wire shows it. */
interface ListPage<O = unknown> {
  object: 'list'
  data: O[]
  has_more: boolean
  next_cursor: string | null
  total?: number
}

/** A query as its schema read it. */
type Query = Readonly<Record<string, unknown>>

/** Answers a page, with the link to the next (RFC 8288): `path` is the path as it was called, `query` as its schema read it. */
export function answerList(page: ListPage, { path, query }: { path: string; query: Query }): Answer {
  if (page.next_cursor === null) return ok(page)
  const parameters = Object.entries({ ...query, cursor: page.next_cursor })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
  return ok(page, { headers: { Link: `<${path}?${parameters.join('&')}>; rel="next"` } })
}

/** Everything of a query that decides which rows stand in which order: what a cursor is bound to. */
export function filtersOf({ limit: _limit, cursor: _cursor, include: _include, ...filters }: Query): Query {
  return filters
}

type Direction = 'asc' | 'desc'

/** What comes after a place in the order of a column, then of the id; the range stands first, so that an index carries it. */
export function after(place: Place, { column, direction }: { column: string; direction: Direction }): RawBuilder<SqlBool> {
  const key = sql.ref(column)
  const id = sql.ref('id')
  return direction === 'asc'
    ? sql<SqlBool>`${key} >= ${place.key} and (${key} > ${place.key} or ${id} > ${place.id})`
    : sql<SqlBool>`${key} <= ${place.key} and (${key} < ${place.key} or ${id} < ${place.id})`
}

const BOUNDS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const
type TimeRange<N extends string> = Record<`${N}[${keyof typeof BOUNDS}]`, TOptional<TString>>

/** The parameters `name[gte]=…` and so on, for the query of a list. */
function timeRange<N extends string>(name: N): TimeRange<N> {
  const bounds = Object.keys(BOUNDS).map((bound) => [`${name}[${bound}]`, Type.Optional(Time)])
  // Built from the very keys that the type lists.
  return Object.fromEntries(bounds) as TimeRange<N>
}

/** The conditions of a time range on the column of its name. */
function inTimeRange(name: string, query: Query): RawBuilder<SqlBool>[] {
  return Object.entries(BOUNDS).flatMap(([bound, operator]) => {
    const ms = fromTime(String(query[`${name}[${bound}]`] ?? ''))
    return ms === undefined ? [] : [sql<SqlBool>`${sql.ref(name)} ${sql.raw(operator)} ${ms}`]
  })
}

/** `include=total`, for the query of a list. */
export const IncludeTotal = Type.Optional(
  Type.Array(Type.Enum(['total'], { type: 'string' }), { description: '`total`: say how many there are in all.' }),
)

/** The query of a list in the order in which its objects were made. */
export const CreationQuery = {
  ...PageQuery,
  sort: Type.Optional(
    Type.Enum(['created_at', '-created_at'], {
      type: 'string',
      default: 'created_at',
      description: 'The order: oldest first, or with `-` newest first.',
    }),
  ),
  include: IncludeTotal,
  ...timeRange('created_at'),
}

/** Reads and answers one page of `rows`, which the caller has filtered, in the order in which they were made. */
export async function listByCreation<TB extends keyof Schema, R extends { id: string; created_at: number }, O>(
  rows: SelectQueryBuilder<Schema, TB, R>,
  list: {
    path: string
    query: { limit?: number; cursor?: string; sort?: 'created_at' | '-created_at'; include?: 'total'[] }
    cursors: Cursors
    /** What else decides which rows the caller sees: his role, say. */
    view?: string
    toObjects: (rows: R[]) => O[] | Promise<O[]>
  },
): Promise<Answer> {
  const { path, query, cursors } = list
  const { limit = 25, cursor, sort, include } = query
  const filters = [path, list.view ?? null, filtersOf(query)]
  const place = cursors.read(filters, cursor)
  const direction = sort === '-created_at' ? 'desc' : 'asc'

  const found = inTimeRange('created_at', query).reduce((narrowed, condition) => narrowed.where(condition), rows)
  const behind = place ? found.where(after(place, { column: 'created_at', direction })) : found
  const read = await behind
    .orderBy(sql.ref('created_at'), direction)
    .orderBy(sql.ref('id'), direction)
    .limit(limit + 1)
    .execute()

  const page = toPage(read, {
    limit,
    toObject: (row) => row,
    cursorAfter: (row) => cursors.write(filters, { key: row.created_at, id: row.id }),
  })
  const data = await list.toObjects(page.data)
  if (!include?.includes('total')) return answerList({ ...page, data }, { path, query })
  const counted = await found.clearSelect().select(sql<number>`count(*)`.as('total')).executeTakeFirst()
  return answerList({ ...page, data, total: Number(counted?.total) }, { path, query })
}

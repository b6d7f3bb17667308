import { type RawBuilder, sql } from 'kysely'
import { type Actor, isStaff } from '../../platform/actor.ts'
import { joinBehind, limitTo } from '../../platform/database/dialect.ts'
import { prepare } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'
import type { Place } from '../../platform/http/cursor.ts'
import { invalidParameter } from '../../platform/http/validate.ts'
import { type Definition, FIELD_KEY, isReadable, isSortable, keyColumn } from '../fields/index.ts'
import type { FieldTerm, Searchable } from './field-filters.ts'
import { areSideless, conditionsOn, shapeOf, shows, type Term, valuesOf } from './filters.ts'
import { type Arm, scopeShape, scopeValues, seesAnySide, seesStaffSide, visibleArms } from './visibility.ts'

// Lists in the order of a custom field: first the tickets that have a value, along the index of the values; then the others,
// in the order of their creation.

/** An order by a custom field. */
export type FieldSort = `${'' | '-'}fields[${string}]`

const SORT = new RegExp(`^-?fields\\[(${FIELD_KEY})\\]$`)

/** The field that an order goes by; undefined for the orders that every list has. One that the caller may not read is 400. */
export function fieldOfSort(sort: string, searchable: Searchable): Definition | undefined {
  const [, key] = SORT.exec(sort) ?? []
  if (key === undefined) return undefined
  const field = searchable.get(key)
  if (!field) throw invalidParameter('sort', `names fields[${key}], which there is not`)
  if (!isSortable(field.type)) throw invalidParameter('sort', `names fields[${key}], a ${field.type}, which has no order`)
  return field
}

/** How a ticket stands in its list when it has no value: no text begins so. */
const WITHOUT = '\u0000'

export function placeWithout(created_at: number): string {
  return `${WITHOUT}${created_at}`
}

/** The place among the tickets without a value, by creation; undefined when the list is not so far. */
export function placeByCreation(after: Place): Place | undefined {
  const { key, id } = after
  return typeof key === 'string' && key.startsWith(WITHOUT) ? { key: Number(key.slice(WITHOUT.length)), id } : undefined
}

/** The condition that a ticket shows no value of a field: one that a side may not see is shown to it by no ticket. */
export function absenceOf(field: Definition): FieldTerm {
  return {
    kind: 'field',
    column: keyColumn(field.type),
    signs: ['='],
    values: [field.id],
    orNone: true,
    isReadable: isReadable(field),
    isAbsence: true,
    isSelective: false,
  }
}

interface FieldPage {
  field: Definition
  terms: readonly Term[]
  direction: 'asc' | 'desc'
  after: Place | undefined
  limit: number
}

interface Part {
  arm: Arm
  is_staff: RawBuilder<number>
  /** Whether the list walks along the values, or looks up the value of each of a few tickets and sorts them. */
  startsFromValues: boolean
}

type Values = Record<string, unknown>
export type Listed<R> = R & { is_staff: number; place: string | number }

/** The visible tickets that match and have a value of the field, in its order, at most `limit`, as rows of these columns. */
export async function listWithValue<R extends { id: string }>(
  db: Reader,
  actor: Actor,
  { page, columns }: { page: FieldPage; columns: readonly string[] },
): Promise<Listed<R>[]> {
  const { field, terms, direction, after, limit } = page
  const given = { ...scopeValues(actor), ...valuesOf(terms), field_id: field.id, limit }
  const values = after ? { ...given, after_key: after.key, after_id: after.id } : given
  const shape = `${scopeShape(actor)} ${keyColumn(field.type)} ${isReadable(field)} ${direction} ${after !== undefined} ${shapeOf(terms)}`
  const found = new Map<string, Listed<R>>()
  for (const i of partsOf({}, actor, page).keys()) {
    const rows = await statementOf(`${shape} ${i}`, () => preparePart(actor, { page, columns, i }))(db, values)
    // Read by the very columns that were asked for.
    for (const row of rows as Listed<R>[]) found.set(row.id, row)
  }
  const sign = direction === 'asc' ? 1 : -1
  return [...found.values()].sort((a, b) => sign * (compareKeys(a.place, b.place) || (a.id < b.id ? -1 : 1))).slice(0, limit)
}

/** As the databases compare: texts by their code points. */
function compareKeys(a: string | number, b: string | number): number {
  return typeof a === 'number' ? a - Number(b) : Buffer.compare(Buffer.from(a), Buffer.from(String(b)))
}

type Statement = (db: Reader, values: Values) => Promise<unknown[]>
const statements = new Map<string, Statement>()
const SHAPES_KEPT = 1000

function statementOf(shape: string, build: () => Statement): Statement {
  let statement = statements.get(shape)
  if (!statement) {
    statement = build()
    if (statements.size >= SHAPES_KEPT) statements.clear()
    statements.set(shape, statement)
  }
  return statement
}

function partsOf(slots: Values, actor: Actor, { field, terms }: FieldPage): Part[] {
  const startsFromValues = !terms.some((term) => term.kind === 'field' && term.isSelective)
  if (isStaff(actor) && isReadable(field) && areSideless(terms)) {
    const is_staff = sql<number>`case when ${seesStaffSide(slots, actor)} then 1 else 0 end`
    return [{ arm: { view: 'staff', where: seesAnySide(slots, actor) }, is_staff, startsFromValues }]
  }
  return visibleArms(slots, actor)
    .filter(({ view }) => shows(view, terms) && (view === 'staff' || isReadable(field)))
    .map((arm) => ({
      arm,
      is_staff: sql<number>`${sql.raw(arm.view === 'staff' ? '1' : '0')}`,
      // What somebody sees from the public side are few.
      startsFromValues: startsFromValues && arm.view === 'staff',
    }))
}

function preparePart(actor: Actor, { page, columns, i }: { page: FieldPage; columns: readonly string[]; i: number }): Statement {
  return prepare<Values, ReturnType<typeof partRows>>((db, slots) => {
    const part = partsOf(slots, actor, page)[i]
    if (!part) throw new Error('the parts of a list are the same for the same shape')
    return partRows(db, { part, page, columns, slots })
  })
}

function partRows(
  db: Reader,
  { part, page, columns, slots }: { part: Part; page: FieldPage; columns: readonly string[]; slots: Values },
) {
  const { field, terms, direction, after } = page
  const key = sql.ref(`place.${keyColumn(field.type)}`)
  const sign = sql.raw(direction === 'asc' ? '>' : '<')
  const conditions = [
    part.arm.where,
    ...conditionsOn(part.arm.view, { db, terms, slots }),
    sql<boolean>`tickets.deleted_at is null`,
    sql<boolean>`place.field_id = ${slots.field_id}`,
    sql<boolean>`place.item = 0`,
    ...(after
      ? [
          sql<boolean>`${key} ${sign}= ${slots.after_key} and (${key} ${sign} ${slots.after_key} or place.ticket_id ${sign} ${slots.after_id})`,
        ]
      : []),
  ]
  const order = sql.raw(direction)
  const [first, second] = part.startsFromValues
    ? [sql`ticket_field_values as place`, sql`tickets on tickets.id = place.ticket_id`]
    : [sql`tickets`, sql`ticket_field_values as place on place.ticket_id = tickets.id`]
  // Both spellings keep the order of the two: no planner knows how soon such a list is full.
  const join = joinBehind(db)
  const shown = sql.join(columns.map((column) => sql.ref(column)))
  return {
    compile: () =>
      sql`select ${shown}, ${part.is_staff} as is_staff, ${key} as place from ${first} ${join} ${second}
        where ${sql.join(conditions, sql` and `)} order by ${key} ${order}, place.ticket_id ${order} limit ${limitTo(db, slots.limit as number)}`.compile(
        db,
      ),
  }
}

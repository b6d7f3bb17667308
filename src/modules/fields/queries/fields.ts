import type { Static } from 'typebox'
import { type Actor, isStaff } from '../../../platform/actor.ts'
import { fromJson, toTime, toTimeOrNull } from '../../../platform/codecs.ts'
import { forShare } from '../../../platform/database/dialect.ts'
import { keep } from '../../../platform/database/kept.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import { NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { appliesTo, type Definition, type Definitions, definitionsIn } from '../field.ts'
import type { Field, FieldQuery } from '../schema.ts'
import type { FieldRow } from '../tables.ts'

function allFields(db: Reader) {
  return db.selectFrom('fields').selectAll().orderBy('position').orderBy('id')
}

const kept = keep(async (db) => definitionsIn((await allFields(db).execute()).map(toDefinition)))

/** What fields there are, as of at most half a second ago: every answer about a ticket needs it. */
export function definitionsOf(db: Reader): Promise<Definitions> {
  return kept.get(db)
}

/** What fields there are now; they stay as they are until the transaction ends, so that a ticket may be given values of them. */
export async function holdDefinitions(tx: Tx): Promise<Definitions> {
  return definitionsIn((await forShare(tx.db, allFields(tx.db)).execute()).map(toDefinition))
}

/** Makes this process see a change of the fields as soon as it is committed. */
export function forgetDefinitions(tx: Tx): void {
  const { db } = tx
  tx.afterCommit(() => kept.forget(db))
}

export function toDefinition(row: FieldRow): Definition {
  return {
    id: row.id,
    key: row.key,
    type: row.type,
    options: fromJson(row.options),
    default: row.default_value === null ? null : fromJson(row.default_value),
    required: row.required,
    requester_access: row.requester_access,
    type_ids: fromJson(row.type_ids),
    max_length: row.max_length,
    minimum: row.minimum,
    maximum: row.maximum,
    is_archived: row.archived_at !== null,
  }
}

/** The fields that an actor may know of: staff all of them, a requester those in use that he may read. */
function visibleFields(db: Reader, actor: Pick<Actor, 'role'>) {
  const rows = db.selectFrom('fields').selectAll()
  return actor.role === 'requester' ? rows.where('archived_at', 'is', null).where('requester_access', '!=', 'none') : rows
}

/** The field, or 404 where there is none or the actor may not know of it. */
export async function getVisibleField(db: Reader, actor: Actor, id: string): Promise<FieldRow> {
  const row = await visibleFields(db, actor).where('id', '=', id).executeTakeFirst()
  if (!row) throw NotFound()
  return row
}

/** The fields of an actor that the filters of a list let through. */
export function filterFields(db: Reader, actor: Actor, { archived }: Static<typeof FieldQuery>) {
  const rows = visibleFields(db, actor)
  return archived === undefined ? rows : rows.where('archived_at', archived ? 'is not' : 'is', null)
}

/** A field as this actor may see it. */
export function toField(row: FieldRow, actor: Pick<Actor, 'role'>): Field {
  const field = toDefinition(row)
  const { id, key, type } = row
  if (actor.role === 'requester') return toRequesterField(row, field)
  return {
    id,
    object: 'field',
    key,
    label: row.label,
    requester_label: row.requester_label,
    type,
    options: [...field.options],
    default: field.default,
    required: row.required,
    requester_access: row.requester_access,
    type_ids: [...field.type_ids],
    max_length: row.max_length,
    minimum: row.minimum,
    maximum: row.maximum,
    position: row.position,
    archived_at: toTimeOrNull(row.archived_at),
    created_at: toTime(row.created_at),
    updated_at: toTime(row.updated_at),
    version: row.version,
  }
}

function toRequesterField(row: FieldRow, field: Definition): Field {
  return {
    id: row.id,
    object: 'field',
    key: row.key,
    label: row.requester_label ?? row.label,
    type: row.type,
    options: field.options.filter(({ archived }) => !archived).map(({ value, label }) => ({ value, label })),
    required: bindsRequesters(field) ? 'create' : 'never',
    created_at: toTime(row.created_at),
  }
}

/** Whether a requester who raises a ticket must fill a field in: his tickets have no type at first. */
export function bindsRequesters(field: Definition): boolean {
  return field.required === 'create' && field.requester_access === 'write' && appliesTo(field, null)
}

/** Those of these fields that there are and that this actor may know of. */
export async function presentFields(db: Reader, actor: Actor, ids: readonly string[]): Promise<Field[]> {
  const rows = await visibleFields(db, actor).where('id', 'in', ids).execute()
  return rows.map((row) => toField(row, actor))
}

/** The fields in use that an actor may filter and sort by. */
export function searchableFields(definitions: Definitions, actor: Actor): ReadonlyMap<string, Definition> {
  return isStaff(actor) ? definitions.in_use : definitions.readable
}

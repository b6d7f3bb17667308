import { type Actor, isStaff } from '../../platform/actor.ts'
import { fromJson, toJson } from '../../platform/codecs.ts'
import { insertRows } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { nearest } from '../../platform/nearest.ts'
import { type FieldError, invalidFields } from '../../platform/problems.ts'
import type { Tx } from '../../platform/transaction.ts'
import {
  appliesTo,
  bindsRequesters,
  type Definition,
  type Definitions,
  definitionsOf,
  type FieldValue,
  type FieldValues,
  type HasValues,
  holdDefinitions,
  holdReference,
  keyColumn,
  keysOf,
  readValue,
} from '../fields/index.ts'
import { findPerson } from './people.ts'
import type { TicketRow } from './tables.ts'
import type { View } from './ticket.ts'

// The values of custom fields on tickets: as JSON in the ticket's row, for answers, and typed in `ticket_field_values`, for
// filters and orders. This file alone writes the latter, in the transaction that writes the former.

/** A change of values, as somebody sent it: null takes one away. */
export type ValuesPatch = Readonly<Record<string, FieldValue | null>>

/** What a ticket's values are after a change, and whose fields they are that changed. */
export interface ChangedValues {
  values: FieldValues
  changed: readonly Definition[]
}

const nothing: ChangedValues = { values: {}, changed: [] }

/** The values of a new ticket: what was given, and the defaults. Refuses what cannot be, and what is required and missing. */
export async function newValues(
  tx: Tx,
  actor: Actor,
  { given = {}, type_id }: { given: ValuesPatch | undefined; type_id: string | null },
): Promise<ChangedValues> {
  if (Object.keys(given).length === 0 && !concernsNewTickets(await definitionsOf(tx.db))) return nothing
  const definitions = await holdDefinitions(tx)
  const view: View = isStaff(actor) ? 'staff' : 'requester'
  const { set, errors } = await readPatch(tx, actor, { definitions, view, patch: given, type_id })
  const values = await withDefaults(tx, { definitions, type_id, set })
  for (const field of definitions.in_use.values()) {
    const binds = view === 'staff' ? field.required === 'create' && appliesTo(field, type_id) : bindsRequesters(field)
    if (binds && values.get(field.key) == null && !errors.some(({ pointer }) => pointer === `/fields/${field.key}`))
      errors.push({ pointer: `/fields/${field.key}`, code: 'required', detail: 'is required' })
  }
  refuse(errors)
  return changedValues({}, values, definitions)
}

/** The values of a ticket that follows another by itself: the defaults, for nobody was asked for more. */
export async function defaultValues(tx: Tx, type_id: string | null): Promise<ChangedValues> {
  if (!concernsNewTickets(await definitionsOf(tx.db))) return nothing
  const definitions = await holdDefinitions(tx)
  return changedValues({}, await withDefaults(tx, { definitions, type_id, set: new Map() }), definitions)
}

/** The values of a ticket after a merge patch by somebody who sees it on this side. */
export async function patchedValues(
  tx: Tx,
  actor: Actor,
  { ticket, patch, type_id }: { ticket: Pick<TicketRow, 'fields'> & { view: View }; patch: ValuesPatch; type_id: string | null },
): Promise<ChangedValues> {
  const definitions = await holdDefinitions(tx)
  const { set, errors } = await readPatch(tx, actor, { definitions, view: ticket.view, patch, type_id })
  refuse(errors)
  return changedValues(fromJson<FieldValues>(ticket.fields), set, definitions)
}

function concernsNewTickets({ in_use }: Definitions): boolean {
  return in_use.values().some((field) => field.default !== null || field.required === 'create')
}

type Patch = Map<string, FieldValue | null>

async function readPatch(
  tx: Tx,
  actor: Actor,
  about: { definitions: Definitions; view: View; patch: ValuesPatch; type_id: string | null },
): Promise<{ set: Patch; errors: FieldError[] }> {
  const { definitions, view, patch, type_id } = about
  const writable = new Map([...definitions.in_use].filter(([, field]) => view === 'staff' || field.requester_access === 'write'))
  const set: Patch = new Map()
  const errors: FieldError[] = []
  for (const [key, given] of Object.entries(patch)) {
    const refused = (code: string, detail: string) => errors.push({ pointer: `/fields/${key}`, code, detail })
    const field = writable.get(key)
    if (!field) {
      const isArchived = view === 'staff' && definitions.all.some((known) => known.key === key)
      const meant = nearest(key, writable.keys())
      if (isArchived) refused('archived', 'is out of use')
      else refused('unknown_field', `is not known here${meant ? `: did you mean ${meant}?` : ''}`)
    } else if (given === null || (Array.isArray(given) && given.length === 0)) set.set(key, null)
    // Requesters do not know of types.
    else if (view === 'staff' && !appliesTo(field, type_id)) refused('not_for_type', 'is not for tickets of this type')
    else {
      const read = readValue(field, given)
      if ('fault' in read) refused(read.fault.code, read.fault.detail)
      else if (await isNameable(tx, actor, { field, value: read.value, view })) set.set(key, read.value)
      else
        refused(
          'not_found',
          `must be the id of ${field.type === 'user' ? 'an active user' : 'an organization'} whom you may name`,
        )
    }
  }
  return { set, errors }
}

/** Whether what a value names is there, and this actor may know of it: a requester only of his own organization. */
async function isNameable(
  tx: Tx,
  actor: Actor,
  { field, value, view }: { field: Definition; value: FieldValue; view: View },
): Promise<boolean> {
  if (view === 'requester' && !isStaff(actor)) {
    if (field.type === 'user') return (await findPerson(tx, actor, String(value))) === value
    if (field.type === 'organization' && value !== actor.organization_id) return false
  }
  return holdReference(tx, field.type, value)
}

async function withDefaults(
  tx: Tx,
  { definitions, type_id, set }: { definitions: Definitions; type_id: string | null; set: Patch },
): Promise<Patch> {
  const values = new Map(set)
  for (const field of definitions.in_use.values()) {
    if (field.default === null || values.has(field.key) || !appliesTo(field, type_id)) continue
    // Whom it names may have gone since it was set.
    if (await holdReference(tx, field.type, field.default)) values.set(field.key, field.default)
  }
  return values
}

function refuse(errors: FieldError[]): void {
  if (errors.length > 0) throw invalidFields(errors)
}

function changedValues(before: FieldValues, set: Patch, { in_use }: Definitions): ChangedValues {
  const values = new Map(Object.entries(before))
  const changed: Definition[] = []
  for (const [key, value] of set) {
    const field = in_use.get(key)
    if (!field || toJson(value) === toJson(values.get(key) ?? null)) continue
    changed.push(field)
    if (value === null) values.delete(key)
    else values.set(key, value)
  }
  // Sorted, so that the same values are the same text.
  return { values: Object.fromEntries([...values].sort(([a], [b]) => (a < b ? -1 : 1))), changed }
}

/** Writes what changed where filters and orders look for it. */
export async function writeValues(
  tx: Tx,
  ticket_id: string,
  { values, changed, isNew }: ChangedValues & { isNew: boolean },
): Promise<void> {
  if (changed.length === 0) return
  if (!isNew)
    await tx.db
      .deleteFrom('ticket_field_values')
      .where('ticket_id', '=', ticket_id)
      .where(
        'field_id',
        'in',
        changed.map(({ id }) => id),
      )
      .execute()
  const rows = changed.flatMap(({ id: field_id, key, type }) => {
    const value = values[key]
    const keys = value === undefined ? [] : keysOf(type, value)
    const isNumber = keyColumn(type) === 'number_value'
    return keys.map((one, item) => ({
      ticket_id,
      field_id,
      item,
      text_value: isNumber ? null : String(one),
      number_value: isNumber ? Number(one) : null,
    }))
  })
  await insertRows(tx.db, 'ticket_field_values', rows)
}

/** Takes away all values of a ticket. */
export async function removeValues(tx: Tx, ticket_id: string): Promise<void> {
  await tx.db.deleteFrom('ticket_field_values').where('ticket_id', '=', ticket_id).execute()
}

/** Whether any ticket has a value of a field, or a certain option of it. */
export const hasValues: HasValues = async (db, { field_id, option }) => {
  let rows = db.selectFrom('ticket_field_values').select('ticket_id').where('field_id', '=', field_id)
  if (option !== undefined) rows = rows.where('text_value', '=', option)
  return (await rows.limit(1).executeTakeFirst()) !== undefined
}

/** Whether a ticket names this organization in a custom field. */
export async function isNamedByFields(db: Reader, organization_id: string): Promise<boolean> {
  const row = await db
    .selectFrom('fields')
    .innerJoin('ticket_field_values', 'ticket_field_values.field_id', 'fields.id')
    .select('fields.id')
    .where('fields.type', '=', 'organization')
    .where('ticket_field_values.text_value', '=', organization_id)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

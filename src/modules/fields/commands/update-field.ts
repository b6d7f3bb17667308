import type { Static } from 'typebox'
import { fromJson, toJson } from '../../../platform/codecs.ts'
import type { Announcement } from '../../../platform/events.ts'
import { invalidField } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce, changedKeys } from '../../directory/index.ts'
import { removedOptions } from '../definition.ts'
import { fieldArchived, fieldUpdated } from '../events.ts'
import type { Option } from '../field.ts'
import { forgetDefinitions, toDefinition, toField } from '../queries/fields.ts'
import type { FieldPatch } from '../schema.ts'
import type { FieldRow } from '../tables.ts'
import type { HasValues } from '../values.ts'
import { lockField } from './lock-field.ts'
import { requireDefinition } from './require-definition.ts'

type Changes = Static<typeof FieldPatch>

/** Changes a field, takes it out of use or brings it back. Nothing is written or announced where nothing differs. */
export async function updateField(
  tx: Tx,
  actor: Announcement['actor'],
  what: { field_id: string; changes: Changes; if_match: readonly string[] | undefined; hasValues: HasValues },
): Promise<FieldRow> {
  const row = await lockField(tx, what)
  const { changes, hasValues } = what
  const next = { ...row, ...columnsAfter(tx, row, changes), updated_at: tx.now, version: row.version + 1 }
  const changed = changedKeys(toField(row, staffView), toField(next, staffView))
  if (changed.length === 0) return row
  const brought = { new_type_ids: changes.type_ids ?? [], isNewDefault: next.default_value !== row.default_value }
  await requireDefinition(tx, toDefinition(next), brought)
  await requireOptions(tx, row, { after: toDefinition(next).options, hasValues })
  const { id, created_at: _, ...columns } = next
  await tx.db.updateTable('fields').set(columns).where('id', '=', id).execute()
  const event = row.archived_at === null && next.archived_at !== null ? fieldArchived : fieldUpdated
  announce(tx, event, { actor, row: next, data: { changed } })
  forgetDefinitions(tx)
  return next
}

const staffView = { role: 'admin' } as const

function columnsAfter(tx: Tx, row: FieldRow, changes: Changes): Partial<FieldRow> {
  const { options, type_ids, archived, default: value, label, required, requester_access, position, ...nullable } = changes
  return {
    label: label ?? row.label,
    required: required ?? row.required,
    requester_access: requester_access ?? row.requester_access,
    position: position ?? row.position,
    ...nullable,
    ...(options === undefined ? {} : { options: toJson(optionsAfter(fromJson(row.options), options)) }),
    ...(type_ids === undefined ? {} : { type_ids: toJson([...type_ids].sort()) }),
    ...(value === undefined ? {} : { default_value: value === null ? null : toJson(value) }),
    ...(archived === undefined ? {} : { archived_at: archived ? (row.archived_at ?? tx.now) : null }),
  }
}

/** An option whose `archived` is not said stays as it was. */
function optionsAfter(before: readonly Option[], given: NonNullable<Changes['options']>): Option[] {
  return given.map(({ value, label, archived }) => ({
    value,
    label,
    archived: archived ?? before.find((option) => option.value === value)?.archived ?? false,
  }))
}

/** What tickets have stays among the options, so that it can be read, and never comes to mean something else. */
async function requireOptions(
  tx: Tx,
  row: FieldRow,
  { after, hasValues }: { after: readonly Option[]; hasValues: HasValues },
): Promise<void> {
  for (const value of removedOptions(fromJson(row.options), after))
    if (await hasValues(tx.db, { field_id: row.id, option: value }))
      throw invalidField('/options', 'in_use', `Tickets have ${value}: keep the option with "archived": true.`)
}

import type { Static } from 'typebox'
import { toJson } from '../../../platform/codecs.ts'
import { forUpdate, insertIfAbsent } from '../../../platform/database/dialect.ts'
import type { Announcement } from '../../../platform/events.ts'
import { newId } from '../../../platform/ids.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce } from '../../directory/index.ts'
import { fieldCreated } from '../events.ts'
import { MOST_FIELDS } from '../field.ts'
import { fieldKeyTaken, TooManyFields } from '../problems.ts'
import { forgetDefinitions, toDefinition } from '../queries/fields.ts'
import type { NewField } from '../schema.ts'
import type { FieldRow } from '../tables.ts'
import { requireDefinition } from './require-definition.ts'

/** Makes a custom field. */
export async function createField(tx: Tx, actor: Announcement['actor'], given: Static<typeof NewField>): Promise<FieldRow> {
  // Locked, so that no two are the last that there may be.
  const others = await forUpdate(tx.db, tx.db.selectFrom('fields').select('id')).execute()
  if (others.length >= MOST_FIELDS) throw TooManyFields()
  const { options = [], type_ids = [] } = given
  const row: FieldRow = {
    id: newId('fld'),
    key: given.key,
    label: given.label,
    requester_label: given.requester_label ?? null,
    type: given.type,
    options: toJson(options.map(({ value, label, archived = false }) => ({ value, label, archived }))),
    default_value: given.default === undefined || given.default === null ? null : toJson(given.default),
    required: given.required ?? 'never',
    requester_access: given.requester_access ?? 'none',
    type_ids: toJson([...type_ids].sort()),
    max_length: given.max_length ?? null,
    minimum: given.minimum ?? null,
    maximum: given.maximum ?? null,
    position: given.position ?? 0,
    archived_at: null,
    created_at: tx.now,
    updated_at: tx.now,
    version: 1,
  }
  await requireDefinition(tx, toDefinition(row), { new_type_ids: type_ids, isNewDefault: true })
  if (!(await insertIfAbsent(tx.db, 'fields', row))) throw fieldKeyTaken()
  announce(tx, fieldCreated, { actor, row, data: { key: row.key, type: row.type } })
  forgetDefinitions(tx)
  return row
}

import { toTime } from '../../platform/codecs.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { findFileFaults } from './attachments.ts'
import { type Fault, findFaults } from './faults.ts'
import { contentOf } from './macro.ts'
import type { CannedReply, Macro } from './schema.ts'
import type { MacroRow } from './tables.ts'

/** Rows as everybody who sees them sees them, each with what is wrong in it by now. */
export async function toObjects(db: Reader, rows: readonly MacroRow[]): Promise<(CannedReply | Macro)[]> {
  const kind = rows[0]?.kind
  const faults = await findFaults(db, rows.map(contentOf), { at: kind === 'macro' ? '/message' : '' })
  const files = await findFileFaults(db, rows)
  return rows.map((row, i) => toObject(row, [...(faults[i] ?? []), ...(files[i] ?? [])]))
}

export async function toOneObject(db: Reader, row: MacroRow): Promise<CannedReply | Macro> {
  const [one] = await toObjects(db, [row])
  if (!one) throw new Error(`${row.id} was not shown`)
  return one
}

function toObject(row: MacroRow, faults: Fault[]): CannedReply | Macro {
  const { id, kind, name, shortcut, visibility, team_id, owner_id, version } = row
  const { message, changes } = contentOf(row)
  const head = { id, name, shortcut, visibility, team_id, owner_id }
  const tail = { faults, created_at: toTime(row.created_at), updated_at: toTime(row.updated_at), version }
  const text = message && { variants: [...message.variants], attachment_ids: [...message.attachment_ids] }
  if (kind === 'canned_reply')
    return { object: 'canned_reply', ...head, ...(text ?? { variants: [], attachment_ids: [] }), ...tail }
  const written = message && text && { visibility: message.visibility, ...text }
  // Kept as it was sent, by the same schema.
  return { object: 'macro', ...head, message: written, changes: changes as Macro['changes'], ...tail }
}

import type { Actor } from '../../platform/actor.ts'
import { invalidField } from '../../platform/problems.ts'
import { AttachmentInfected, AttachmentNotScanned } from './problems.ts'
import type { AttachmentRow, ScanState } from './tables.ts'

/** Whether somebody sees an upload that no message names yet. */
export function seesUnnamed(actor: Actor, { uploader_id }: Pick<AttachmentRow, 'uploader_id'>): boolean {
  return actor.role === 'admin' || uploader_id === actor.id
}

/** Whether somebody may remove an attachment that he sees. */
export function canDelete(actor: Actor, { uploader_id, message_id }: Pick<AttachmentRow, 'uploader_id' | 'message_id'>): boolean {
  return actor.role === 'admin' || (message_id === null && uploader_id === actor.id)
}

/**
 * Whether the content may be given out, as far as a scanner has a word in it. Where there is none any more, nobody waits for it.
 */
export function isReadable({ scan_state }: { scan_state: ScanState }, isScanned: boolean): boolean {
  if (scan_state === 'infected') return false
  return !isScanned || scan_state === 'clean'
}

/** Throws unless the content may be given out. */
export function requireReadable(row: { scan_state: ScanState }, isScanned: boolean): void {
  if (row.scan_state === 'infected') throw AttachmentInfected()
  if (!isReadable(row, isScanned)) throw AttachmentNotScanned()
}

/** Throws where a message would have more attachments than the desk lets it. */
export function requireFew(attachment_ids: readonly string[] | undefined, most: number, pointer = '/attachment_ids'): void {
  if ((attachment_ids?.length ?? 0) > most) throw invalidField(pointer, 'too_many', `must have at most ${most} entries`)
}

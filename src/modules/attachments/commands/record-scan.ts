import { systemActor } from '../../../platform/actor.ts'
import { forUpdate } from '../../../platform/database/dialect.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce } from '../../directory/index.ts'
import { attachmentScanned } from '../events.ts'
import type { AttachmentRow, ScanState } from '../tables.ts'

/** What a scanner says. */
export interface Verdict {
  scan_state: Extract<ScanState, 'clean' | 'infected' | 'failed'>
  signature: string | null
}

/**
 * Writes down what a scanner says of an attachment. What is infected is so for everybody who uploaded the same content. Twice is the
 * same as once.
 */
export async function recordScan(tx: Tx, attachment_id: string, { scan_state, signature }: Verdict): Promise<void> {
  const one = await tx.db.selectFrom('attachments').select('sha256').where('id', '=', attachment_id).executeTakeFirst()
  if (!one) return
  const alike = tx.db.selectFrom('attachments').selectAll().where('sha256', '=', one.sha256).orderBy('id')
  const rows = await forUpdate(
    tx.db,
    scan_state === 'infected' ? alike : alike.where('id', '=', attachment_id).where('scan_state', 'in', ['pending', 'unscanned']),
  ).execute()
  for (const row of rows) if (row.scan_state !== scan_state) await write(tx, row, { scan_state, signature })
}

async function write(tx: Tx, row: AttachmentRow, { scan_state, signature }: Verdict): Promise<void> {
  const set = { scan_state, updated_at: tx.now, version: row.version + 1 }
  await tx.db.updateTable('attachments').set(set).where('id', '=', row.id).execute()
  announce(tx, attachmentScanned, { actor: systemActor, row: { ...row, ...set }, data: { scan_state, signature } })
}

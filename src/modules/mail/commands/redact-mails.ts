import { sql } from 'kysely'
import { redacted } from '../../../platform/redaction.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { OutboxMailRow } from '../tables.ts'

const BATCH = 100

/** Takes a passage out of the mails that were kept since a time. */
export async function redactMails(tx: Tx, { passage, since }: { passage: string; since: number }): Promise<void> {
  const inHtml = toHtml(passage)
  for (let after = ''; ; ) {
    // By instr, which knows no wildcards and no case on any engine.
    const rows: OutboxMailRow[] = await tx.db
      .selectFrom('outbox_mails')
      .selectAll()
      .where('created_at', '>=', since)
      .where('id', '>', after)
      .where(
        sql<boolean>`(instr(subject, ${passage}) > 0 or instr(text, ${passage}) > 0 or instr(html, ${passage}) > 0 or instr(html, ${inHtml}) > 0)`,
      )
      .orderBy('id')
      .limit(BATCH)
      .execute()
    for (const { id, subject, text, html } of rows)
      await tx.db
        .updateTable('outbox_mails')
        .set({
          subject: redacted(subject, passage).slice(0, 1000),
          text: redacted(text, passage),
          html: html === null ? null : redacted(redacted(html, inHtml), passage),
        })
        .where('id', '=', id)
        .execute()
    const last = rows.at(-1)
    if (!last || rows.length < BATCH) return
    after = last.id
  }
}

/** A text as it stands in HTML. */
function toHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

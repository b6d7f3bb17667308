import { toJson } from '../../../platform/codecs.ts'
import { insertIfAbsent } from '../../../platform/database/dialect.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { Letter } from '../letter.ts'
import { toHeaderLine } from '../mail.ts'

/** Keeps a mail in the development outbox. The same mail is kept once, however often it is sent. */
export async function keepMail(
  tx: Tx,
  { outbox_id, header_id, letter }: { outbox_id: string; header_id: string; letter: Letter },
): Promise<void> {
  await insertIfAbsent(tx.db, 'outbox_mails', {
    id: outbox_id,
    to_address: letter.to.address,
    subject: toHeaderLine(letter.subject),
    text: letter.text,
    html: letter.html,
    headers: toJson(headersOf(letter, header_id)),
    created_at: tx.now,
  })
}

/** What a reader of mail goes by, beside subject and recipient. */
function headersOf({ from, reply_to, in_reply_to, references, ...letter }: Letter, header_id: string): Record<string, string> {
  const headers: Record<string, string | null> = {
    From: from.name === '' ? from.address : `${toHeaderLine(from.name)} <${from.address}>`,
    'Reply-To': reply_to,
    'Message-ID': header_id,
    'In-Reply-To': in_reply_to,
    References: references.join(' ') || null,
    'Auto-Submitted': letter.auto_submitted === 'no' ? null : letter.auto_submitted,
    'List-Unsubscribe': letter.list_unsubscribe && `<${letter.list_unsubscribe.url}>`,
    'Content-Language': letter.language,
  }
  return Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null))
}
